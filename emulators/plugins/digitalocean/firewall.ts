import { isObject, type Properties, UNKNOWN, type Value } from "../lib/values";
import type { Firewall, FirewallRule, Peers } from "./answers";
import { unlessGone } from "./client";
import { FIREWALL } from "./fields";
import { doing, type Work } from "./resource";

export const firewalls: Work = {
  fields: FIREWALL,
  check: (inputs) =>
    ["inboundRules", "outboundRules"].flatMap((property) =>
      rulesOf(inputs[property]).flatMap(({ protocol }, index) => {
        if (["tcp", "udp", "icmp", UNKNOWN].includes(String(protocol))) return [];
        const argument = property.replace("Rules", "_rule");
        const reason = `expected ${argument}.${index}.protocol to be one of ["tcp" "udp" "icmp"], got ${protocol}`;
        return [{ property, reason }];
      }),
    ),
  plan: ({ inboundRules, outboundRules }) => {
    // Rules that are unknown as a whole count as none, for example when a host that they name will be replaced.
    if (rulesOf(inboundRules).length + rulesOf(outboundRules).length === 0) {
      throw new Error("At least one rule must be specified");
    }
    for (const [direction, rules] of Object.entries({
      inbound: rulesOf(inboundRules),
      outbound: rulesOf(outboundRules),
    })) {
      if (rules.some(({ protocol, portRange }) => protocol !== "icmp" && !portRange)) {
        throw new Error(
          `\`port_range\` of ${direction} rules is required if protocol is \`tcp\` or \`udp\``,
        );
      }
    }
  },
  create: async (api, inputs) => {
    const { firewall } = await doing("Error creating firewall", () =>
      api.post<{ firewall: Firewall }>("/v2/firewalls", requestOf(inputs)),
    );
    return firewall.id;
  },
  read: async (api, id) => {
    const answer = await doing("Error retrieving firewall", () =>
      api.find<{ firewall: Firewall }>(`/v2/firewalls/${id}`),
    );
    return answer && stateOf(answer.firewall);
  },
  update: async (api, id, inputs) => {
    await doing("Error updating firewall", () => api.put(`/v2/firewalls/${id}`, requestOf(inputs)));
  },
  delete: async (api, id) => {
    await doing("Error deleting firewall", () =>
      unlessGone(() => api.delete(`/v2/firewalls/${id}`)),
    );
  },
};

function rulesOf(value: Value | undefined): Properties[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function requestOf(inputs: Properties): object {
  const peers = (rule: Properties, peer: string) => ({
    addresses: rule[`${peer}Addresses`] ?? [],
    tags: rule[`${peer}Tags`] ?? [],
    droplet_ids: rule[`${peer}DropletIds`] ?? [],
    load_balancer_uids: rule[`${peer}LoadBalancerUids`] ?? [],
    kubernetes_ids: rule[`${peer}KubernetesIds`] ?? [],
  });
  return {
    name: inputs.name,
    inbound_rules: rulesOf(inputs.inboundRules).map((rule) => ({
      protocol: rule.protocol,
      ports: rule.portRange ?? "",
      sources: peers(rule, "source"),
    })),
    outbound_rules: rulesOf(inputs.outboundRules).map((rule) => ({
      protocol: rule.protocol,
      ports: rule.portRange ?? "",
      destinations: peers(rule, "destination"),
    })),
    droplet_ids: inputs.dropletIds ?? [],
    tags: inputs.tags ?? [],
  };
}

function stateOf(firewall: Firewall): Properties {
  return {
    name: firewall.name,
    status: firewall.status,
    createdAt: firewall.created_at,
    pendingChanges: firewall.pending_changes.map((change) => ({
      dropletId: change.droplet_id,
      removing: change.removing,
      status: change.status,
    })),
    dropletIds: firewall.droplet_ids,
    tags: firewall.tags,
    inboundRules: firewall.inbound_rules.map((rule) => ruleState(rule, "source", rule.sources)),
    outboundRules: firewall.outbound_rules.map((rule) =>
      ruleState(rule, "destination", rule.destinations),
    ),
  };
}

/** All ports are `0` in the API, and `all` in programs. */
function ruleState({ protocol, ports }: FirewallRule, peer: string, peers: Peers): Properties {
  return {
    protocol,
    portRange: ports !== "0" ? ports : protocol === "icmp" ? "" : "all",
    [`${peer}Addresses`]: peers.addresses ?? [],
    [`${peer}Tags`]: peers.tags ?? [],
    [`${peer}DropletIds`]: peers.droplet_ids ?? [],
    [`${peer}LoadBalancerUids`]: [],
    [`${peer}KubernetesIds`]: [],
  };
}
