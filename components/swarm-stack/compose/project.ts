import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Findings, Place } from "./findings";
import { InterpolationError, interpolate } from "./interpolate";
import { localise } from "./localise";
import { mergeServices } from "./merge";
import { checkSchema } from "./schema";
import { Source } from "./source";
import {
  isMapping,
  keyOf,
  list,
  type Mapping,
  mapping,
  mapTexts,
  type Path,
  texts,
} from "./values";
import { dotEnv, envFile, type Variables } from "./variables";

export const SECTIONS = ["services", "networks", "volumes", "configs", "secrets"] as const;
export type Section = (typeof SECTIONS)[number];

/** A service, network, volume, config or secret, and the places of its keys. */
export class Element {
  constructor(
    readonly value: Mapping,
    private readonly origins: { source: Source; prefix: Path }[],
  ) {}

  /** @param path inside of the element */
  place(path: Path): Place {
    const [first] = this.origins;
    if (!first) throw new Error("an element stands somewhere");
    const { source, prefix } =
      this.origins.find(({ source: one, prefix: at }) => one.has([...at, ...path])) ?? first;
    return source.place([...prefix, ...path]);
  }

  over(base: Element): Element {
    const { extends: _, ...own } = this.value;
    return new Element(mergeServices(base.value, own), [...this.origins, ...base.origins]);
  }
}

/** The content of a Compose file, and of those that it includes or extends. */
export class Project {
  readonly sections: Record<Section, Map<string, Element>> = {
    services: new Map(),
    networks: new Map(),
    volumes: new Map(),
    configs: new Map(),
    secrets: new Map(),
  };
  /** The file itself; undefined when it cannot be read as a Compose file. */
  main: { source: Source; value: Mapping } | undefined;
  private readonly files = new Map<string, { source: Source; value: Mapping } | undefined>();

  constructor(
    private readonly findings: Findings,
    /** @param path absolute */
    path: string,
    variables: Variables,
  ) {
    const known = variables.with(dotEnv(dirname(path), variables.lookup, findings));
    this.main = this.read(path, dirname(path), known);
    this.variables = known;
    if (this.main) this.add(path, dirname(path), known, [path]);
  }
  /** Those of the file itself, with its `.env`. */
  readonly variables: Variables;

  private read(path: string, folder: string, variables: Variables) {
    if (this.files.has(path)) return this.files.get(path);
    const source = new Source(path, this.findings);
    const file = this.understood(source, folder, variables);
    this.files.set(path, file);
    return file;
  }

  private understood(source: Source, folder: string, variables: Variables) {
    const { findings } = this;
    if (source.broken) return undefined;
    if (!isMapping(source.value)) {
      findings.refuse(source.place([]), "", "a Compose file is a mapping with the key services");
      return undefined;
    }
    const before = findings.problems.length;
    const value = mapTexts(source.value, (text, path) => {
      if (!text.includes("$") || `${path[0]}`.startsWith("x-")) return text;
      const place = source.place(path);
      try {
        return interpolate(text, variables.lookup, (name) =>
          findings.say(
            place,
            keyOf(path),
            `the variable ${name} has no value, so it is empty here; give it one, or write \${${name}:-}`,
          ),
        );
      } catch (error) {
        if (!(error instanceof InterpolationError)) throw error;
        findings.refuse(place, keyOf(path), error.message);
        return text;
      }
    }) as Mapping;
    // A variable without a value would be reported a second time.
    if (findings.problems.length > before || !checkSchema(value, source, findings))
      return undefined;
    return { source, value: localise(value, folder) };
  }

  /** Adds the content of a file, and of those that it includes. */
  private add(path: string, folder: string, variables: Variables, chain: string[]): void {
    const file = this.read(path, folder, variables);
    if (!file) return;
    const { source, value } = file;
    for (const section of SECTIONS) {
      for (const name of Object.keys(mapping(value[section]))) {
        const element =
          section === "services"
            ? this.service(source, value, name, [])
            : new Element(mapping(mapping(value[section])[name]), [
                { source, prefix: [section, name] },
              ]);
        const there = this.sections[section].get(name);
        if (there && !isDeepStrictEqual(there.value, element.value)) {
          this.findings.refuse(
            source.place([section, name]),
            `${section}.${name}`,
            "another file defines this name differently: rename one of them",
          );
        }
        this.sections[section].set(name, element);
      }
    }
    for (const [index, entry] of list(value.include).entries()) {
      this.include(source, index, isMapping(entry) ? entry : { path: entry }, variables, chain);
    }
  }

  private include(
    source: Source,
    index: number,
    entry: Mapping,
    variables: Variables,
    chain: string[],
  ): void {
    const place = source.place(["include", index]);
    const key = `include[${index}]`;
    const [first, ...more] = texts(entry.path);
    if (first === undefined || more.length) {
      this.findings.refuse(place, key, "one path is expected here: write several entries");
      return;
    }
    const path = resolve(source.folder, first);
    if (chain.includes(path)) {
      this.findings.refuse(
        place,
        key,
        `${first} includes this file in turn: remove one of the two`,
      );
      return;
    }
    if (!this.isFile(path, place, key, first)) return;
    const folder = resolve(source.folder, `${entry.project_directory ?? dirname(first)}`);
    const files = texts(entry.env_file).map((name) => resolve(source.folder, name));
    const values = entry.env_file
      ? files
          .filter((file) => this.isFile(file, place, `${key}.env_file`, file))
          .map((file) => envFile(file, variables.lookup, this.findings))
      : [dotEnv(folder, variables.lookup, this.findings)];
    this.add(path, folder, variables.with(Object.assign({}, ...values)), [...chain, path]);
  }

  /** A service with what it extends. */
  private service(source: Source, file: Mapping, name: string, chain: string[]): Element {
    const value = mapping(mapping(file.services)[name]);
    const element = new Element(value, [{ source, prefix: ["services", name] }]);
    const { extends: extended } = value;
    if (extended === undefined) return element;
    const { service, file: other } = isMapping(extended)
      ? extended
      : { service: extended, file: undefined };
    const place = element.place(["extends"]);
    const key = `services.${name}.extends`;
    const path = other === undefined ? source.path : resolve(source.folder, `${other as string}`);
    const id = `${path} ${service as string}`;
    if (chain.includes(id)) {
      this.findings.refuse(
        place,
        key,
        "it extends itself through other services: remove one of them",
      );
      return element;
    }
    if (!this.isFile(path, place, key, `${other as string}`)) return element;
    const from = this.read(path, dirname(path), this.variables);
    if (!from) return element;
    if (!isMapping(mapping(from.value.services)[`${service as string}`])) {
      const known = Object.keys(mapping(from.value.services)).join(", ") || "none";
      this.findings.refuse(
        place,
        key,
        `there is no service ${service as string} in ${from.source.name}; its services: ${known}`,
      );
      return element;
    }
    const base = this.service(from.source, from.value, `${service as string}`, [...chain, id]);
    return element.over(base);
  }

  private isFile(path: string, place: Place, key: string, given: string): boolean {
    if (existsSync(path) && statSync(path).isFile()) return true;
    this.findings.refuse(place, key, `there is no file ${given} (${path})`);
    return false;
  }
}
