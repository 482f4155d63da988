import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { toText } from "../machines/addresses";
import { type Account, type Droplet, now, type SshKey, type Vpc } from "./account";
import type { Image, Region, Size } from "./catalogue";
import type { Context } from "./context";
import { unprocessable } from "./errors";
import { bodyOf, page } from "./requests";
import { addTags } from "./tags";
import { defaultVpc } from "./vpcs";

const USER_DATA_LIMIT = 64 * 1024;
/** Far above a new account's, so that benchmarks pass; tests set others. */
export const DROPLET_LIMIT = 1000;

const keyIdentifier = z.union([z.string(), z.number()]);
const creation = z.object({
  name: z.string(),
  region: z.string().nullish(),
  size: z.string(),
  image: z.union([z.string(), z.number()]),
  ssh_keys: z.array(keyIdentifier).nullish(),
  backups: z.boolean().nullish(),
  ipv6: z.boolean().nullish(),
  monitoring: z.boolean().nullish(),
  public_networking: z.boolean().nullish(),
  with_droplet_agent: z.boolean().nullish(),
  tags: z.array(z.string()).nullish(),
  user_data: z.string().nullish(),
  volumes: z.array(z.unknown()).nullish(),
  vpc_uuid: z.string().nullish(),
});
type Creation = z.output<typeof creation>;

export function dropletRoutes(server: FastifyInstance, context: Context): void {
  const { account, lifecycle } = context;

  server.post("/droplets", async (request, reply) => {
    const droplet = newDroplet(context, bodyOf(creation, request));
    lifecycle.begin(droplet);
    const actions = actionsOf(account, droplet).map(({ id, type }) => ({
      id,
      rel: type,
      href: `/v2/actions/${id}`,
    }));
    reply.code(202);
    return { droplet: dropletView(account, droplet), links: { actions } };
  });

  server.get<{ Querystring: { tag_name?: string; name?: string } }>(
    "/droplets",
    async (request) => {
      const { tag_name: tag, name } = request.query;
      const droplets = tag === undefined ? [...account.droplets.values()] : account.tagged(tag);
      const wanted = droplets.filter((droplet) => name === undefined || droplet.name === name);
      return page(
        request,
        "droplets",
        wanted.map((droplet) => dropletView(account, droplet)),
      );
    },
  );

  server.delete<{ Querystring: { tag_name?: string } }>("/droplets", async (request, reply) => {
    const tag = request.query.tag_name;
    if (!tag) throw unprocessable("tag_name is required");
    for (const droplet of account.tagged(tag)) lifecycle.end(droplet);
    reply.code(204);
  });

  server.get<{ Params: { id: string } }>("/droplets/:id", async ({ params }) => ({
    droplet: dropletView(account, account.droplet(params.id)),
  }));

  server.delete<{ Params: { id: string } }>("/droplets/:id", async ({ params }, reply) => {
    lifecycle.end(account.droplet(params.id));
    reply.code(204);
  });
}

/** The droplet's actions, newest first. */
export function actionsOf({ actions }: Account, { id }: Droplet) {
  return [...actions.values()]
    .filter((action) => action.resourceType === "droplet" && action.resourceId === id)
    .reverse();
}

/** @throws ApiError in the cloud's words if it would refuse this */
function newDroplet(context: Context, wanted: Creation): Droplet {
  const { account, faults } = context;
  requireHostname(wanted.name);
  if (Buffer.byteLength(wanted.user_data ?? "") > USER_DATA_LIMIT) {
    throw unprocessable("User data is too long (maximum is 65536 bytes)");
  }
  if (wanted.public_networking === false || wanted.volumes?.length) {
    throw unprocessable("droplets without public networking, or with volumes, are not emulated");
  }
  const image = requireImage(context, wanted);
  const named = wanted.vpc_uuid ? account.vpcs.get(wanted.vpc_uuid) : undefined;
  if (wanted.vpc_uuid && !named) {
    throw unprocessable("You specified invalid VPC parameters for Droplet creation.");
  }
  const { region, size } = requireSize(context, wanted, named);
  if (named && named.region !== region.slug) {
    throw unprocessable("The VPC is not in the same region as the Droplet.");
  }
  const keys = requireKeys(account, wanted.ssh_keys ?? []);
  if (account.droplets.size >= (faults.limit("droplets") ?? DROPLET_LIMIT)) {
    throw unprocessable("creating this/these droplet(s) will exceed your droplet limit");
  }
  return {
    id: account.newId(),
    name: wanted.name,
    region: region.slug,
    size,
    disk: size.disk,
    image,
    status: "new",
    createdAt: now(),
    features: new Set([
      ...(wanted.backups ? ["backups"] : []),
      ...(wanted.ipv6 ? ["ipv6"] : []),
      ...(wanted.monitoring ? ["monitoring"] : []),
      ...(wanted.with_droplet_agent === false ? [] : ["droplet_agent"]),
      "private_networking",
    ]),
    tags: new Set(addTags(account, wanted.tags ?? [])),
    vpc: named ?? defaultVpc(account, region.slug),
    keys,
    userData: wanted.user_data ?? "",
  };
}

/** @throws ApiError when a machine cannot have this name */
export function requireHostname(name: string): void {
  if (name === "") throw unprocessable("Name can't be blank");
  if (!/^[A-Za-z0-9.-]{1,255}$/.test(name)) {
    throw unprocessable("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)");
  }
}

function requireImage({ catalogue }: Context, { image }: Creation): Image {
  const found = catalogue.image(image);
  if (!found) throw unprocessable("You specified an invalid image for Droplet creation.");
  return found;
}

/** Without a region, uses that of the VPC, or any that has the size. */
function requireSize(
  { catalogue }: Context,
  wanted: Creation,
  vpc: Vpc | undefined,
): { region: Region; size: Size } {
  const size = catalogue.size(wanted.size);
  const slug = wanted.region || vpc?.region || size?.regions[0] || "";
  const region = catalogue.region(slug);
  if (!region) throw unprocessable("You specified an invalid region for Droplet creation.");
  if (!region.available) throw unprocessable("Region is not available");
  if (!size) throw unprocessable("You specified an invalid size for Droplet creation.");
  if (!size.available || !size.regions.includes(slug)) {
    throw unprocessable("Size is not available in this region.");
  }
  return { region, size };
}

function requireKeys(account: Account, wanted: (string | number)[]): SshKey[] {
  const unknown = wanted.filter((key) => !account.key(key));
  if (unknown.length > 0) {
    throw unprocessable(`${unknown.join(", ")} are invalid key identifiers for Droplet creation.`);
  }
  return wanted.flatMap((key) => account.key(key) ?? []);
}

/** The droplet as the API shows it. */
export function dropletView({ catalogue }: Account, droplet: Droplet): object {
  const { id, name, size, disk, status, createdAt, vpc, addresses } = droplet;
  return {
    id,
    name,
    memory: size.memory,
    vcpus: size.vcpus,
    disk,
    locked: false,
    status,
    kernel: null,
    created_at: createdAt,
    features: [...droplet.features],
    backup_ids: [],
    next_backup_window: null,
    snapshot_ids: [],
    image: catalogue.imageView(droplet.image),
    volume_ids: [],
    size,
    size_slug: size.slug,
    networks: {
      v4: addresses
        ? [
            {
              ip_address: addresses.privateAddress,
              netmask: toText(2 ** 32 - 2 ** (32 - vpc.range.prefix)),
              gateway: "",
              type: "private",
            },
            {
              ip_address: addresses.publicAddress,
              netmask: "255.255.255.0",
              gateway: addresses.publicAddress.replace(/\d+$/, "1"),
              type: "public",
            },
          ]
        : [],
      v6: [],
    },
    region: catalogue.regionView(droplet.region),
    tags: [...droplet.tags],
    vpc_uuid: vpc.id,
  };
}
