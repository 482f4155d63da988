import { getImage, getSizes, getVpc } from "@pulumi/digitalocean";
import {
  DIGITALOCEAN_SWEEP,
  DigitalOceanHosts,
} from "../../../components/hosts/digitalocean/hosts";
import type { Cloud } from "../cloud";
import { hourlyCost } from "../cost";
import type { DigitalOceanSettings } from "./settings";

/** The API's error, as the plugin passes it on. */
const NOT_AUTHENTICATED = /Unable to authenticate you/;
const NO_SUCH_IMAGE = /image( ID \d+)? not found/;

/**
 * Asks DigitalOcean for the sizes that the settings name. A droplet's price includes its disk, address and transfer. A
 * reserved address in use is free.
 *
 * @throws Error when the region, the image or a size is not available; the message names those that are
 */
export async function openDigitalOcean(settings: DigitalOceanSettings): Promise<Cloud> {
  const { region, workers, manager } = settings;
  const { sizes } = await getSizes({
    filters: [
      { key: "regions", values: [region] },
      { key: "available", values: ["true"] },
    ],
    sorts: [{ key: "price_hourly", direction: "asc" }],
  }).catch((error: Error) => {
    if (!NOT_AUTHENTICATED.test(error.message)) throw error;
    throw new Error(
      `DigitalOcean does not accept the token (${error.message.trim()}). Set one that may read and write with: export DIGITALOCEAN_TOKEN=...`,
    );
  });
  if (sizes.length === 0) {
    throw new Error(
      `region: DigitalOcean has no sizes in '${region}'. Regions: docs.digitalocean.com/platform/regional-availability. Set it with: pulumi config set region nyc3`,
    );
  }
  const find = (key: string, slug: string): (typeof sizes)[number] => {
    const found = sizes.find((size) => size.slug === slug);
    if (found) return found;
    const some = sizes.filter(({ memory }) => memory >= 2048).slice(0, 8);
    const offered = some.map(
      (size) => `${size.slug} (${size.vcpus} CPUs, ${size.memory} MB, $${size.priceHourly}/h)`,
    );
    throw new Error(
      `${key}: DigitalOcean has no size '${slug}' in ${region}. The cheapest there: ${offered.join(", ")}. Set it with: pulumi config set --path '${key}' ${some[0]?.slug}`,
    );
  };
  const managerSize = find("manager.size", manager.size);
  const workerSize = find("workers.size", workers.size);
  const [regionIsNew] = await Promise.all([isNew(region), requireImage(settings)]);
  return {
    hourlyCost: hourlyCost([
      {
        what: "compute",
        item: `manager: ${managerSize.slug}`,
        count: 1,
        each: managerSize.priceHourly,
      },
      {
        what: "compute",
        item: `workers: ${workerSize.slug}`,
        count: workers.count,
        each: workerSize.priceHourly,
      },
    ]),
    sizes: {
      manager: { cpus: managerSize.vcpus, memory: managerSize.memory },
      worker: { cpus: workerSize.vcpus, memory: workerSize.memory },
    },
    sweep: DIGITALOCEAN_SWEEP,
    createHosts: (name, { lost }, opts) =>
      new DigitalOceanHosts(
        name,
        {
          ...settings,
          ...settings.digitalocean,
          endToken: settings.lifetime.token,
          ...{ managerSize, workerSize, regionIsNew, lost },
        },
        opts,
      ),
  };
}

/** Whether this account never had anything in a region, and so has no default VPC there. */
async function isNew(region: string): Promise<boolean> {
  try {
    await getVpc({ region });
    return false;
  } catch (error) {
    if (/unable to find default VPC/.test((error as Error).message)) return true;
    throw error;
  }
}

/** @throws Error when there is no such image, or not in this region */
async function requireImage({ image, region }: DigitalOceanSettings): Promise<void> {
  const named = /^\d+$/.test(image) ? { id: Number(image) } : { slug: image };
  const hint = "Set it with: pulumi config set image docker-20-04";
  const { regions } = await getImage(named).catch((error: Error) => {
    if (!NO_SUCH_IMAGE.test(error.message)) throw error;
    throw new Error(`image: DigitalOcean has no image '${image}'. ${hint}`);
  });
  if (regions.includes(region)) return;
  throw new Error(
    `image: DigitalOcean has '${image}' in ${regions.join(", ")}, but not in ${region}. ${hint}`,
  );
}
