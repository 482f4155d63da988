import type { z } from "zod";

// What a schema reveals about the configuration that it describes.

/** The keys that a schema has below a path; none at the end of a path. */
export function knownKeys(schema: z.core.$ZodType, path: PropertyKey[]): string[] {
  return Object.keys(shapeOf(at(schema, path)) ?? {});
}

/** Whether a schema has a list at a path. */
export function isList(schema: z.core.$ZodType, path: PropertyKey[]): boolean {
  return definition(unwrapped(at(schema, path))).element !== undefined;
}

function at(schema: z.core.$ZodType, path: PropertyKey[]): z.core.$ZodType | undefined {
  return path.reduce<z.core.$ZodType | undefined>(inner, schema);
}

function inner(type: z.core.$ZodType | undefined, part: PropertyKey): z.core.$ZodType | undefined {
  if (typeof part === "number") return definition(unwrapped(type)).element;
  return shapeOf(type)?.[String(part)];
}

function shapeOf(type: z.core.$ZodType | undefined): Record<string, z.core.$ZodType> | undefined {
  return definition(unwrapped(type)).shape;
}

/** The parts of a schema's definition that lead to what is inside. */
interface Definition {
  innerType?: z.core.$ZodType;
  in?: z.core.$ZodType;
  out?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
}

function definition(type: z.core.$ZodType | undefined): Definition {
  return (type?._zod.def ?? {}) as Definition;
}

/** The type without the defaults and preprocessing around it. */
function unwrapped(type: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  const { innerType, options = [], out, in: from } = definition(type);
  const next = innerType ?? [...options, out, from].find((one) => one && leadsInside(one));
  return next ? unwrapped(next) : type;
}

function leadsInside(type: z.core.$ZodType): boolean {
  const { shape, element } = definition(unwrapped(type));
  return shape !== undefined || element !== undefined;
}
