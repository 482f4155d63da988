import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type FolderFile, filesOfFolder } from "./folders";

/** The modules and packages beside a job that it imports, and those that these import. */
export interface Modules {
  /** The files of each by its name, as they are named beside the job. */
  beside: Map<string, FolderFile[]>;
  /** Modules that are not beside the job but in a folder that may be the intended one: its path. */
  elsewhere: Map<string, string>;
}

/** Finds what `python job.py` would find, where the job's folder is searched first. */
export function modulesOf(job: string): Modules {
  const folder = dirname(resolve(job));
  const beside = new Map<string, FolderFile[]>();
  const elsewhere = new Map<string, string>();
  const seen = new Set<string>();
  const look = (file: string) => {
    for (const name of importsOf(readFileSync(file, "utf8"))) {
      if (seen.has(name)) continue;
      seen.add(name);
      const files = moduleIn(folder, name);
      if (files) {
        beside.set(name, files);
        for (const { local } of files) if (local.endsWith(".py")) look(local);
      } else {
        const place = placesNear(folder).find((near) => isModule(near, name));
        if (place) elsewhere.set(name, pathOf(place, name));
      }
    }
  };
  look(job);
  return { beside, elsewhere };
}

/**
 * The top-level names of a program's imports: for `from a.b import c`, `a`; without imports relative to its package.
 */
export function importsOf(source: string): Set<string> {
  const { parser }: typeof import("@lezer/python") = require("@lezer/python");
  const names = new Set<string>();
  parser.parse(source).iterate({
    enter: ({ name, node }) => {
      if (name !== "ImportStatement") return;
      let first = true;
      for (let part = node.firstChild; part; part = part.nextSibling) {
        const text = source.slice(part.from, part.to);
        if (part.name === "VariableName" && first) names.add(text);
        // After `from`, only the first name is a module; after `import`, each one after a comma.
        if (text === "from" || text === "import" || text === ",") first = true;
        else first = false;
        if (text === "import" && node.firstChild?.name === "from") break;
      }
    },
  });
  return names;
}

/** A folder without Python files, such as one of data, is no package. */
function moduleIn(folder: string, name: string): FolderFile[] | undefined {
  const file = `${name}.py`;
  if (isFile(join(folder, name, "__init__.py")) || !isFile(join(folder, file))) {
    if (!isPackage(join(folder, name))) return undefined;
    return filesOfFolder(join(folder, name)).map((each) => ({
      ...each,
      name: `${name}/${each.name}`,
    }));
  }
  const local = join(folder, file);
  return [{ local, name: file, size: statSync(local).size }];
}

export function isPackage(folder: string): boolean {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return false;
  return readdirSync(folder).some(
    (name) => name.endsWith(".py") || isFile(join(folder, name, "__init__.py")),
  );
}

const isModule = (folder: string, name: string): boolean =>
  isFile(join(folder, `${name}.py`)) || isFile(join(folder, name, "__init__.py"));

const isFile = (path: string): boolean => existsSync(path) && statSync(path).isFile();

/** Where a project's modules are if it runs from its top folder. */
function placesNear(folder: string): string[] {
  const tops = [folder, dirname(folder), process.cwd()];
  return tops.flatMap((top) => [top, join(top, "src")]).slice(1);
}

function pathOf(place: string, name: string): string {
  const path = join(place, isFile(join(place, `${name}.py`)) ? `${name}.py` : name);
  return relative(process.cwd(), path);
}
