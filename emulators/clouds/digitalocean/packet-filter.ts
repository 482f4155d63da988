import { isIPv4 } from "node:net";
import type { Firewall, FirewallRule as MachineRule, Machines } from "../contract";
import type { Account, Droplet, FirewallRule } from "./account";

/**
 * Makes machines obey the account's firewalls. A droplet obeys all that name it or one of its tags together:
 * what one of them allows passes. Without any, everything does.
 */
export class PacketFilter {
  /** What machines were told last, as text. */
  private readonly told = new Map<number, string>();
  /** The telling that is under way, one after another for each machine. */
  private readonly telling = new Map<number, Promise<void>>();

  constructor(
    private readonly account: Account,
    private readonly machines: Machines,
  ) {}

  /** What a droplet's machine is to let pass. */
  of(droplet: Droplet): Firewall {
    const firewalls = [...this.account.firewalls.values()].filter(
      ({ dropletIds, tags }) =>
        dropletIds.includes(droplet.id) || tags.some((tag) => droplet.tags.has(tag)),
    );
    if (firewalls.length === 0) return {};
    return {
      inbound: firewalls.flatMap(({ inbound }) => inbound.map((rule) => this.translate(rule))),
      outbound: firewalls.flatMap(({ outbound }) => outbound.map((rule) => this.translate(rule))),
    };
  }

  /** To be called when droplets, tags or firewalls have changed: tells those machines that it concerns. */
  update(): void {
    for (const droplet of this.account.droplets.values()) {
      if (!droplet.addresses) continue;
      const firewall = this.of(droplet);
      const text = JSON.stringify(firewall);
      if (this.told.get(droplet.id) === text) continue;
      this.told.set(droplet.id, text);
      this.tell(droplet.id, firewall);
    }
  }

  forget({ id }: Droplet): void {
    this.told.delete(id);
  }

  /** The droplets, of those that a firewall is for, whose machines do not obey it yet. */
  pending(droplets: readonly number[]): number[] {
    return droplets.filter((id) => this.telling.has(id));
  }

  private tell(id: number, firewall: Firewall): void {
    const before = this.telling.get(id) ?? Promise.resolve();
    const done = before
      .then(() => this.machines.setFirewall(String(id), firewall))
      .catch((error) => {
        // A machine that goes meanwhile needs no firewall.
        if (this.account.droplets.has(id)) console.error(error);
      })
      .finally(() => {
        if (this.telling.get(id) === done) this.telling.delete(id);
      });
    this.telling.set(id, done);
  }

  private translate({ protocol, ports, peers }: FirewallRule): MachineRule {
    const droplets = [
      ...peers.tags.flatMap((tag) => this.account.tagged(tag)),
      ...peers.dropletIds.flatMap((id) => this.account.droplets.get(id) ?? []),
    ];
    const [first, last = first] = ports.split("-").map(Number);
    return {
      protocol,
      ...(protocol !== "icmp" && first && last && { ports: [first, last] }),
      addresses: [
        ...new Set([
          ...peers.addresses.filter(isIPv4Range).map((address) => withPrefix(address)),
          ...droplets.flatMap(({ addresses }) =>
            addresses
              ? [withPrefix(addresses.publicAddress), withPrefix(addresses.privateAddress)]
              : [],
          ),
        ]),
      ],
    };
  }
}

/** Machines have no IPv6 addresses. */
function isIPv4Range(address: string): boolean {
  return isIPv4(address.replace(/\/.*/, ""));
}

function withPrefix(address: string): string {
  return address.includes("/") ? address : `${address}/32`;
}
