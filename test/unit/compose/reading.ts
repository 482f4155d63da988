import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { ComposeError } from "../../../components/swarm-stack/compose/findings";
import { type ComposeStack, readCompose } from "../../../components/swarm-stack/compose/read";
import type { ReadOptions } from "../../../components/swarm-stack/compose/reading";
import type { Mapping } from "../../../components/swarm-stack/compose/values";

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with these files; one whose text begins with `#!` is executable. */
export function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), "compose-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    if (text.startsWith("#!")) chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Reads the file `compose.yaml` of a folder with these files. */
export function read(
  files: Record<string, string> | string,
  options: Partial<ReadOptions> = {},
): ComposeStack {
  const all = typeof files === "string" ? { "compose.yaml": files } : files;
  const path = join(folderWith(all), "compose.yaml");
  return readCompose(path, { stackName: "demo", ...options });
}

/** The deployed document, as Docker parses it. */
export function document(stack: ComposeStack): Mapping & { services: Record<string, Mapping> } {
  return parse(stack.compose, { version: "1.1", merge: true });
}

/** The result for one service with these lines. */
export function service(
  lines: string,
  options: Partial<ReadOptions> = {},
  rest = "",
): { made: Mapping; notes: string[] } {
  const stack = read(serviceFile(lines, rest), options);
  const { web = {} } = document(stack).services;
  const { image: _, ...made } = web;
  return { made, notes: stack.notes.map(withoutFolder) };
}

function serviceFile(lines: string, rest: string): string {
  const indented = lines
    .trim()
    .split("\n")
    .map((line) => `    ${line}`);
  return ["services:", "  web:", "    image: nginx", ...indented, rest].join("\n");
}

/** The errors for Compose files that cannot be deployed, from `compose.yaml:LINE:` on. */
export function problems(
  files: Record<string, string> | string,
  options: Partial<ReadOptions> = {},
): string[] {
  try {
    read(files, options);
  } catch (error) {
    if (error instanceof ComposeError) return error.problems.map(withoutFolder);
    throw error;
  }
  return assert.fail("it was accepted");
}

export function serviceProblems(lines: string, options: Partial<ReadOptions> = {}, rest = "") {
  return problems(serviceFile(lines, rest), options);
}

export function withoutFolder(text: string): string {
  return text.replaceAll(/\S*\/compose-\w{6}\//g, "");
}
