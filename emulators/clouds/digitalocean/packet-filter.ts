import { isIPv4 } from "node:net";
import type { Firewall, FirewallRule as MachineRule, Machines } from "../contract";
import type { Account, Firewall as AccountFirewall, Droplet, FirewallRule } from "./account";

/**
 * Applies the account's firewalls to machines. All firewalls that name a droplet or one of its tags apply together:
 * traffic that one of them allows passes. Without any, everything passes.
 */
export class PacketFilter {
  /** The traffic that each machine must allow, and what was sent to it last, as text. */
  private readonly wanted = new Map<number, { firewall: Firewall; text: string }>();
  private readonly sent = new Map<number, string>();
  /** Machines whose firewalls are being sent. */
  private readonly telling = new Set<number>();

  constructor(
    private readonly account: Account,
    private readonly machines: Machines,
  ) {}

  /** The traffic that a droplet's machine must allow. */
  of(droplet: Droplet): Firewall {
    return this.translateAll(this.firewallsOf(droplet));
  }

  /** Must be called when droplets, tags or firewalls have changed: updates the affected machines. */
  update(): void {
    // Most droplets have the same firewalls, with the addresses of all droplets in them.
    const known = new Map<string, { firewall: Firewall; text: string }>();
    for (const droplet of this.account.droplets.values()) {
      if (!droplet.addresses) continue;
      const firewalls = this.firewallsOf(droplet);
      const key = firewalls.map(({ id }) => id).join();
      let wanted = known.get(key);
      if (!wanted) {
        const firewall = this.translateAll(firewalls);
        wanted = { firewall, text: JSON.stringify(firewall) };
        known.set(key, wanted);
      }
      this.wanted.set(droplet.id, wanted);
      if (!this.telling.has(droplet.id)) void this.tell(droplet.id);
    }
  }

  forget({ id }: Droplet): void {
    this.wanted.delete(id);
    this.sent.delete(id);
  }

  /** Those of a firewall's droplets whose machines do not apply it yet. */
  pending(droplets: readonly number[]): number[] {
    return droplets.filter((id) => this.telling.has(id));
  }

  /** Sends a machine its firewall, again if that changes meanwhile. */
  private async tell(id: number): Promise<void> {
    this.telling.add(id);
    try {
      for (;;) {
        const wanted = this.wanted.get(id);
        if (!wanted || wanted.text === this.sent.get(id)) break;
        this.sent.set(id, wanted.text);
        await this.machines.setFirewall(String(id), wanted.firewall);
      }
    } catch (error) {
      // A machine that was deleted meanwhile needs no firewall.
      if (this.wanted.has(id)) console.error(error);
    } finally {
      this.telling.delete(id);
    }
  }

  private firewallsOf(droplet: Droplet): AccountFirewall[] {
    return [...this.account.firewalls.values()].filter(
      ({ dropletIds, tags }) =>
        dropletIds.includes(droplet.id) || tags.some((tag) => droplet.tags.has(tag)),
    );
  }

  private translateAll(firewalls: AccountFirewall[]): Firewall {
    if (firewalls.length === 0) return {};
    return {
      inbound: firewalls.flatMap(({ inbound }) => inbound.map((rule) => this.translate(rule))),
      outbound: firewalls.flatMap(({ outbound }) => outbound.map((rule) => this.translate(rule))),
    };
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
