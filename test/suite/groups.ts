/** Files that one process runs one after another. */
export interface Group {
  name: string;
  files: string[];
}

/**
 * Folders whose files share something: a cluster, or the seconds that it takes to load Pulumi. Every other file has a
 * process of its own.
 */
const TOGETHER = [
  "test/e2e/workloads",
  "test/e2e/main",
  "test/unit/components",
  "test/unit/cli",
  "test/unit/suite",
  "test/contract",
];

/** The groups that start first: the longest, since at the end nothing is left to run beside them. */
const FIRST = [
  "test/e2e/workloads",
  "test/e2e/main",
  "test/e2e/clouds/digitalocean.test.ts",
  "test/e2e/clouds/aws.test.ts",
  "test/e2e/clouds",
  "test/e2e",
];

/** @param files from the project's folder */
export function groupsOf(files: string[]): Group[] {
  const groups = new Map<string, Group>();
  for (const file of [...files].sort()) {
    const name = TOGETHER.find((folder) => file.startsWith(`${folder}/`)) ?? file;
    const group = groups.get(name) ?? { name, files: [] };
    group.files.push(file);
    groups.set(name, group);
  }
  return [...groups.values()].sort((one, other) => rank(one) - rank(other));
}

function rank({ name }: Group): number {
  const place = FIRST.findIndex((path) => name.startsWith(path));
  return place < 0 ? FIRST.length : place;
}
