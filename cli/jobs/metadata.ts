import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { CliError } from "../errors";

/** The requirements that a job's own metadata names. */
export interface Metadata {
  /** The local file that has them. */
  source: string;
  /** As pip names them. */
  dependencies: string[];
  /** A condition on Python's version: `>=3.10`. */
  requiresPython?: string;
}

/** packaging.python.org/en/latest/specifications/inline-script-metadata */
const BLOCK = /^# \/\/\/ ([a-zA-Z0-9-]+)$\s((?:^#(?:| .*)$\s)+)^# \/\/\/$/gm;

/**
 * Inline metadata of a job (PEP 723), else that of a pyproject.toml beside it; none when neither names a dependency.
 *
 * @throws CliError when they cannot be read
 */
export function metadataOf(job: string): Metadata | undefined {
  if (!job.endsWith(".py")) return undefined;
  const source = readFileSync(job, "utf8").replaceAll("\r\n", "\n");
  const blocks = [...source.matchAll(BLOCK)].filter(([, type]) => type === "script");
  if (blocks.length > 1) {
    throw new CliError(
      "usage",
      `${job} has ${blocks.length} blocks \`# /// script\`; only one is allowed.`,
    );
  }
  const [block] = blocks;
  if (block?.[2] !== undefined) {
    const toml = block[2].replace(/^# ?/gm, "");
    return needs(job, parse(job, toml), "");
  }
  const project = join(dirname(job), "pyproject.toml");
  if (!existsSync(project)) return undefined;
  const name = relative("", project);
  return needs(name, section(parse(name, readFileSync(project, "utf8")), "project"), "project.");
}

type Table = Record<string, unknown>;

function parse(file: string, toml: string): Table {
  const { parse }: typeof import("smol-toml") = require("smol-toml");
  try {
    return parse(toml);
  } catch (error) {
    throw new CliError("usage", `${file}: ${(error as Error).message.trim()}`);
  }
}

function section(table: Table, key: string): Table {
  const value = table[key];
  return typeof value === "object" && value !== null ? (value as Table) : {};
}

function needs(source: string, table: Table, prefix: string): Metadata | undefined {
  const { dependencies = [], "requires-python": requiresPython } = table;
  if (!Array.isArray(dependencies) || !dependencies.every((each) => typeof each === "string")) {
    throw new CliError("usage", `${source}: ${prefix}dependencies must be a list of strings.`);
  }
  if (requiresPython !== undefined && typeof requiresPython !== "string") {
    throw new CliError("usage", `${source}: ${prefix}requires-python must be a string.`);
  }
  if (dependencies.length === 0) return undefined;
  return { source, dependencies, requiresPython };
}
