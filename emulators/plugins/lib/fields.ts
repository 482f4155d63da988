/** One property of a resource type, as far as checks and comparisons need it. */
export interface Field {
  type: "string" | "number" | "boolean" | "list" | "set" | "map" | "object" | "asset" | "any";
  /** The type of a list's or set's items. */
  items?: Field;
  /** The fields of an object. */
  fields?: Fields;
  /** The name of an object of these fields in the official plugin's messages. */
  typeName?: string;
  required?: true;
  default?: boolean | number | string;
  secret?: boolean;
  /** If left out, a name is generated; the same holds for every field called `name`. */
  autonamed?: true;
  /** A change replaces the resource. */
  replaces?: true;
  /** Filled in by the provider if the program leaves it out. */
  computed?: true;
  /** The program cannot set it. */
  output?: true;
}

export type Fields = Record<string, Field>;
