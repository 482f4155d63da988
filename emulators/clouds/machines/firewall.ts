import type { Firewall, FirewallRule } from "../contract";

/**
 * A firewall as iptables-restore reads it: two chains that image/power-on attaches to PREROUTING and POSTROUTING of
 * table mangle, where packets still have the ports and addresses that the cloud's own firewall would see.
 */
export function firewallTable({ inbound, outbound }: Firewall): string {
  return [
    "*mangle",
    ":FIREWALL-IN - [0:0]",
    ":FIREWALL-OUT - [0:0]",
    ...chain("FIREWALL-IN", inbound, "--source"),
    // No firewall is between a machine and the metadata service.
    "-A FIREWALL-OUT -m conntrack --ctorigdst 169.254.169.254 -j RETURN",
    ...chain("FIREWALL-OUT", outbound, "--destination"),
    "COMMIT",
    "",
  ].join("\n");
}

function chain(name: string, rules: FirewallRule[] | undefined, side: string): string[] {
  if (!rules) return [];
  const passing = rules.flatMap(({ protocol, ports, addresses }) => {
    const what = protocol === "all" ? "" : ` -p ${protocol}`;
    const which =
      ports && (protocol === "tcp" || protocol === "udp") ? ` --dport ${ports.join(":")}` : "";
    return (
      addresses
        // Machines have no IPv6.
        .filter((range) => !range.includes(":"))
        .map((range) => `-A ${name}${what}${which} ${side} ${range} -j RETURN`)
    );
  });
  return [
    `-A ${name} -m conntrack --ctstate ESTABLISHED,RELATED -j RETURN`,
    ...passing,
    `-A ${name} -j DROP`,
  ];
}
