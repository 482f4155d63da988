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
