import type { MockCallArgs } from "@pulumi/pulumi/runtime";
import type { Hosts } from "../../../components/hosts/contract";
import type { Cloud } from "../../../program/clouds/cloud";
import { openCloud } from "../../../program/clouds/open";
import { parseSettings } from "../../../program/settings/settings";
import { pulumiConfig } from "./config";
import { type Run, run, type World } from "./mocks";

/** The cloud's sizes, the most expensive first. */
const SIZES = [
  { slug: "c-32", vcpus: 32, memory: 65536, priceHourly: 1, regions: ["nyc3"] },
  { slug: "s-4vcpu-8gb", vcpus: 4, memory: 8192, priceHourly: 0.07143, regions: ["nyc3", "fra1"] },
  {
    slug: "s-2vcpu-4gb",
    vcpus: 2,
    memory: 4096,
    priceHourly: 0.03571,
    regions: ["nyc3", "fra1", "ams3"],
  },
  { slug: "s-1vcpu-1gb", vcpus: 1, memory: 1024, priceHourly: 0.00893, regions: ["nyc3", "fra1"] },
  { slug: "sold-out", vcpus: 2, memory: 4096, priceHourly: 0.02, regions: ["fra1"], sold: true },
];

interface Question {
  filters: { key: string; values: string[] }[];
  sorts?: { key: string; direction: string }[];
}

/** Answers the program's requests to DigitalOcean. */
export function digitalOcean() {
  return ({ token, inputs }: MockCallArgs) => {
    if (token === "digitalocean:index/getVpc:getVpc") {
      const { region } = inputs as { region: string };
      // Never used by this account.
      if (region === "ams3") throw new Error("unable to find default VPC in ams3 region");
      return { id: `default VPC of ${region}` };
    }
    if (token === "digitalocean:index/getImage:getImage") {
      const { id, slug } = inputs as { id?: number; slug?: string };
      if (slug === "docker-20-04") return { regions: ["nyc3", "fra1", "ams3"] };
      if (id === 100000001) return { regions: ["nyc3"] };
      throw new Error(`image${id ? ` ID ${id}` : ""} not found: 404`);
    }
    const { filters, sorts } = inputs as Question;
    const wanted = Object.fromEntries(filters.map(({ key, values }) => [key, values[0]]));
    if (token !== "digitalocean:index/getSizes:getSizes") throw new Error(`unexpected: ${token}`);
    const offered = SIZES.filter(
      ({ regions, sold }) => regions.includes(wanted.regions ?? "") && !(wanted.available && sold),
    );
    if (sorts?.[0]?.key === "price_hourly") {
      offered.sort((a, b) => a.priceHourly - b.priceHourly);
    }
    return { sizes: offered };
  };
}

const runs = new Map<string, Promise<Run<{ cloud: Cloud; hosts: Hosts }>>>();

/** The hosts "lab" of a configuration. Each is made once, since tests only read it. */
export function droplets(
  preview: boolean,
  config: Record<string, unknown> = {},
  world: World = {},
): Promise<Run<{ cloud: Cloud; hosts: Hosts }>> {
  const given = { access: { allowFrom: ["198.51.100.7"] }, ...config, cloud: "digitalocean" };
  const key = JSON.stringify([preview, given, world.exists]);
  const known = world.call ? undefined : runs.get(key);
  if (known) return known;
  const made = run(
    preview,
    async () => {
      const cloud = await openCloud(parseSettings(pulumiConfig(given)));
      return { cloud, hosts: cloud.createHosts("lab", { images: [] }) };
    },
    { call: digitalOcean(), ...world },
  );
  if (!world.call) runs.set(key, made);
  return made;
}
