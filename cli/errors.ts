import { type ExitCode, exitCodes } from "./exit-codes";

/** A failure, reported in a line or two with its remedy, without a stack trace. */
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

/** An error's first sentence, for lists of errors, where the remedy need not be repeated. */
export const briefly = (error: unknown): string =>
  (error as Error).message.split(/(?<=[.)]) |\n/)[0] ?? "";
