import { InvalidArguments } from "../lib/plugin";
import type { Properties, Value } from "../lib/values";
import { vpcState } from "./account";
import type { Droplet, Image, Region, Size, Vpc } from "./answers";
import type { DigitalOceanClient } from "./client";
import { dropletState } from "./droplet";
import { type Entry, filtered } from "./filters";
import { doing } from "./resource";

type Work = (api: DigitalOceanClient, args: Properties) => Promise<Properties>;

/** The functions of the official plugin that programs call, by its names. */
export const functions: Record<string, Work> = {
  getDroplets: async (api, args) => {
    const found = await doing("Unable to load records", () =>
      api.list<Droplet>("/v2/droplets", "droplets"),
    );
    const entries = found.map(dropletEntry);
    return { ...filtered("droplets", entries, DROPLET_KEYS, args), gpus: args.gpus === true };
  },
  getImage: async (api, { id, slug, name, source }) => {
    const image = await findImage(api, exactlyOne({ id, slug, name }));
    return {
      id: image.id,
      name: image.name,
      type: image.type,
      distribution: image.distribution,
      slug: image.slug ?? "",
      image: String(image.id),
      private: !image.public,
      minDiskSize: image.min_disk_size,
      sizeGigabytes: image.size_gigabytes,
      created: image.created_at,
      regions: image.regions,
      tags: image.tags,
      status: image.status,
      errorMessage: image.error_message,
      description: image.description,
      source: source ?? "user",
    };
  },
  getRegion: async (api, { slug }) => {
    const regions = await doing("Unable to load regions", () =>
      api.list<Region>("/v2/regions", "regions"),
    );
    const region = regions.find((candidate) => candidate.slug === slug);
    if (!region) throw new Error(`Region does not exist: ${slug}`);
    return { id: region.slug, ...regionEntry(region) };
  },
  getRegions: async (api, args) => {
    const regions = await doing("Unable to load records", () =>
      api.list<Region>("/v2/regions", "regions"),
    );
    return filtered("regions", regions.map(regionEntry), REGION_KEYS, args);
  },
  getSizes: async (api, args) => {
    const sizes = await doing("Unable to load records", () => api.list<Size>("/v2/sizes", "sizes"));
    return filtered("sizes", sizes.map(sizeEntry), SIZE_KEYS, args);
  },
  getVpc: async (api, { id, name, region }) => {
    const given = exactlyOne({ id, name, region });
    const vpc = await doing("Error retrieving VPC", () => findVpc(api, given));
    return { id: vpc.id, ...vpcState(vpc) };
  },
};

const SIZE_KEYS = [
  "slug",
  "available",
  "transfer",
  "price_monthly",
  "price_hourly",
  "memory",
  "vcpus",
  "disk",
  "regions",
];
const REGION_KEYS = ["slug", "name", "sizes", "features", "available"];
const DROPLET_KEYS = [
  "id",
  "name",
  "created_at",
  "urn",
  "region",
  "image",
  "size",
  "disk",
  "vcpus",
  "memory",
  "price_hourly",
  "price_monthly",
  "status",
  "locked",
  "ipv4_address",
  "ipv4_address_private",
  "backups",
  "ipv6",
  "monitoring",
  "tags",
  "vpc_uuid",
];

function sizeEntry({ price_monthly, price_hourly, ...size }: Size): Entry {
  return {
    slug: size.slug,
    available: size.available,
    transfer: size.transfer,
    priceMonthly: price_monthly,
    priceHourly: price_hourly,
    memory: size.memory,
    vcpus: size.vcpus,
    disk: size.disk,
    regions: size.regions,
    gpuInfos: [],
  };
}

function regionEntry({ slug, name, sizes, features, available }: Region): Entry {
  return { slug, name, sizes, features, available };
}

function dropletEntry(droplet: Droplet): Entry {
  const { dropletUrn, ...state } = dropletState(droplet);
  return {
    ...state,
    id: droplet.id,
    urn: dropletUrn,
    image: droplet.image.slug ?? String(droplet.image.id),
    ipv6AddressPrivate: "",
    gpuPartitionMode: "",
  };
}

/** Requires exactly one argument. @throws InvalidArguments in the official plugin's words */
function exactlyOne(args: Record<string, Value | undefined>): Properties {
  const names = Object.keys(args).sort();
  const given = names.filter((name) => args[name] !== undefined && args[name] !== null);
  const [only = ""] = given;
  if (given.length === 1) return { [only]: args[only] ?? null };
  const wrong =
    given.length === 0
      ? `one of \`${names}\` must be specified`
      : `only one of \`${names}\` can be specified, but \`${given}\` were specified.`;
  throw new InvalidArguments(
    names.map((name) => ({
      property: "",
      reason: `[${name}] Invalid combination of arguments: "${name}": ${wrong}`,
    })),
  );
}

async function findImage(api: DigitalOceanClient, { id, slug, name }: Properties): Promise<Image> {
  if (typeof name === "string") {
    const images = await doing("Error retrieving images", () =>
      api.list<Image>("/v2/images", "images"),
    );
    const found = images.filter((image) => !image.public && image.name === name);
    const [image] = found;
    if (!image) throw new Error(`no image found with name ${name}`);
    if (found.length > 1) {
      throw new Error(
        `too many images found with name ${name} (found ${found.length}, expected 1)`,
      );
    }
    return image;
  }
  const missing = id ? `image ID ${id} not found` : "image not found";
  const { image } = await doing(missing, () =>
    api.get<{ image: Image }>(`/v2/images/${id ?? slug}`),
  );
  return image;
}

async function findVpc(api: DigitalOceanClient, { id, name, region }: Properties): Promise<Vpc> {
  if (id) return (await api.get<{ vpc: Vpc }>(`/v2/vpcs/${id}`)).vpc;
  const vpcs = await api.list<Vpc>("/v2/vpcs", "vpcs");
  if (region) {
    const found = vpcs.find((vpc) => vpc.region === region && vpc.default);
    if (!found) throw new Error(`unable to find default VPC in ${region} region`);
    return found;
  }
  const found = vpcs.find((vpc) => vpc.name === name);
  if (!found) throw new Error(`no VPCs found with name ${name}`);
  return found;
}
