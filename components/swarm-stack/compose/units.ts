const SECONDS: Record<string, number> = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};
const BYTES = ["b", "k", "m", "g", "t", "p"];

/** The seconds of a duration such as 1m30s; undefined for any other text. */
export function seconds(text: string): number | undefined {
  if (text === "0") return 0;
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)].reduce(
    (sum, [, number, unit = "s"]) => sum + Number(number) * (SECONDS[unit] ?? 0),
    0,
  );
}

/** The bytes of a size such as 512m or 2gb; undefined for any other text. */
export function bytes(size: string | number): number | undefined {
  const [, number, unit = "b"] = /^(\d+(?:\.\d+)?)\s*([bkmgtp])?i?b?$/i.exec(`${size}`) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * 1024 ** BYTES.indexOf(unit.toLowerCase()));
}
