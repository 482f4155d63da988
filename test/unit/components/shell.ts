import assert from "node:assert/strict";
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shellQuote } from "../../../components/script";

const COMPONENTS = join(__dirname, "../../../components");
/** Fakes of programs that are missing here, or must not run here. */
export const FAKES = join(__dirname, "fixtures/bin");

/** One answer of Docker's client: see fixtures/bin/docker. */
export interface Rule {
  /** A shell pattern for the whole command line, with the program's name unless it is `docker`. */
  when: string;
  answer?: string;
  /** How often, before the next rule that matches applies. Default: always. */
  times?: number;
  status?: number;
}

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
  calls: string[];
  /** The Compose document, or standard input, that Docker's client was given. */
  document?: string;
  input?: string;
}

/** Runs a component's script like its command, with a fake Docker client that answers by rules. */
export function runScript(script: string, variables: Record<string, string>, rules: Rule[]): Ended {
  // Not in the environment: programs that the script starts must not see them.
  const assignments = Object.entries(variables).map(
    ([name, value]) => `${name}=${shellQuote(value)}`,
  );
  const text = readFileSync(join(COMPONENTS, script), "utf8");
  return beside(rules, (environment) =>
    spawnSync("sh", ["-c", 'eval "$(cat)"'], {
      input: [...assignments, text].join("\n"),
      encoding: "utf8",
      timeout: 90_000,
      env: { ...environment, PATH: `${FAKES}:${process.env.PATH}` },
    }),
  );
}

/** Calls that change something in the Swarm. */
export function changes({ calls }: Ended): string[] {
  return calls.filter((call) => /^(network create|node update|node rm|secret create)/.test(call));
}

/** Runs something with {@link FAKES} that answer by rules, and returns their calls. */
export function beside(
  rules: Rule[],
  start: (environment: Record<string, string>) => SpawnSyncReturns<string>,
): Ended {
  const folder = folderOf(rules);
  const read = (name: string) =>
    existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : undefined;
  try {
    const { status, stdout, stderr, signal } = start({ FAKE_DOCKER: folder, LC_ALL: "C" });
    assert.equal(signal, null, `it did not end:\n${stdout}${stderr}`);
    const calls = callsIn(folder);
    return { status, stdout, stderr, calls, document: read("document"), input: read("input") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A folder with the rules of {@link FAKES}, for the variable FAKE_DOCKER. */
export function folderOf(rules: Rule[]): string {
  const folder = mkdtempSync(join(tmpdir(), "fake-docker-"));
  const lines = rules.map(({ when, times = 999, status = 0, answer = "" }) =>
    [when, times, status, answer.replaceAll("\n", "\\n")].join("\t"),
  );
  writeFileSync(join(folder, "rules"), `${lines.join("\n")}\n`);
  return folder;
}

/** The calls of {@link FAKES}. */
export function callsIn(folder: string): string[] {
  const calls = join(folder, "calls");
  return existsSync(calls) ? readFileSync(calls, "utf8").split("\n").slice(0, -1) : [];
}

export function succeeds(ended: Ended): Ended {
  assert.equal(ended.status, 0, ended.stdout + ended.stderr);
  return ended;
}

export function fails(ended: Ended): Ended {
  assert.notEqual(ended.status, 0, ended.stdout);
  return ended;
}
