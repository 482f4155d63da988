import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import Docker from "dockerode";

/** Marks everything that these tests create. */
export const PREFIX = "contract-test";
export const IMAGE = `spark-swarm/${PREFIX}:latest`;

/** The daemon, or undefined if there is none to test with. */
export async function connect(): Promise<Docker | undefined> {
  const daemon = new Docker();
  try {
    await daemon.ping();
    return daemon;
  } catch {
    return undefined;
  }
}

/** An image of a shell that sleeps: these tests must not need a registry. */
export async function importImage(daemon: Docker): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), `${PREFIX}-`));
  try {
    const programs = ["/bin/sh", "/bin/sleep", "/bin/cat"];
    const libraries = programs.flatMap(
      (program) => execFileSync("ldd", [program], { encoding: "utf8" }).match(/\/\S+/g) ?? [],
    );
    for (const file of new Set([...programs, ...libraries])) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      cpSync(file, join(root, file), { dereference: true });
    }
    mkdirSync(join(root, "etc"));
    writeFileSync(join(root, "entry.sh"), "#!/bin/sh\nexec sleep 300\n", { mode: 0o755 });
    const archive = execFileSync("tar", ["-c", "-C", root, "."], { maxBuffer: 256 * 1024 * 1024 });
    const [repo, tag] = IMAGE.split(":");
    await new Promise<void>((resolve, reject) => {
      const options = { fromSrc: "-", repo, tag, changes: 'ENTRYPOINT ["/entry.sh"]' };
      daemon.modem.dial(
        {
          path: "/images/create?",
          method: "POST",
          file: archive,
          options,
          isStream: true,
          statusCodes: { 200: true, 500: "server error" },
        },
        (error, progress) => {
          if (error) return reject(error);
          daemon.modem.followProgress(progress as NodeJS.ReadableStream, (failure) =>
            failure ? reject(failure) : resolve(),
          );
        },
      );
    });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Removes what these tests, or an earlier killed run, left behind. */
export async function sweep(daemon: Docker): Promise<void> {
  const filters = { name: [PREFIX] };
  for (const { Id } of await daemon.listContainers({ all: true, filters })) {
    await daemon.getContainer(Id).remove({ force: true, v: true });
  }
  for (const { Id } of await daemon.listNetworks({ filters })) {
    await daemon.getNetwork(Id).remove();
  }
  for (const { Name } of (await daemon.listVolumes({ filters })).Volumes ?? []) {
    await daemon.getVolume(Name).remove();
  }
}

/** The names of what these tests have created and not removed. */
export async function leftovers(daemon: Docker): Promise<string[]> {
  const filters = { name: [PREFIX] };
  const containers = await daemon.listContainers({ all: true, filters });
  const networks = await daemon.listNetworks({ filters });
  const { Volumes } = await daemon.listVolumes({ filters });
  return [
    ...containers.flatMap(({ Names }) => Names),
    ...networks.map(({ Name }) => Name),
    ...(Volumes ?? []).map(({ Name }) => Name),
  ];
}
