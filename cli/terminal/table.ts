import Table from "cli-table3";

/** Turns off everything that the library draws around cells. */
const FRAME = [
  ...["top", "top-left", "top-mid", "top-right", "bottom", "bottom-left", "bottom-mid"],
  ...["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid", "middle"],
];

/** Rows in columns, separated by two blanks, without trailing blanks. */
export function table(rows: string[][], indent = "  "): string {
  const columns = new Table({
    chars: Object.fromEntries(FRAME.map((part) => [part, ""])),
    style: { "padding-left": 0, "padding-right": 2 },
  });
  columns.push(...rows);
  return columns
    .toString()
    .split("\n")
    .map((line) => `${indent}${line}`.trimEnd())
    .join("\n");
}
