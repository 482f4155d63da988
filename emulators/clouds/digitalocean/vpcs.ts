import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { overlap, parseRange, type Range, toText } from "../machines/addresses";
import { type Account, now, type Vpc } from "./account";
import type { Context } from "./context";
import { ApiError, conflict, unprocessable } from "./errors";
import { bodyOf, page } from "./requests";

const PRIVATE_RANGES = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseRange);
/** Used by the cloud itself. */
const RESERVED_RANGES = ["10.244.0.0/16", "10.245.0.0/16", "10.246.0.0/24"].map(parseRange);
/** The source of ranges for VPCs that name none: of the cloud's size, /20. */
const OWN_RANGES = { first: parseRange("10.120.0.0/20").first, size: 2 ** 12 };

const name = z
  .string()
  .regex(/^[A-Za-z0-9.-]+$/, "may only contain alphanumeric characters, dashes, and periods");
const description = z.string().max(255).nullish();
const creation = z.object({
  name,
  region: z.string(),
  ip_range: z.string().nullish(),
  description,
});
const change = z.object({ name, description, default: z.boolean().nullish() });

export function vpcRoutes(
  server: FastifyInstance,
  { account, catalogue, machines }: Context,
): void {
  server.post("/vpcs", async (request, reply) => {
    const wanted = bodyOf(creation, request);
    requireFreeName(account, wanted.name);
    if (!catalogue.region(wanted.region)?.available) {
      throw unprocessable("Region is not available");
    }
    const cidr = wanted.ip_range ? requireFreeRange(account, wanted.ip_range) : freeRange(account);
    const vpc = addVpc(account, wanted.name, wanted.region, cidr, wanted.description ?? "");
    reply.code(201);
    return { vpc: vpcView(vpc) };
  });

  server.get("/vpcs", async (request) =>
    page(request, "vpcs", [...account.vpcs.values()].map(vpcView)),
  );

  server.get<{ Params: { id: string } }>("/vpcs/:id", async ({ params }) => ({
    vpc: vpcView(account.vpc(params.id)),
  }));

  server.put<{ Params: { id: string } }>("/vpcs/:id", async (request) => {
    const vpc = account.vpc(request.params.id);
    const wanted = bodyOf(change, request);
    if (wanted.name !== vpc.name) requireFreeName(account, wanted.name);
    vpc.name = wanted.name;
    vpc.description = wanted.description ?? "";
    if (wanted.default) {
      for (const other of account.vpcs.values()) {
        if (other.region === vpc.region) other.default = other === vpc;
      }
    }
    return { vpc: vpcView(vpc) };
  });

  server.delete<{ Params: { id: string } }>("/vpcs/:id", async ({ params }, reply) => {
    const vpc = account.vpc(params.id);
    if (vpc.default) throw new ApiError(403, "Can not delete default VPCs");
    if (account.members(vpc).length > 0) throw conflict("Can not delete VPC with members");
    account.vpcs.delete(vpc.id);
    account.assignments.delete(urn(vpc));
    await vpc.network;
    if (vpc.network) await machines.removeNetwork(vpc.id);
    reply.code(204);
  });

  server.get<{ Params: { id: string } }>("/vpcs/:id/members", async (request) => {
    const members = account.members(account.vpc(request.params.id));
    return page(
      request,
      "members",
      members.map(({ id, name, createdAt }) => ({
        urn: `do:droplet:${id}`,
        name,
        created_at: createdAt,
      })),
    );
  });
}

/** The cloud's name for a default VPC that it creates. */
export function defaultVpcName(region: string): string {
  return `default-${region}`;
}

/** The VPCs that an account has from the regions that it has used. */
export function addDefaultVpcs(account: Account): void {
  for (const { slug, default_vpc: cidr } of account.catalogue.regions) {
    if (cidr) addVpc(account, defaultVpcName(slug), slug, cidr, "");
  }
}

/** The VPC of droplets that name none: created with the first of them. */
export function defaultVpc(account: Account, region: string): Vpc {
  const found = [...account.vpcs.values()].find((vpc) => vpc.region === region && vpc.default);
  return found ?? addVpc(account, defaultVpcName(region), region, freeRange(account), "");
}

/** The first VPC of a region is its default one, whatever its purpose. */
function addVpc(
  account: Account,
  name: string,
  region: string,
  cidr: string,
  description: string,
): Vpc {
  const vpc: Vpc = {
    id: randomUUID(),
    name,
    description,
    region,
    cidr,
    range: parseRange(cidr),
    default: ![...account.vpcs.values()].some((other) => other.region === region),
    createdAt: now(),
  };
  account.vpcs.set(vpc.id, vpc);
  return vpc;
}

function requireFreeName(account: Account, name: string): void {
  if ([...account.vpcs.values()].some((vpc) => vpc.name === name)) {
    throw unprocessable("A VPC with this name already exists");
  }
}

function requireFreeRange(account: Account, cidr: string): string {
  const range = parse(cidr);
  if (range.prefix < 16 || range.prefix > 28) {
    throw unprocessable("ip_range: the size of the network must be between /16 and /28");
  }
  if (!PRIVATE_RANGES.some(({ first, last }) => first <= range.first && range.last <= last)) {
    throw unprocessable("ip_range: not in the private address space of RFC1918");
  }
  if (RESERVED_RANGES.some((reserved) => overlap(reserved, range))) {
    throw unprocessable("ip_range: this range is reserved");
  }
  if (!isFree(account, range)) {
    throw unprocessable("This range/size overlaps with another VPC network in your account.");
  }
  return cidr;
}

/** @throws ApiError also if the address is not the first of the range */
function parse(cidr: string): Range {
  try {
    const range = parseRange(cidr);
    if (`${toText(range.first)}/${range.prefix}` === cidr) return range;
  } catch {
    // It is not a range.
  }
  throw unprocessable("ip_range: invalid CIDR");
}

function isFree(account: Account, range: Range): boolean {
  return ![...account.vpcs.values()].some((vpc) => overlap(vpc.range, range));
}

function freeRange(account: Account): string {
  for (let { first, size } = OWN_RANGES; ; first += size) {
    const cidr = `${toText(first)}/20`;
    if (isFree(account, parseRange(cidr))) return cidr;
  }
}

function urn({ id }: Vpc): string {
  return `do:vpc:${id}`;
}

function vpcView(vpc: Vpc): object {
  return {
    id: vpc.id,
    urn: urn(vpc),
    name: vpc.name,
    description: vpc.description,
    ip_range: vpc.cidr,
    region: vpc.region,
    created_at: vpc.createdAt,
    default: vpc.default,
  };
}
