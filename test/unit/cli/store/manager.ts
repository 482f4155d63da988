import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Finished, type ProgramOptions, type Running, start } from "../../../../cli/programs";
import type { Ssh } from "../../../../cli/ssh/ssh";
import { cluster } from "../fixtures";

const FILES = join(__dirname, "../../../../images/spark/files");

/** A manager on this machine: the store's program runs as a process, not in Spark's container. */
export class FakeManager {
  readonly folder = mkdtempSync(join(tmpdir(), "spark-swarm-store-"));
  /** The options of `ssh`, without the command, of each connection. */
  readonly connections: string[][] = [];

  constructor(private readonly environment: Record<string, string>) {
    const bin = this.path("bin");
    mkdirSync(bin);
    const docker = `#!/bin/sh
if [ "$1" = ps ]; then echo container; exit; fi
shift 5
exec python3 -B ${FILES} "$@"
`;
    writeFileSync(join(bin, "docker"), docker);
    chmodSync(join(bin, "docker"), 0o755);
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  get ssh(): Ssh {
    const env = {
      ...process.env,
      ...this.environment,
      PATH: `${this.path("bin")}:${this.environment.PATH ?? process.env.PATH}`,
    };
    const fake: Pick<Ssh, "cluster" | "start" | "end"> = {
      cluster: { ...cluster, storage: "hdfs" },
      start: (_: string, options: string[], command: string, streams: ProgramOptions): Running => {
        this.connections.push(options);
        return start("bash", ["-c", command], { ...streams, env });
      },
      end: (_: string, { ended }: Running): Promise<Finished> => ended,
    };
    return fake as Ssh;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
