import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account, Droplet, ReservedIp } from "./account";
import type { Context } from "./context";
import { dropletView } from "./droplets";
import { notFound, unprocessable } from "./errors";
import { bodyOf, page } from "./requests";

const creation = z.object({ region: z.string().nullish(), droplet_id: z.number().nullish() });
const action = z.discriminatedUnion("type", [
  z.object({ type: z.literal("assign"), droplet_id: z.number() }),
  z.object({ type: z.literal("unassign") }),
]);
type ByAddress = { Params: { address: string } };

export function reservedIpRoutes(server: FastifyInstance, context: Context): void {
  const { account, catalogue, machines } = context;

  server.post("/reserved_ips", async (request, reply) => {
    const wanted = bodyOf(creation, request);
    const droplet = wanted.droplet_id ? assignable(account, wanted.droplet_id) : undefined;
    const region = droplet?.region ?? wanted.region ?? "";
    if (!catalogue.region(region)?.available) throw unprocessable("Region is not available");
    const limit = context.faults.limit("reservedIps");
    if (limit !== undefined && account.reservedIps.size >= limit) {
      throw unprocessable("reserved IP limit reached");
    }
    const ip: ReservedIp = { address: machines.reserveAddress(), region };
    account.reservedIps.set(ip.address, ip);
    if (droplet) account.act("assign_ip", ip, assign(ip, droplet));
    reply.code(202);
    return { reserved_ip: reservedIpView(account, ip), links: {} };
  });

  server.get("/reserved_ips", async (request) =>
    page(
      request,
      "reserved_ips",
      [...account.reservedIps.values()].map((ip) => reservedIpView(account, ip)),
    ),
  );

  server.get<ByAddress>("/reserved_ips/:address", async ({ params }) => ({
    reserved_ip: reservedIpView(account, account.reservedIp(params.address)),
  }));

  server.delete<ByAddress>("/reserved_ips/:address", async ({ params }, reply) => {
    const ip = account.reservedIp(params.address);
    if (ip.droplet) await unassign(ip, ip.droplet);
    account.reservedIps.delete(ip.address);
    account.assignments.delete(`do:reservedip:${ip.address}`);
    machines.releaseAddress(ip.address);
    reply.code(204);
  });

  server.post<ByAddress>("/reserved_ips/:address/actions", async (request, reply) => {
    const ip = account.reservedIp(request.params.address);
    const wanted = bodyOf(action, request);
    const work = wanted.type === "assign" ? toAssign(ip, wanted.droplet_id) : toUnassign(ip);
    reply.code(201);
    return { action: account.actionView(account.act(`${wanted.type}_ip`, ip, work())) };
  });

  server.get<{ Params: { address: string; id: string } }>(
    "/reserved_ips/:address/actions/:id",
    async ({ params }) => {
      account.reservedIp(params.address);
      const found = account.actions.get(Number(params.id));
      if (!found) throw notFound();
      return { action: account.actionView(found) };
    },
  );

  function toAssign(ip: ReservedIp, dropletId: number): () => Promise<void> {
    const droplet = assignable(account, dropletId);
    if (droplet.region !== ip.region) {
      throw unprocessable("The reserved IP and the Droplet must be in the same region.");
    }
    return () => assign(ip, droplet);
  }

  function toUnassign(ip: ReservedIp): () => Promise<void> {
    const { droplet } = ip;
    if (!droplet) throw unprocessable("The reserved IP is not assigned to a Droplet.");
    return () => unassign(ip, droplet);
  }

  async function assign(ip: ReservedIp, droplet: Droplet): Promise<void> {
    if (ip.droplet) await unassign(ip, ip.droplet);
    await machines.setReservedAddress(String(droplet.id), ip.address);
    ip.droplet = droplet;
  }

  async function unassign(ip: ReservedIp, droplet: Droplet): Promise<void> {
    ip.droplet = undefined;
    await machines.setReservedAddress(String(droplet.id), null);
  }
}

/** @throws ApiError when no address can be assigned to the droplet */
function assignable(account: Account, id: number): Droplet {
  const droplet = account.droplets.get(id);
  if (!droplet) throw unprocessable("Droplet does not exist.");
  account.requireIdle(droplet);
  if ([...account.reservedIps.values()].some((ip) => ip.droplet === droplet)) {
    throw unprocessable("The Droplet already has a reserved IP.");
  }
  return droplet;
}

function reservedIpView(account: Account, { address, region, droplet }: ReservedIp): object {
  const urn = `do:reservedip:${address}`;
  return {
    ip: address,
    droplet: droplet ? dropletView(account, droplet) : null,
    region: account.catalogue.regionView(region),
    locked: false,
    project_id: account.assignments.get(urn) ?? account.project("default").id,
  };
}
