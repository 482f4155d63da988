import { setTimeout as sleep } from "node:timers/promises";
import type { Machines } from "../contract";
import type { Account, Droplet } from "./account";
import type { PacketFilter } from "./packet-filter";

/** Creates and ends the machines of droplets. */
export class Lifecycle {
  private readonly births = new Map<Droplet, { stop: AbortController; done: Promise<void> }>();
  private readonly ends = new Map<Droplet, Promise<void>>();

  constructor(
    private readonly account: Account,
    private readonly machines: Machines,
    private readonly packetFilter: PacketFilter,
    private readonly provisionSeconds: number,
  ) {}

  /** Starts to create the machine; the droplet is `new` until the machine exists. */
  begin(droplet: Droplet): void {
    const stop = new AbortController();
    const done = this.provision(droplet, stop.signal);
    this.account.droplets.set(droplet.id, droplet);
    this.account.act("create", droplet, done);
    this.births.set(droplet, { stop, done: done.catch(() => {}) });
  }

  /** Starts to end the machine; the droplet is listed until that is done. */
  end(droplet: Droplet): void {
    if (!this.ends.has(droplet)) this.ends.set(droplet, this.remove(droplet));
  }

  async powerOff(droplet: Droplet): Promise<void> {
    await this.machines.powerOff(String(droplet.id));
    droplet.status = "off";
  }

  async powerOn(droplet: Droplet): Promise<void> {
    await this.machines.powerOn(String(droplet.id));
    droplet.status = "active";
  }

  /** Creates no more machines. */
  close(): void {
    for (const { stop } of this.births.values()) stop.abort();
  }

  private async provision(droplet: Droplet, signal: AbortSignal): Promise<void> {
    const stopped = await sleep(this.provisionSeconds * 1000, false, { signal }).catch(() => true);
    if (stopped) return;
    const { id, name, size, image, userData, vpc } = droplet;
    vpc.network ??= this.machines.createNetwork(vpc.id, vpc.cidr);
    await vpc.network;
    droplet.addresses = await this.machines.create({
      id: String(id),
      name,
      hostname: name,
      cpus: size.vcpus,
      memoryMb: size.memory,
      image: image.machine,
      userData,
      network: vpc.id,
      firewall: this.packetFilter.of(droplet),
      metadataForContainers: true,
      onPowerOff: () => {
        droplet.status = "off";
      },
    });
    droplet.status = "active";
    this.packetFilter.update();
  }

  private async remove(droplet: Droplet): Promise<void> {
    const { account } = this;
    const birth = this.births.get(droplet);
    birth?.stop.abort();
    await birth?.done;
    this.births.delete(droplet);
    if (droplet.addresses) {
      // It is not reported from now on.
      droplet.addresses = undefined;
      this.packetFilter.forget(droplet);
      await this.machines.destroy(String(droplet.id));
    }
    account.droplets.delete(droplet.id);
    account.assignments.delete(`do:droplet:${droplet.id}`);
    for (const ip of account.reservedIps.values()) {
      if (ip.droplet === droplet) ip.droplet = undefined;
    }
    for (const firewall of account.firewalls.values()) {
      firewall.dropletIds = firewall.dropletIds.filter((id) => id !== droplet.id);
    }
    this.packetFilter.update();
    this.ends.delete(droplet);
  }
}
