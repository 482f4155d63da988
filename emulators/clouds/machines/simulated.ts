import type { Firewall, Machine, MachineImage, MachineSpec } from "../contract";
import { AddressPool, parseRange, privatePool, toNumber } from "./addresses";
import type { MachinePark, ParkOptions } from "./park";
import { hostKeyOf, SimulatedSsh } from "./simulated-ssh";

interface SimulatedMachine extends Machine {
  spec: MachineSpec;
  state: "on" | "off" | "lost";
  /** Resolves when it has booted, or its boot was cancelled. */
  booted: Promise<void>;
  /** Cancels the boot, and what it would start. */
  cut(): void;
  ssh?: SimulatedSsh;
}

/**
 * Machines that are only states, for bench/scale: a hundred of them cost nothing. Managers have an SSH server that
 * pretends that every command succeeds, as soon as all machines have booted.
 */
export class SimulatedMachines implements MachinePark {
  readonly developer = "127.0.0.1";
  readonly images: ReadonlySet<MachineImage> = new Set(["docker", "snapshot"]);
  private readonly machines = new Map<string, SimulatedMachine>();
  private readonly networks = new Map<string, AddressPool>();

  private constructor(
    private readonly options: ParkOptions,
    private readonly claim: SimulatedSsh,
    private readonly addresses: AddressPool,
  ) {}

  static async open(options: ParkOptions): Promise<SimulatedMachines> {
    const { claim, address } = await claimRange();
    const first = toNumber(address);
    return new SimulatedMachines(options, claim, new AddressPool(first + 1, first + 253));
  }

  setPort(): void {}

  async createNetwork(id: string, cidr: string): Promise<void> {
    parseRange(cidr);
    this.networks.set(id, privatePool(cidr));
  }

  async removeNetwork(id: string): Promise<void> {
    this.networks.delete(id);
  }

  async create(spec: MachineSpec): Promise<Machine> {
    const network = this.networks.get(spec.network);
    if (!network) throw new Error(`there is no network ${spec.network}`);
    const privateAddress = network.take(spec.privateAddress);
    const publicAddress = this.addresses.take();
    const machine: SimulatedMachine = {
      spec,
      publicAddress,
      privateAddress,
      state: "off",
      booted: Promise.resolve(),
      cut: () => {},
    };
    this.machines.set(spec.id, machine);
    this.boot(machine);
    return { publicAddress, privateAddress };
  }

  async destroy(id: string): Promise<void> {
    const machine = this.machines.get(id);
    if (!machine) return;
    this.machines.delete(id);
    this.addresses.release(machine.publicAddress);
    this.networks.get(machine.spec.network)?.release(machine.privateAddress);
    await this.halt(machine);
  }

  async powerOff(id: string): Promise<void> {
    const machine = this.get(id);
    if (machine.state !== "on") return;
    machine.state = "off";
    await this.halt(machine);
    machine.spec.onPowerOff();
  }

  async powerOn(id: string): Promise<void> {
    const machine = this.get(id);
    if (machine.state === "off") this.boot(machine);
  }

  async lose(id: string): Promise<void> {
    const machine = this.get(id);
    machine.state = "lost";
    await this.halt(machine);
  }

  async setFirewall(_id: string, _firewall: Firewall): Promise<void> {}

  async setReservedAddress(_id: string, _address: string | null): Promise<void> {}

  reserveAddress(): string {
    return this.addresses.take();
  }

  releaseAddress(address: string): void {
    this.addresses.release(address);
  }

  byAddress(): undefined {}

  find(name: string): string | undefined {
    const named = [...this.machines.values()].filter(({ spec }) => spec.name === name);
    return named.at(-1)?.spec.id;
  }

  async close(): Promise<void> {
    await Promise.all([...this.machines.keys()].map((id) => this.destroy(id)));
    await this.claim.stop();
  }

  private get(id: string): SimulatedMachine {
    const machine = this.machines.get(id);
    if (!machine) throw new Error(`there is no machine ${id}`);
    return machine;
  }

  private boot(machine: SimulatedMachine): void {
    const { spec } = machine;
    machine.state = "on";
    const seconds = this.options.bootSeconds + this.options.bootDelay(spec.name);
    machine.booted = new Promise((resolve) => {
      // No timer waits forever; a machine that never boots has none.
      const timer = Number.isFinite(seconds) ? setTimeout(resolve, seconds * 1000) : undefined;
      machine.cut = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    const hostKey = spec.name.includes("manager") ? hostKeyOf(spec.userData) : undefined;
    if (!hostKey) return;
    machine.booted.then(async () => {
      if (machine.state !== "on" || !this.machines.has(spec.id)) return;
      machine.ssh = await SimulatedSsh.start(machine.publicAddress, hostKey, () =>
        this.allBooted(),
      );
    });
  }

  private async halt(machine: SimulatedMachine): Promise<void> {
    machine.cut();
    await machine.ssh?.stop();
    machine.ssh = undefined;
  }

  /** Also waits for machines that are created meanwhile. */
  private async allBooted(): Promise<void> {
    let awaited: Promise<void>[] = [];
    for (;;) {
      const boots = [...this.machines.values()].map(({ booted }) => booted);
      if (boots.every((boot) => awaited.includes(boot))) return;
      awaited = boots;
      await Promise.all(boots);
    }
  }
}

/** A loopback range that no other emulated cloud uses: holding its first address reserves it. */
async function claimRange(): Promise<{ claim: SimulatedSsh; address: string }> {
  for (let number = 0; number < 256; number++) {
    const address = `127.18.${number}.1`;
    try {
      return { claim: await SimulatedSsh.start(address), address };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EADDRINUSE") continue;
      throw new Error(
        `simulated machines answer SSH at port 22 of loopback addresses such as ${address}, which failed: ${error}` +
          (code === "EACCES" ? " (it takes root)" : ""),
      );
    }
  }
  throw new Error("all of 127.18.0.0/16 is used by other emulated clouds");
}
