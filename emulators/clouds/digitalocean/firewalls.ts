import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { type Account, type Firewall, type FirewallRule, now } from "./account";
import type { Context } from "./context";
import { conflict, unprocessable } from "./errors";
import type { PacketFilter } from "./packet-filter";
import { bodyOf, page } from "./requests";

/** The cloud's own limits, for each firewall. */
const MAX_RULES = 50;
const MAX_TAGS = 5;
const MAX_DROPLETS = 10;

const peers = z.object({
  addresses: z.array(z.string()).nullish(),
  tags: z.array(z.string()).nullish(),
  droplet_ids: z.array(z.number()).nullish(),
  load_balancer_uids: z.array(z.string()).max(0, "not emulated").nullish(),
  kubernetes_ids: z.array(z.string()).max(0, "not emulated").nullish(),
});
const rule = z.object({ protocol: z.enum(["tcp", "udp", "icmp"]), ports: z.string().nullish() });
const request = z.object({
  name: z.string(),
  inbound_rules: z.array(rule.extend({ sources: peers })).nullish(),
  outbound_rules: z.array(rule.extend({ destinations: peers })).nullish(),
  droplet_ids: z.array(z.number()).nullish(),
  tags: z.array(z.string()).nullish(),
});
type Wanted = z.output<typeof request>;

export function firewallRoutes(server: FastifyInstance, context: Context): void {
  const { account, packetFilter } = context;
  const view = (firewall: Firewall) => firewallView(account, packetFilter, firewall);

  server.post("/firewalls", async (message, reply) => {
    const wanted = checked(account, bodyOf(request, message));
    const firewall: Firewall = { id: randomUUID(), createdAt: now(), ...wanted };
    account.firewalls.set(firewall.id, firewall);
    packetFilter.update();
    reply.code(202);
    return { firewall: view(firewall) };
  });

  server.get("/firewalls", async (message) =>
    page(message, "firewalls", [...account.firewalls.values()].map(view)),
  );

  server.get<{ Params: { id: string } }>("/firewalls/:id", async ({ params }) => ({
    firewall: view(account.firewall(params.id)),
  }));

  server.put<{ Params: { id: string } }>("/firewalls/:id", async (message) => {
    const firewall = account.firewall(message.params.id);
    Object.assign(firewall, checked(account, bodyOf(request, message), firewall));
    packetFilter.update();
    return { firewall: view(firewall) };
  });

  server.delete<{ Params: { id: string } }>("/firewalls/:id", async ({ params }, reply) => {
    account.firewalls.delete(account.firewall(params.id).id);
    packetFilter.update();
    reply.code(204);
  });
}

/** @throws ApiError if the cloud would refuse it */
function checked(
  account: Account,
  wanted: Wanted,
  current?: Firewall,
): Omit<Firewall, "id" | "createdAt"> {
  const { name } = wanted;
  if (!/^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(name)) {
    throw unprocessable("name may only contain alphanumeric characters, dashes, and periods");
  }
  const all = [...account.firewalls.values()];
  if (all.some((other) => other !== current && other.name === name)) {
    throw conflict("duplicate name");
  }
  const inbound = (wanted.inbound_rules ?? []).map(({ sources, ...given }) =>
    ruleOf(account, given, sources),
  );
  const outbound = (wanted.outbound_rules ?? []).map(({ destinations, ...given }) =>
    ruleOf(account, given, destinations),
  );
  const rules = inbound.length + outbound.length;
  if (rules === 0) throw unprocessable("firewall must have at least one rule");
  if (rules > MAX_RULES) throw unprocessable(`firewall may have at most ${MAX_RULES} rules`);
  const tags = existingTags(account, wanted.tags ?? []);
  if (tags.length > MAX_TAGS) throw unprocessable(`firewall may have at most ${MAX_TAGS} tags`);
  const dropletIds = existingDroplets(account, wanted.droplet_ids ?? []);
  if (dropletIds.length > MAX_DROPLETS) {
    throw unprocessable(`firewall may have at most ${MAX_DROPLETS} droplets; use tags for more`);
  }
  return { name, inbound, outbound, dropletIds, tags };
}

function ruleOf(
  account: Account,
  { protocol, ports }: z.output<typeof rule>,
  given: z.output<typeof peers>,
): FirewallRule {
  const addresses = given.addresses ?? [];
  if (!addresses.every(isAddressOrRange)) throw unprocessable("invalid address");
  const tags = existingTags(account, given.tags ?? []);
  const dropletIds = existingDroplets(account, given.droplet_ids ?? []);
  if (addresses.length + tags.length + dropletIds.length === 0) {
    throw unprocessable("rule must have at least one source or destination");
  }
  return {
    protocol,
    ports: protocol === "icmp" ? "0" : portsOf(ports ?? ""),
    peers: { addresses, tags, dropletIds },
  };
}

function portsOf(text: string): string {
  if (text === "all" || text === "0") return "0";
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  if (Number(first) >= 1 && Number(first) <= Number(last) && Number(last) <= 65535) return text;
  throw unprocessable("invalid ports");
}

function isAddressOrRange(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d+$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128);
}

/** Unlike a droplet's tags, a firewall's must exist. */
function existingTags(account: Account, names: readonly string[]): string[] {
  return names.map((name) => {
    const tag = account.tags.get(name.toLowerCase());
    if (tag === undefined) throw unprocessable(`tag ${name} does not exist`);
    return tag;
  });
}

function existingDroplets(account: Account, ids: readonly number[]): number[] {
  const unknown = ids.filter((id) => !account.droplets.has(id));
  if (unknown.length > 0) throw unprocessable(`droplet ${unknown[0]} does not exist`);
  return [...ids];
}

function firewallView(
  account: Account,
  packetFilter: PacketFilter,
  { id, name, inbound, outbound, dropletIds, tags, createdAt }: Firewall,
): object {
  const members = tags.flatMap((tag) => account.tagged(tag).map((droplet) => droplet.id));
  const pending = packetFilter.pending([...new Set([...dropletIds, ...members])]);
  return {
    id,
    name,
    status: pending.length > 0 ? "waiting" : "succeeded",
    inbound_rules: inbound.map(({ protocol, ports, peers: sources }) => ({
      protocol,
      ports,
      sources: peersView(sources),
    })),
    outbound_rules: outbound.map(({ protocol, ports, peers: destinations }) => ({
      protocol,
      ports,
      destinations: peersView(destinations),
    })),
    created_at: createdAt,
    droplet_ids: dropletIds,
    tags,
    pending_changes: pending.map((droplet) => ({
      droplet_id: droplet,
      removing: false,
      status: "waiting",
    })),
  };
}

/** Only non-empty kinds of peers are shown. */
function peersView({ addresses, tags, dropletIds }: FirewallRule["peers"]): object {
  return {
    ...(addresses.length > 0 && { addresses }),
    ...(tags.length > 0 && { tags }),
    ...(dropletIds.length > 0 && { droplet_ids: dropletIds }),
  };
}
