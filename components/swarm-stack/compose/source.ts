import { readFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type ScalarTag,
} from "yaml";
import type { Findings, Place } from "./findings";
import type { Path, Value } from "./values";

/** Integers as Compose reads them: `mode: 0440` is octal, unlike in YAML 1.2. */
const OCTAL: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  format: "OCT",
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/** A YAML file of the user, and the place of each key in it. */
export class Source {
  /** The folder that paths in it are relative to. */
  readonly folder: string;
  /** Relative to the working directory, for messages. */
  readonly name: string;
  readonly text: string;
  readonly value: Value;
  /** Whether it could not be read; the reason is a finding. */
  readonly broken: boolean;
  private readonly document: Document;
  private readonly lines = new LineCounter();

  /** @param path absolute */
  constructor(
    readonly path: string,
    findings: Findings,
  ) {
    this.folder = dirname(path);
    this.name = shown(path);
    this.text = readFileSync(path, "utf8");
    this.document = parseDocument(this.text, {
      lineCounter: this.lines,
      merge: true,
      prettyErrors: false,
      customTags: (tags) => [OCTAL, ...tags],
    });
    for (const { message, pos } of [...this.document.errors, ...this.document.warnings]) {
      findings.refuse(this.at(pos[0]), "", `${message}: correct the YAML here`);
    }
    const read = this.document.errors.length ? undefined : this.read(findings);
    this.broken = read === undefined;
    this.value = read?.value;
  }

  private read(findings: Findings): { value: Value } | undefined {
    try {
      return { value: this.document.toJS() as Value };
    } catch (error) {
      findings.refuse(this.at(0), "", `${(error as Error).message}: correct the YAML`);
      return undefined;
    }
  }

  /** The place of a key, or of the innermost existing key around it. */
  place(path: Path): Place {
    return this.look(path).place;
  }

  has(path: Path): boolean {
    return this.look(path).found;
  }

  private look(path: Path): { place: Place; found: boolean } {
    let node = this.resolved(this.document.contents);
    let place = this.at(0);
    for (const part of path) {
      const next = this.inner(node, part);
      if (!next) return { place, found: false };
      if (next.offset !== undefined) place = this.at(next.offset);
      node = this.resolved(next.node);
    }
    return { place, found: true };
  }

  private inner(
    node: Node | null,
    part: string | number,
  ): { offset?: number; node: Node | null } | undefined {
    if (isSeq(node)) {
      const item = node.items[Number(part)];
      return isNode(item) ? { offset: item.range?.[0], node: item } : undefined;
    }
    if (!isMap(node)) return undefined;
    const merged: Node[] = [];
    for (const { key, value } of node.items.filter(isPair)) {
      const name = isScalar(key) ? (key.source ?? String(key.value)) : "";
      if (name === `${part}` && isNode(key)) {
        return { offset: key.range?.[0], node: isNode(value) ? value : null };
      }
      if (name === "<<" && isNode(value)) merged.push(value);
    }
    for (const one of merged) {
      const from = this.resolved(one);
      for (const candidate of isSeq(from) ? from.items : [from]) {
        const found = this.inner(this.resolved(candidate as Node), part);
        if (found) return found;
      }
    }
    return undefined;
  }

  private resolved(node: Node | null | undefined): Node | null {
    if (isAlias(node)) return this.resolved(node.resolve(this.document));
    return node ?? null;
  }

  private at(offset: number): Place {
    return { file: this.name, line: Math.max(1, this.lines.linePos(offset).line) };
  }
}

/** A path as a user would type it. */
export function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short === "" || short.startsWith("..") ? path : short;
}
