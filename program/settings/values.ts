import { z } from "zod";

// Every message of the schemas continues "it must be ".

/** A number, or its text: `pulumi config set --path` keeps a fraction as text. */
export function numeric(inner: z.ZodNumber) {
  return z.preprocess(
    (given) => (typeof given === "string" && given.trim() !== "" ? Number(given) : given),
    inner,
  );
}

/** One word of these characters. */
export const word = (allowed: string, characters = /^[\w.:-]+$/) =>
  z.string(allowed).regex(characters, allowed);
