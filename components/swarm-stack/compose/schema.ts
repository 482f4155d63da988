import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Ajv, { type ErrorObject, type ValidateFunction } from "ajv";
import { distance } from "fastest-levenshtein";
import type { Findings } from "./findings";
import type { Source } from "./source";
import { keyOf, type Path, type Value } from "./values";

let compiled: ValidateFunction | undefined;

/** The Compose Specification's schema, from the package of a linter for Compose files. */
function validator(): ValidateFunction {
  if (!compiled) {
    const folder = dirname(require.resolve("dclint/package.json"));
    const schema = JSON.parse(readFileSync(join(folder, "schemas", "compose.schema.json"), "utf8"));
    // Ajv knows this draft of JSON Schema by another address.
    delete schema.$schema;
    compiled = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(schema);
  }
  return compiled;
}

/** Checks a file's value, after substitution, against the Compose Specification. */
export function checkSchema(value: Value, source: Source, findings: Findings): boolean {
  const validate = validator();
  if (validate(value)) return true;
  for (const [pointer, errors] of telling(validate.errors ?? [])) {
    const path = pathOf(pointer);
    for (const { path: at, text } of describe(path, errors)) {
      findings.refuse(source.place(at), keyOf(at), text);
    }
  }
  return false;
}

/**
 * The useful errors, by place. Where several forms are allowed, each form reports errors: the useful ones are those of
 * the form whose type the value has.
 */
function telling(errors: ErrorObject[]): Map<string, ErrorObject[]> {
  const byPointer = new Map<string, ErrorObject[]>();
  const found = errors.filter(({ keyword }) => keyword !== "oneOf" && keyword !== "anyOf");
  for (const error of found) {
    const { instancePath, keyword } = error;
    const deeper = found.some(
      (other) =>
        (other.instancePath.startsWith(`${instancePath}/`) ||
          (other.instancePath === instancePath && other.keyword !== "type")) &&
        other !== error,
    );
    if (keyword === "type" && deeper) continue;
    byPointer.set(instancePath, [...(byPointer.get(instancePath) ?? []), error]);
  }
  // A value that fits two forms at once fails without another error.
  if (byPointer.size === 0) for (const error of errors) byPointer.set(error.instancePath, [error]);
  return byPointer;
}

function pathOf(pointer: string): Path {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function describe(path: Path, errors: ErrorObject[]): { path: Path; text: string }[] {
  const types = errors.filter(({ keyword }) => keyword === "type");
  const others = errors.filter(({ keyword }) => keyword !== "type");
  const found = others.map((error) => {
    const { keyword, params, parentSchema } = error;
    if (keyword === "additionalProperties") {
      const key = params.additionalProperty as string;
      return { path: [...path, key], text: unknownKey(key, parentSchema) };
    }
    if (keyword === "required") {
      return { path, text: `${params.missingProperty} is missing: write it below this key` };
    }
    if (keyword === "enum") {
      const allowed = (params.allowedValues as unknown[]).join(", ");
      return { path, text: `${shownValue(error.data)} was given; it must be one of: ${allowed}` };
    }
    return { path, text: `${shownValue(error.data)} was given; it ${error.message}` };
  });
  const [first] = types;
  if (first) {
    const allowed = [...new Set(types.flatMap(({ params }) => [params.type].flat() as string[]))];
    const given = first.data;
    const text = `${shownValue(given)} was given; it must be ${allowed.map(typeName).join(" or ")}`;
    // By far the most frequent of these errors.
    const quotes = allowed.includes("string") && ["number", "boolean"].includes(typeof given);
    found.push({ path, text: quotes ? `${text}: write "${given}"` : text });
  }
  return found;
}

function unknownKey(key: string, schema: ErrorObject["parentSchema"]): string {
  const known = Object.keys((schema?.properties as object | undefined) ?? {});
  if (known.length === 0) {
    return "this name is not allowed: use only letters, digits and . _ -";
  }
  const near = known
    .map((name) => ({ name, far: distance(key, name) }))
    .filter(({ far }) => far <= Math.ceil(key.length / 3))
    .sort((one, other) => one.far - other.far)[0];
  const meant = near ? `did you mean ${near.name}? ` : "";
  return `there is no such key here; ${meant}Remove it, or name it x-${key} if it is a note of your own`;
}

const TYPES: Record<string, string> = {
  string: "text",
  object: "a mapping",
  array: "a list",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "nothing",
};

function typeName(type: string): string {
  return TYPES[type] ?? type;
}

function shownValue(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
