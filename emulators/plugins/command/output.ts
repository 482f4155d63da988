import { StringDecoder } from "node:string_decoder";
import type { Call } from "../lib/plugin";

/** The streams of a command that go to the engine's log. */
export type Logging = "stdout" | "stderr" | "stdoutAndStderr" | "none";

/** Collects a command's output, and logs it line by line while it runs. */
export class OutputCollector {
  private readonly chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  private readonly all: Buffer[] = [];
  private readonly decoder = new StringDecoder("utf8");
  private unfinishedLine = "";

  constructor(
    private readonly call: Call,
    private readonly logging: Logging = "stdoutAndStderr",
  ) {}

  add(stream: "stdout" | "stderr", chunk: Buffer): void {
    this.chunks[stream].push(chunk);
    this.all.push(chunk);
    if (this.logging !== stream && this.logging !== "stdoutAndStderr") return;
    const lines = (this.unfinishedLine + this.decoder.write(chunk)).split("\n");
    this.unfinishedLine = lines.pop() ?? "";
    for (const line of lines) this.log(line);
  }

  /** The outputs of a successful command. */
  finish(): { stdout: string; stderr: string } {
    this.flush();
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8").replace(/\n$/, "");
    return { stdout: text(this.chunks.stdout), stderr: text(this.chunks.stderr) };
  }

  /** The error of a failed command. */
  failure(reason: string, command: string): Error {
    this.flush();
    const printed = Buffer.concat(this.all).toString("utf8");
    return new Error(`${reason}: running ${JSON.stringify(command)}:\n${printed}`);
  }

  private flush(): void {
    if (this.unfinishedLine) this.log(this.unfinishedLine);
    this.unfinishedLine = "";
  }

  private log(line: string): void {
    this.call.log("info", line.replace(/\r$/, ""), "now");
  }
}
