/** One property of a resource type, as far as checking and comparing need to know it. */
export interface Field {
  type: "string" | "number" | "boolean" | "list" | "set" | "map" | "object" | "asset" | "any";
  /** Of a list's or set's items. */
  items?: Field;
  /** Of an object. */
  fields?: Fields;
  /** What the official plugin's messages call an object of these fields. */
  typeName?: string;
  required?: true;
  default?: boolean | number | string;
  secret?: boolean;
  /** Left out, it gets a name that is made up; so does every field called `name`. */
  autonamed?: true;
  /** A change makes a new resource. */
  replaces?: true;
  /** Something else than the program fills it in when the program leaves it out. */
  computed?: true;
  /** The program cannot set it. */
  output?: true;
}

export type Fields = Record<string, Field>;
