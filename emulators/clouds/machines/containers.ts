import Docker from "dockerode";
import type { Firewall, Machine, MachineImage, MachineSpec } from "../contract";
import { type AddressPool, parseRange, privatePool } from "./addresses";
import { ContainerMachine } from "./container-machine";
import { Cores, machineRequest } from "./container-request";
import { ignoring } from "./engine";
import { type PreparedImages, prepareImages } from "./images";
import { createPrivateNetwork, createPublicNetwork, type PublicNetwork } from "./networks";
import { removeLeftovers, removeOwn } from "./ownership";
import type { MachinePark, ParkOptions } from "./park";

export interface ContainerOptions extends ParkOptions {
  /** The volume of the machine image `snapshot`. */
  seed: string | undefined;
}

interface PrivateNetwork {
  /** Docker's name for it. */
  name: string;
  prefix: number;
  addresses: AddressPool;
}

/** Machines that are containers on this machine's Docker engine, see image/power-on. */
export class ContainerMachines implements MachinePark {
  readonly developer: string;
  readonly network: string;
  readonly images: ReadonlySet<MachineImage>;
  private readonly machines = new Map<string, ContainerMachine>();
  private readonly networks = new Map<string, PrivateNetwork>();
  /** Creations in progress, which the end waits for. */
  private readonly making = new Set<Promise<unknown>>();
  private port = 0;
  private closed = false;

  private constructor(
    private readonly engine: Docker,
    private readonly options: ContainerOptions,
    private readonly prepared: PreparedImages,
    private readonly publicSide: PublicNetwork,
    private readonly cores: Cores,
  ) {
    this.developer = publicSide.gateway;
    this.network = publicSide.name;
    this.images = new Set(options.seed === undefined ? ["docker"] : ["docker", "snapshot"]);
  }

  static async open(options: ContainerOptions): Promise<ContainerMachines> {
    const engine = new Docker();
    await removeLeftovers(engine);
    const prepared = await prepareImages(engine, options.signal);
    if (options.seed !== undefined) await engine.getVolume(options.seed).inspect();
    const { NCPU } = (await engine.info()) as { NCPU: number };
    const publicSide = await createPublicNetwork(engine);
    return new ContainerMachines(engine, options, prepared, publicSide, new Cores(NCPU));
  }

  setPort(port: number): void {
    this.port = port;
  }

  async createNetwork(id: string, cidr: string): Promise<void> {
    const { prefix } = parseRange(cidr);
    const name = await this.make(() => createPrivateNetwork(this.engine, this.network));
    this.networks.set(id, { name, prefix, addresses: privatePool(cidr) });
  }

  async removeNetwork(id: string): Promise<void> {
    const network = this.networks.get(id);
    if (!network) return;
    await ignoring([404], () => this.engine.getNetwork(network.name).remove());
    this.networks.delete(id);
  }

  async create(spec: MachineSpec): Promise<Machine> {
    const network = this.networks.get(spec.network);
    if (!network) throw new Error(`there is no network ${spec.network}`);
    const seed = spec.image === "snapshot" ? this.options.seed : this.prepared.seed;
    if (seed === undefined) throw new Error("there is no snapshot: the daemon was given no seed");
    const privateAddress = network.addresses.take(spec.privateAddress);
    const publicAddress = this.publicSide.machines.take();
    const surroundings = () => ({
      bootSeconds: this.options.bootSeconds + this.options.bootDelay(spec.name),
      gateway: this.publicSide.gateway,
      prefix: network.prefix,
      metadata: `${this.publicSide.gateway}:${this.port}`,
    });
    const name = `${this.network}-${spec.name}-${spec.id}`.replace(/[^\w.-]/g, "-");
    const machine = new ContainerMachine(
      this.engine,
      spec,
      publicAddress,
      privateAddress,
      surroundings,
      name,
    );
    this.machines.set(spec.id, machine);
    const request = machineRequest(spec, {
      name,
      image: this.prepared.machine,
      seed,
      disk: machine.disk,
      network: this.network,
      address: publicAddress,
      cores: this.cores.take(spec.cpus),
    });
    try {
      await this.make(() => machine.create(request, network.name));
    } catch (error) {
      await this.destroy(spec.id);
      throw error;
    }
    return { publicAddress, privateAddress };
  }

  async destroy(id: string): Promise<void> {
    const machine = this.machines.get(id);
    if (!machine) return;
    this.machines.delete(id);
    await machine.remove();
    this.publicSide.machines.release(machine.publicAddress);
    this.networks.get(machine.spec.network)?.addresses.release(machine.privateAddress);
  }

  async powerOff(id: string): Promise<void> {
    await this.get(id).powerOff();
  }

  async powerOn(id: string): Promise<void> {
    await this.get(id).powerOn();
  }

  async lose(id: string): Promise<void> {
    await this.get(id).lose();
  }

  async setFirewall(id: string, firewall: Firewall): Promise<void> {
    await this.get(id).setFirewall(firewall);
  }

  async setReservedAddress(id: string, address: string | null): Promise<void> {
    await this.get(id).setReservedAddress(address);
  }

  reserveAddress(): string {
    return this.publicSide.reserved.take();
  }

  releaseAddress(address: string): void {
    this.publicSide.reserved.release(address);
  }

  byAddress(address: string): string | undefined {
    return [...this.machines.values()].find((machine) => machine.has(address))?.spec.id;
  }

  find(name: string): string | undefined {
    const named = [...this.machines.values()].filter(({ spec }) => spec.name === name);
    return named.at(-1)?.spec.id;
  }

  async close(): Promise<void> {
    this.closed = true;
    await Promise.allSettled(this.making);
    await removeOwn(this.engine);
  }

  private get(id: string): ContainerMachine {
    const machine = this.machines.get(id);
    if (!machine) throw new Error(`there is no machine ${id}`);
    return machine;
  }

  /** Creates something that must be removed at the end. */
  private async make<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.closed) throw new Error("the cloud is being closed");
    const made = work();
    this.making.add(made);
    try {
      return await made;
    } finally {
      this.making.delete(made);
    }
  }
}
