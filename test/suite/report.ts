import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Measurement } from "./measurement";

const FILE = join(__dirname, "../../.spark-swarm/test-times.json");
const SLOWEST = 20;

/** The results of a run of tests, its times, and what it skipped. */
export class Report {
  private readonly began = Date.now();
  private readonly measurements: Measurement[] = [];

  /** @param file where all measurements are stored */
  constructor(private readonly file = FILE) {}

  /** A further remark for the reader, a line. */
  note?: string;

  add(measurement: Measurement): void {
    this.measurements.push(measurement);
  }

  /** How many tests and hooks have been reported. */
  get size(): number {
    return this.testsAndHooks().length;
  }

  get failures(): Measurement[] {
    return this.measurements.filter(
      ({ kind, state }) => state === "failed" && (kind === "test" || kind === "hook"),
    );
  }

  /** Stores all measurements in the file. */
  save(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    const all = { seconds: this.seconds, measurements: this.measurements };
    writeFileSync(this.file, `${JSON.stringify(all, null, 1)}\n`);
  }

  /** The report's lines, of which the last is for programs. */
  text(): string {
    const tests = this.measurements.filter(({ kind }) => kind === "test");
    const passed = tests.filter(({ state }) => state === "passed").length;
    const leftOut = tests.filter(({ state }) => state === "left out");
    const skipped = leftOut.length > 0 ? `, ${leftOut.length} skipped` : "";
    const sections = [
      this.folders(),
      this.slowest(),
      this.clusters(),
      `${duration(this.seconds)} in all; every test and hook: .spark-swarm/test-times.json\n`,
      failed(this.failures),
      missing(leftOut),
      this.note,
      `${passed} passed, ${this.failures.length} failed${skipped}`,
    ];
    return sections.filter(Boolean).join("\n");
  }

  private get seconds(): number {
    return (Date.now() - this.began) / 1000;
  }

  private folders(): string {
    const of = (folder: string) => this.testsAndHooks().filter((one) => folderOf(one) === folder);
    const folders = [...new Set(this.testsAndHooks().map(folderOf))];
    const rows = folders.map((folder) => ({
      seconds: sum(of(folder)),
      text: `${folder} (${of(folder).filter(({ kind }) => kind === "test").length} tests)`,
    }));
    return table("Time by folder, of tests and hooks", rows);
  }

  private slowest(): string {
    const rows = this.testsAndHooks().map(({ seconds, title, file }) => ({
      seconds,
      text: `${title}  (${file})`,
    }));
    return table("Slowest tests and hooks", rows);
  }

  private clusters(): string {
    const rows = (["up", "destroy"] as const).flatMap((kind) => {
      const all = this.measurements.filter((one) => one.kind === kind);
      return all.length > 0 ? { seconds: sum(all), text: `${all.length} of ${kind}` } : [];
    });
    return rows.length > 0 ? table("Time of Pulumi on clusters, part of the above", rows) : "";
  }

  private testsAndHooks(): Measurement[] {
    return this.measurements.filter(({ kind }) => kind === "test" || kind === "hook");
  }
}

function folderOf({ file }: Measurement): string {
  return file ? dirname(file) : "outside files";
}

function sum(measurements: Measurement[]): number {
  return measurements.reduce((total, { seconds }) => total + seconds, 0);
}

/** The rows that took longest, longest first. */
function table(title: string, rows: { seconds: number; text: string }[]): string {
  const sorted = rows.sort((one, other) => other.seconds - one.seconds).slice(0, SLOWEST);
  const lines = sorted.map(({ seconds, text }) => `${seconds.toFixed(1).padStart(8)} s  ${text}`);
  return `${title}:\n${lines.join("\n")}\n`;
}

function failed(failures: Measurement[]): string {
  return failures
    .map(({ title, file, reason = "" }) => `Failed: ${title} (${file})\n${indent(reason)}\n`)
    .join("\n");
}

/** The skipped tests, by reasons. */
function missing(leftOut: Measurement[]): string {
  const reasons = [...new Set(leftOut.map(({ reason }) => reason))];
  return reasons
    .map((reason) => {
      const same = leftOut.filter((one) => one.reason === reason);
      const files = [...new Set(same.map(({ file }) => file))].join(", ");
      return `Left out: ${same.length} tests of ${files}: ${reason}`;
    })
    .join("\n");
}

function indent(text: string): string {
  return text.replace(/^/gm, "    ");
}

function duration(seconds: number): string {
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}
