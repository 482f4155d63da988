import { type ExitCode, exitCodes } from "./exit-codes";

/** A failure to be told to the user in a line or two, with its remedy: never with a stack trace. */
export class CliError extends Error {
  constructor(
    readonly code: ExitCode,
    message: string,
  ) {
    super(message);
  }

  get status(): number {
    return exitCodes[this.code];
  }
}

/** An error's first sentence: where many are told, the remedy needs no repeating. */
export const briefly = (error: unknown): string =>
  (error as Error).message.split(/(?<=[.)]) |\n/)[0] ?? "";
