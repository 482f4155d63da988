import { constants } from "node:os";
import { onSignals } from "./signals";

/** Signals during work that must be undone before this process ends: recorded, and passed on to the current step. */
export class Interruption {
  private by?: NodeJS.Signals;

  /** The resulting exit status once a signal came: as in shells, 128 and the signal's number. */
  get status(): number | undefined {
    return this.by && 128 + constants.signals[this.by];
  }

  /**
   * Sets what signals do from now on.
   *
   * @param say the message to the user, each time
   * @param stop ends what runs; called once
   */
  during(say: string, stop?: () => void): void {
    let stopped = false;
    onSignals((signal) => {
      this.by ??= signal;
      console.error(`spark-swarm: ${say}`);
      if (!stopped) stop?.();
      stopped = true;
    });
  }

  /** @throws Error when a signal came */
  check(): void {
    if (this.by) throw new Error(`interrupted by ${this.by}`);
  }
}
