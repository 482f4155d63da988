import { filesize } from "filesize";
import prettyMilliseconds from "pretty-ms";

/** Bytes in readable form: `3.2 GB` (of 1024³ bytes, as Spark counts). */
export const bytes = (count: number): string =>
  filesize(count, { base: 2, standard: "jedec", round: 1 });

/** MiB, as Spark reports them, in readable form. */
export const mebibytes = (count: number): string => bytes(count * 1024 ** 2);

/** `1 core`, `2 cores`. */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? "" : "s"}`;

/** `1 process`, `2 processes`. */
export const processes = (count: number): string =>
  count === 1 ? "1 process" : `${count} processes`;

/** Milliseconds as `2h 5m`, `40s`: the units that durations in settings use, too. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds === 0 ? "0s" : prettyMilliseconds(seconds * 1000, { unitCount: 2 });
}

/** A moment in this machine's time zone: `2026-11-21 14:30:00 CET`. */
export function localTime(moment: Date): string {
  return new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "long" }).format(moment);
}

/** An amount of money; small ones with all the digits that prices have. */
export function money(amount: number, currency: string): string {
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
    maximumFractionDigits: amount < 1 ? 5 : 2,
  }).format(amount);
}
