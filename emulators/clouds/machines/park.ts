import type { MachineImage, Machines } from "../contract";

/** Machines as the daemon uses them: with functions that a cloud's API does not offer. */
export interface MachinePark extends Machines {
  /** The source address of this machine's own connections to the machines. */
  readonly developer: string;
  /** Docker's name of the network of public addresses; undefined if machines are only states. */
  readonly network?: string;
  /** The available machine images. */
  readonly images: ReadonlySet<MachineImage>;
  /** Sets the addresses of the cloud's API and metadata, before the first machine is created. */
  setPort(port: number): void;
  /** The id of the machine of this name; the newest if there are several. */
  find(name: string): string | undefined;
  /** Ends a machine without notice: its cloud still reports it as running. */
  lose(id: string): Promise<void>;
  /** Removes all machines and networks. */
  close(): Promise<void>;
}

export interface ParkOptions {
  /** From power-on to the start of the guest's own system, seconds. */
  bootSeconds: number;
  /** A test's addition to that for machines of a name: seconds, or Infinity for one that never boots. */
  bootDelay(name: string): number;
  /** Aborted when the machines are no longer wanted before they exist. */
  signal: AbortSignal;
}
