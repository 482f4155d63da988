/** Gives a variable's value; undefined is a variable that is not set. */
export type Lookup = (name: string) => string | undefined;

/** A text requires a variable that is not set, or has a malformed one. */
export class InterpolationError extends Error {}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const OPERATOR = /^(:-|-|:\?|\?|:\+|\+)/;

/**
 * Substitutes variables in a text by the Compose Specification: `$X`, `${X}`, `${X:-default}`, `${X-default}`,
 * `${X:?error}`, `${X?error}`, `${X:+instead}`, `${X+instead}`, also nested; `$$` is a dollar sign.
 *
 * @param missing is called for each unset variable for which the text has no default
 * @throws InterpolationError
 */
export function interpolate(
  text: string,
  lookup: Lookup,
  missing: (name: string) => void = () => undefined,
): string {
  let result = "";
  let at = 0;
  for (;;) {
    const dollar = text.indexOf("$", at);
    if (dollar < 0) return result + text.slice(at);
    result += text.slice(at, dollar);
    const rest = text.slice(dollar + 1);
    if (rest.startsWith("$")) {
      result += "$";
      at = dollar + 2;
    } else if (rest.startsWith("{")) {
      const end = closingBrace(rest);
      if (end < 0) throw new InterpolationError(`'${text.slice(dollar)}' has no closing '}'`);
      result += substitute(rest.slice(1, end), lookup, missing);
      at = dollar + 1 + end + 1;
    } else {
      const [name] = NAME.exec(rest) ?? [];
      if (!name) {
        throw new InterpolationError(
          `'${text}' has no variable name after '$': write '$$' for a dollar sign`,
        );
      }
      result += plain(name, lookup, missing);
      at = dollar + 1 + name.length;
    }
  }
}

/** The index of the brace that closes the one at the text's start; -1 when none does. */
function closingBrace(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") depth++;
    if (text[at] === "}" && --depth === 0) return at;
  }
  return -1;
}

function substitute(inside: string, lookup: Lookup, missing: (name: string) => void): string {
  const [name] = NAME.exec(inside) ?? [];
  const after = inside.slice(name?.length ?? 0);
  const [operator] = OPERATOR.exec(after) ?? [];
  if (!name || (after !== "" && !operator)) {
    throw new InterpolationError(
      `'\${${inside}}' is not a variable: write a name, then nothing or one of :- - :? ? :+ +`,
    );
  }
  if (!operator) return plain(name, lookup, missing);
  const word = () => interpolate(after.slice(operator.length), lookup, missing);
  const value = lookup(name);
  const given = operator.startsWith(":") ? Boolean(value) : value !== undefined;
  if (operator.endsWith("+")) return given ? word() : "";
  if (given) return value ?? "";
  if (operator.endsWith("-")) return word();
  throw new InterpolationError(
    `the variable ${name} is ${value === undefined ? "not set" : "empty"}: ${word() || "it is required"}`,
  );
}

function plain(name: string, lookup: Lookup, missing: (name: string) => void): string {
  const value = lookup(name);
  if (value === undefined) missing(name);
  return value ?? "";
}
