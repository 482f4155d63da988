import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beside, type Ended, FAKES, type Rule } from "./shell";

/** Programs that would change this machine or contact another one. */
const FAKED = [
  ...["docker", "dockerd", "systemctl", "pidof", "pkill", "apt-get", "hostname", "chown"],
  ...["ip", "iptables", "nsenter", "ss", "ssh", "curl"],
];

/** Replaces bash's own `kill`, and records each call like a fake's. */
const PRELUDE = `kill() { printf 'kill %s\\n' "$*" >>"$FAKE_DOCKER/calls"; }; export -f kill\n`;

/** System paths that scripts read and write, but not paths in quoted text for another machine. */
const SYSTEM_PATH = /(?<![\w$}"./-])\/(etc|run|var|root|data|usr\/local|usr\/sbin)\b/g;

/** What a program gets in addition to the machine. */
export interface Start {
  rules?: Rule[];
  environment?: Record<string, string>;
  args?: string[];
  /** Standard input. */
  input?: string;
}

/** A folder as a machine's file system, in which scripts run with fakes of {@link FAKED}. */
export class Machine {
  readonly root = mkdtempSync(join(tmpdir(), "machine-"));

  constructor(files: Record<string, string> = {}) {
    mkdirSync(join(this.root, "fakes"));
    for (const name of FAKED) this.fake(name);
    symlinkSync(join(FAKES, "sleep"), join(this.root, "fakes/sleep"));
    for (const [path, text] of Object.entries(files)) this.write(path, text);
  }

  /** Fakes a program: it answers by rules, and its calls are recorded. */
  fake(name: string): void {
    const path = join(this.root, "fakes", name);
    rmSync(path, { force: true });
    symlinkSync(join(FAKES, "docker"), path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    // A fake is a link to a file outside the machine.
    rmSync(join(this.root, path), { force: true });
    writeFileSync(join(this.root, path), text);
    chmodSync(join(this.root, path), mode);
  }

  /** A file's text, without the folder in front of its paths. */
  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8").replaceAll(this.root, "");
  }

  exists(path: string): boolean {
    return existsSync(join(this.root, path));
  }

  /** The mode of a file, such as `600`. */
  mode(path: string): string {
    return (statSync(join(this.root, path)).mode & 0o777).toString(8);
  }

  /** Writes a script to a file and runs it in this machine's file system. */
  run(text: string, rules: Rule[] = []): Ended {
    const [first = "", ...lines] = text.replace(SYSTEM_PATH, `${this.root}/$1`).split("\n");
    const prelude = first.endsWith("bash") ? [PRELUDE] : [];
    // The first line stays first: the kernel reads the interpreter from it.
    this.write("script", [first, ...prelude, ...lines].join("\n"), 0o755);
    return this.start("script", { rules });
  }

  /** Runs a file of this machine. */
  start(path: string, { rules = [], environment = {}, args = [], input = "" }: Start = {}): Ended {
    const ended = beside(rules, (faked) =>
      spawnSync(join(this.root, path), args, {
        input,
        encoding: "utf8",
        timeout: 90_000,
        env: {
          ...faked,
          ...environment,
          TMPDIR: this.root,
          PATH: `${join(this.root, "fakes")}:${process.env.PATH}`,
        },
      }),
    );
    const plain = (given: string) => given.replaceAll(this.root, "");
    return {
      ...ended,
      stdout: plain(ended.stdout),
      stderr: plain(ended.stderr),
      calls: ended.calls.map(plain),
    };
  }

  remove(): void {
    rmSync(this.root, { recursive: true, maxRetries: 20, retryDelay: 100 });
  }
}
