import type { MachineImage, Machines } from "../contract";

/** Machines as the daemon has them: with what a cloud's API does not sell. */
export interface MachinePark extends Machines {
  /** The address from which this machine's own connections arrive at the machines. */
  readonly developer: string;
  /** Docker's name of the network of public addresses; undefined where machines are states only. */
  readonly network?: string;
  /** The machine images that there are. */
  readonly images: ReadonlySet<MachineImage>;
  /** Says where the cloud's API and metadata answer, before the first machine is made. */
  setPort(port: number): void;
  /** The id of the machine of this name; the youngest when there are several. */
  find(name: string): string | undefined;
  /** Ends a machine without a word: its cloud goes on calling it running. */
  lose(id: string): Promise<void>;
  /** Removes all machines and networks. */
  close(): Promise<void>;
}

export interface ParkOptions {
  /** From power-on to the start of the guest's own system, seconds. */
  bootSeconds: number;
  /** What a test adds to that for machines of a name: seconds, or Infinity for one that never boots. */
  bootDelay(name: string): number;
  /** Aborted when the machines are not wanted any more before they can be had. */
  signal: AbortSignal;
}
