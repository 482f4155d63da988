import type { Field, Fields } from "../lib/fields";
import type { Checked } from "../lib/plugin";
import {
  ARCHIVE,
  ASSET,
  isObject,
  isSecret,
  type Properties,
  SIGNATURE,
  secret,
  UNKNOWN,
  type Value,
} from "../lib/values";

/** A resource type's inputs, by their names in the official plugin's messages. */
export interface InputType {
  name: string;
  fields: Fields;
}

const text: Field = { type: "string" };
const requiredText: Field = { type: "string", required: true };
const secretText: Field = { type: "string", secret: true };

const server: Fields = {
  user: { type: "string", default: "root" },
  password: secretText,
  host: requiredText,
  port: { type: "number", default: 22 },
  privateKey: secretText,
  privateKeyPassword: secretText,
  agentSocketPath: text,
  dialErrorLimit: { type: "number", default: 10 },
  perDialTimeout: { type: "number", default: 15 },
  hostKey: text,
};

const connection: Field = {
  type: "object",
  typeName: "remote.Connection",
  fields: {
    ...server,
    proxy: { type: "object", typeName: "remote.ProxyConnection", fields: server },
  },
  required: true,
  secret: true,
};

const triggers: Field = { type: "list", items: { type: "any" } };

const command: Fields = {
  triggers,
  create: text,
  update: text,
  delete: text,
  stdin: text,
  logging: text,
  environment: { type: "map", items: text },
  addPreviousOutputInEnv: { type: "boolean" },
};

export const LOCAL_COMMAND: InputType = {
  name: "local.CommandInputs",
  fields: {
    ...command,
    interpreter: { type: "list", items: text },
    dir: text,
    assetPaths: { type: "list", items: text },
    archivePaths: { type: "list", items: text },
  },
};

export const REMOTE_COMMAND: InputType = {
  name: "remote.CommandInputs",
  fields: { ...command, connection },
};

export const COPY_TO_REMOTE: InputType = {
  name: "remote.CopyToRemoteInputs",
  fields: {
    connection,
    triggers,
    source: { type: "asset", required: true },
    remotePath: requiredText,
  },
};

export const COPY_FILE: InputType = {
  name: "remote.CopyFileInputs",
  fields: { connection, triggers, localPath: requiredText, remotePath: requiredText },
};

type Failures = Checked["failures"];

/** Refuses what the official plugin refuses, in its words, and fills in its defaults. */
export function checkInputs({ name, fields }: InputType, inputs: Properties): Checked {
  const failures: Failures = [];
  const checked = checkObject(name, fields, inputs, failures);
  return { inputs: checked, failures };
}

function checkObject(
  typeName: string,
  fields: Fields,
  inputs: Properties,
  failures: Failures,
): Properties {
  const checked: Properties = {};
  for (const [key, field] of Object.entries(fields)) {
    const given = inputs[key] ?? field.default;
    if (given === undefined || given === null) {
      if (field.required) {
        failures.push({
          property: key,
          reason: `Missing required field '${key}' on '${typeName}'`,
        });
      }
      continue;
    }
    checked[key] = checkValue(typeName, key, field, given, failures);
  }
  for (const key of Object.keys(inputs)) {
    if (key in fields) continue;
    failures.push({ property: key, reason: `Unrecognized field '${key}' on '${typeName}'` });
  }
  return checked;
}

function checkValue(
  typeName: string,
  key: string,
  field: Field,
  value: Value,
  failures: Failures,
): Value {
  if (isSecret(value)) {
    return secret(
      checkValue(typeName, key, { ...field, secret: undefined }, value.value, failures),
    );
  }
  if (field.secret) {
    return secret(checkValue(typeName, key, { ...field, secret: undefined }, value, failures));
  }
  if (value === UNKNOWN || field.type === "any") return value;
  const actual = goType(value);
  const expected = GO_TYPES[field.type];
  if (!expected.accepts(value)) {
    const reason = `Field '${key}' on '${typeName}' must be a '${field.typeName ?? expected.name}'; got '${actual}' instead`;
    failures.push({ property: key, reason });
    return value;
  }
  if (field.type === "asset") return completeAsset(value as Properties);
  const { items, fields } = field;
  if (items && Array.isArray(value)) {
    return value.map((item) => checkValue(typeName, key, items, item, failures));
  }
  if (!isObject(value)) return value;
  if (items) {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        checkValue(typeName, `${key}[${name}]`, items, item, failures),
      ]),
    );
  }
  if (!fields) return value;
  const inner: Failures = [];
  const checked = checkObject(field.typeName ?? "", fields, value, inner);
  if (inner.length > 0) {
    const details = inner.map(({ property, reason }) => `\n\t${property}: ${reason}`).join("");
    failures.push({
      property: key,
      reason: `An error occurred decoding '${typeName.replace(/.*\./, "")}.${key}': ${inner.length} failures decoding:${details}`,
    });
  }
  return checked;
}

const GO_TYPES: Record<Field["type"], { name: string; accepts(value: Value): boolean }> = {
  string: { name: "string", accepts: (value) => typeof value === "string" },
  number: { name: "float64", accepts: (value) => typeof value === "number" },
  boolean: { name: "bool", accepts: (value) => typeof value === "boolean" },
  list: { name: "[]interface {}", accepts: Array.isArray },
  set: { name: "[]interface {}", accepts: Array.isArray },
  map: { name: "map[string]string", accepts: isObject },
  object: { name: "map[string]interface {}", accepts: isObject },
  asset: {
    name: "types.AssetOrArchive",
    accepts: (value) =>
      isObject(value) && (value[SIGNATURE] === ASSET || value[SIGNATURE] === ARCHIVE),
  },
  any: { name: "interface {}", accepts: () => true },
};

function goType(value: Value): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isObject(value)) return "map[string]interface {}";
  return (
    { string: "string", number: "float64", boolean: "bool" }[typeof value as "string"] ?? "nil"
  );
}

/** An asset as the official plugin returns it, with all of its fields. */
export function completeAsset(asset: Properties): Properties {
  const blank = { path: "", uri: "" };
  return asset[SIGNATURE] === ASSET ? { ...blank, text: "", ...asset } : { ...blank, ...asset };
}
