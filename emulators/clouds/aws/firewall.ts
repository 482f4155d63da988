import type { Firewall, FirewallRule } from "../contract";
import type { Instance, Region, Rule } from "./moto-server";

/**
 * The traffic that an instance's security groups allow: a group in place of a range means its members' private
 * addresses.
 */
export function firewallOf(instance: Instance, region: Region): Firewall {
  const own = region.groups.filter(({ id }) => instance.groups.includes(id));
  const rules = (list: Rule[]) => list.flatMap((rule) => translate(rule, region));
  return {
    inbound: rules(own.flatMap(({ inbound }) => inbound)),
    outbound: rules(own.flatMap(({ outbound }) => outbound)),
  };
}

const PROTOCOLS: Record<string, FirewallRule["protocol"]> = {
  tcp: "tcp",
  udp: "udp",
  icmp: "icmp",
  "-1": "all",
};

/** Empty for protocols that machines do not use, such as ESP, and for groups without members. */
function translate(rule: Rule, { instances }: Region): FirewallRule[] {
  const protocol = PROTOCOLS[rule.protocol];
  const members = instances.filter(
    ({ groups }) => rule.group !== null && groups.includes(rule.group),
  );
  const addresses = rule.cidr
    ? [rule.cidr]
    : members.map(({ privateAddress }) => `${privateAddress}/32`);
  if (!protocol || addresses.length === 0) return [];
  const { from, to } = rule;
  const hasPorts = (protocol === "tcp" || protocol === "udp") && from !== null && to !== null;
  return [{ protocol, ...(hasPorts && { ports: [from, to] }), addresses }];
}
