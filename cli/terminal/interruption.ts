import { constants } from "node:os";
import { onSignals } from "./signals";

/** Signals to work that must be undone before this process ends: noted, and passed on to what runs just now. */
export class Interruption {
  private by?: NodeJS.Signals;

  /** The exit status that it leads to, once a signal came: as in shells, 128 and the signal's number. */
  get status(): number | undefined {
    return this.by && 128 + constants.signals[this.by];
  }

  /**
   * Says what is done on signals from now on.
   *
   * @param say the message to the user, each time
   * @param stop ends what runs; done once
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
