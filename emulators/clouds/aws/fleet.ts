import { gunzipSync } from "node:zlib";
import type { Machine, MachineImage, MachineSpec, Machines } from "../contract";
import { firewallOf } from "./firewall";
import images from "./images.json";
import type { Instance, MotoServer, News, Reason, Region } from "./moto-server";

const OWN_SHUTDOWN: Reason = {
  code: "Client.InstanceInitiatedShutdown",
  message: "Instance initiated shutdown",
};
const SPOT_TERMINATION: Reason = {
  code: "Server.SpotInstanceTermination",
  message: "Spot instance termination",
};

/** An instance's machine, with its state that moto does not have. */
export interface Member {
  instance: Instance;
  /** The instance's original user data. */
  userData: Buffer;
  machine?: Machine;
  /** When the cloud will take a spot instance back. */
  interruption?: Date;
  /** The last state that this module acted on. */
  followed?: Instance["state"];
  /** The firewall and the elastic address of its machine. */
  firewall?: string;
  elasticAddress: string | null;
  /** Why it ends, if not by its user's request. */
  reason?: Reason;
  /** The work on its machine, in sequence. */
  work: Promise<void>;
}

/** Applies moto's instance states to machines, and reports the machines' states to moto. */
export class Fleet {
  private readonly members = new Map<string, Member>();
  private readonly networks = new Map<string, Promise<void>>();
  private reserved = new Set<string>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private following: Promise<void> | undefined;
  private outdated = false;
  private closed = false;

  constructor(
    private readonly moto: MotoServer,
    private readonly machines: Machines,
    private readonly options: {
      provisionSeconds: number;
      machineImages: ReadonlySet<MachineImage> | undefined;
    },
  ) {}

  /** Applies moto's state, which may have changed. */
  follow(): void {
    this.outdated = true;
    this.following ??= this.followAll()
      .catch((error) => this.closed || console.error(error))
      .then(() => {
        this.following = undefined;
      });
  }

  /** The instance whose machine has this address. */
  byAddress(address: string): Member | undefined {
    return this.members.get(this.machines.byAddress(address) ?? "");
  }

  /** @throws Error when no instance of this name runs */
  async running(name: string): Promise<Member> {
    // The API may know of a change that was not applied here yet.
    this.follow();
    await this.following;
    const member = [...this.members.values()].find(
      ({ instance }) => instance.name === name && instance.state === "running",
    );
    if (!member) throw new Error(`there is no running instance ${name}`);
    return member;
  }

  /** Takes over a reserved address that is now an elastic one. */
  adopt(address: string): void {
    this.reserved.add(address);
  }

  /** Sends a spot instance its interruption notice, and later interrupts it. */
  async interrupt(name: string, seconds: number): Promise<void> {
    const member = await this.running(name);
    if (!member.instance.spot) throw new Error(`there is no running spot instance ${name}`);
    member.interruption = new Date(Date.now() + seconds * 1000);
    this.after(seconds, () => this.end(member, SPOT_TERMINATION));
  }

  /** Stops following; the daemon removes the machines. */
  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    await this.following;
    await Promise.all([...this.members.values()].map(({ work }) => work));
  }

  private async followAll(): Promise<void> {
    while (this.outdated && !this.closed) {
      this.outdated = false;
      // Before the query: an address that is reserved after it may not be in moto's answer.
      const reserved = [...this.reserved];
      const { regions } = await this.moto.state();
      for (const region of regions)
        for (const instance of region.instances) this.meet(instance, region);
      const living = new Set(regions.flatMap(({ instances }) => instances.map(({ id }) => id)));
      for (const id of this.members.keys()) if (!living.has(id)) this.members.delete(id);
      const addresses = new Set(regions.flatMap((region) => region.addresses));
      for (const address of reserved.filter((address) => !addresses.has(address))) {
        this.reserved.delete(address);
        this.machines.releaseAddress(address);
      }
      await this.removeNetworks(new Set(regions.flatMap(({ vpcs }) => Object.keys(vpcs))));
    }
  }

  private meet(instance: Instance, region: Region): void {
    const { id, state } = instance;
    const known = this.members.get(id);
    const member = known ?? {
      instance,
      userData: Buffer.from(instance.userData, "base64"),
      elasticAddress: null,
      work: Promise.resolve(),
    };
    this.members.set(id, member);
    member.instance = instance;
    if (member.followed !== state) {
      member.followed = state;
      if (state === "pending") this.do(member, () => this.start(member, region));
      if (state === "stopping") this.do(member, () => this.stop(member));
      if (state === "shutting-down") this.do(member, () => this.destroy(member));
    }
    this.do(member, () => this.connect(member, region));
  }

  /** Queues work on a machine. If work fails, the instance ends, as after a fault of a real cloud. */
  private do(member: Member, work: () => Promise<void>): void {
    member.work = member.work.then(work).catch((error) => {
      if (this.closed) return;
      console.error(`${member.instance.id}: ${error instanceof Error ? error.stack : error}`);
      const message = `Internal error on launch: ${error instanceof Error ? error.message : error}`;
      return this.tell(member, {
        state: "terminated",
        reason: { code: "Server.InternalError", message },
      });
    });
  }

  private async tell(
    { instance: { id, region } }: Member,
    news: Omit<News, "id" | "region">,
  ): Promise<void> {
    await this.moto.tell({ id, region, ...news });
    this.follow();
  }

  private async start(member: Member, region: Region): Promise<void> {
    const { id } = member.instance;
    if (member.machine) {
      await this.machines.powerOn(id);
    } else {
      await this.networkOf(member.instance, region);
      member.machine = await this.machines.create(this.spec(member, region));
      await this.tell(member, { publicAddress: member.machine.publicAddress });
    }
    this.after(this.options.provisionSeconds, () => this.tell(member, { state: "running" }));
  }

  private spec(member: Member, region: Region): MachineSpec {
    const { instance, userData } = member;
    const firewall = firewallOf(instance, region);
    member.firewall = JSON.stringify(firewall);
    return {
      id: instance.id,
      name: instance.name,
      hostname: instance.hostname.replace(/\..*/, ""),
      cpus: instance.cpus,
      memoryMb: instance.memoryMb,
      image: this.imageOf(instance),
      userData: plain(userData),
      network: instance.vpc,
      privateAddress: instance.privateAddress,
      firewall,
      metadataForContainers: instance.hopLimit > 1,
      onPowerOff: () => this.poweredOff(member),
    };
  }

  private imageOf({ image: id }: Instance): MachineImage {
    const image = images.find((each) => each.id === id)?.machineImage as MachineImage;
    if (this.options.machineImages?.has(image) === false) {
      throw new Error(`this emulated cloud was started without the machine image "${image}"`);
    }
    return image;
  }

  private async stop(member: Member): Promise<void> {
    await this.machines.powerOff(member.instance.id);
    await this.tell(member, { state: "stopped" });
  }

  private async destroy(member: Member): Promise<void> {
    await this.machines.destroy(member.instance.id);
    member.machine = undefined;
    await this.tell(member, { state: "terminated", reason: member.reason });
  }

  /** Called for every power-off; the API's StopInstances is recorded elsewhere. */
  private poweredOff(member: Member): void {
    if (member.followed === "stopping" || member.followed === "shutting-down") return;
    if (member.instance.shutdown === "terminate")
      this.do(member, () => this.end(member, OWN_SHUTDOWN));
    else this.do(member, () => this.tell(member, { state: "stopped", reason: OWN_SHUTDOWN }));
  }

  private end(member: Member, reason: Reason): Promise<void> {
    member.reason = reason;
    return this.tell(member, { state: "shutting-down", reason });
  }

  private async connect(member: Member, region: Region): Promise<void> {
    const { instance } = member;
    if (!member.machine) return;
    const firewall = firewallOf(instance, region);
    if (member.firewall !== JSON.stringify(firewall)) {
      member.firewall = JSON.stringify(firewall);
      await this.machines.setFirewall(instance.id, firewall);
    }
    if (member.elasticAddress !== instance.elasticAddress) {
      member.elasticAddress = instance.elasticAddress;
      await this.machines.setReservedAddress(instance.id, instance.elasticAddress);
    }
  }

  /** A VPC becomes a network with its first instance: most VPCs of an account never have one. */
  private networkOf({ vpc }: Instance, { vpcs }: Region): Promise<void> {
    const made =
      this.networks.get(vpc) ??
      this.machines.createNetwork(vpc, vpcs[vpc] ?? "").catch((error) => {
        this.networks.delete(vpc);
        throw error;
      });
    this.networks.set(vpc, made);
    return made;
  }

  private async removeNetworks(kept: Set<string>): Promise<void> {
    for (const vpc of [...this.networks.keys()].filter((id) => !kept.has(id))) {
      this.networks.delete(vpc);
      await this.machines.removeNetwork(vpc);
    }
  }

  private after(seconds: number, work: () => Promise<void>): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work().catch((error) => this.closed || console.error(error));
    }, seconds * 1000);
    this.timers.add(timer);
  }
}

/** User data may be compressed by gzip, which cloud-init undoes. */
function plain(userData: Buffer): string {
  const isPacked = userData[0] === 0x1f && userData[1] === 0x8b;
  return (isPacked ? gunzipSync(userData) : userData).toString("utf8");
}
