import type { MachineImage } from "../contract";
import regionList from "./regions.json";
import sizeList from "./sizes.json";

// The cloud's offers. sizes.json has the published prices of some of the real sizes; regions.json the ranges of
// regions' default VPCs in this account. A region without one has never been used.

export type Size = (typeof sizeList)[number];
export type Region = (typeof regionList)[number];

export interface Image {
  id: number;
  name: string;
  distribution: string;
  slug: string | null;
  public: boolean;
  /** `base` is a plain distribution, `snapshot` a prepared one. */
  type: "base" | "snapshot";
  min_disk_size: number;
  size_gigabytes: number;
  created_at: string;
  description: string;
  /** The kinds of machines: none is without Docker. */
  machine: MachineImage;
}

/** Configurations choose the private snapshot with the cluster's images by this number. */
export const SNAPSHOT_ID = 100000001;
/** The 1-click image with Docker. */
export const DOCKER_SLUG = "docker-20-04";

const IMAGES: Image[] = [
  distribution(160034271, "Debian", "12 x64", "debian-12-x64"),
  distribution(155133621, "Ubuntu", "24.04 (LTS) x64", "ubuntu-24-04-x64"),
  {
    ...distribution(134311443, "Ubuntu", "Docker on Ubuntu 22.04", DOCKER_SLUG),
    type: "snapshot",
    min_disk_size: 25,
    size_gigabytes: 3.12,
  },
];
const SNAPSHOT: Image = {
  ...distribution(SNAPSHOT_ID, "Debian", "spark-swarm", null),
  public: false,
  type: "snapshot",
  min_disk_size: 25,
  size_gigabytes: 4.2,
  machine: "snapshot",
};

function distribution(id: number, name: string, version: string, slug: string | null): Image {
  return {
    id,
    name: version,
    distribution: name,
    slug,
    public: true,
    type: "base",
    min_disk_size: 10,
    size_gigabytes: 0.8,
    created_at: "2025-01-15T10:00:00Z",
    description: `${name} ${version}`,
    machine: "docker",
  };
}

/** Regions, sizes and images. */
export class Catalogue {
  readonly sizes: readonly Size[] = sizeList;
  readonly regions: readonly Region[] = regionList;
  readonly images: readonly Image[];

  constructor(machineImages: ReadonlySet<MachineImage>) {
    this.images = machineImages.has("snapshot") ? [...IMAGES, SNAPSHOT] : IMAGES;
  }

  region(slug: string): Region | undefined {
    return this.regions.find((region) => region.slug === slug);
  }

  size(slug: string): Size | undefined {
    return this.sizes.find((size) => size.slug === slug);
  }

  /** @param key a slug, or an id as number or text */
  image(key: string | number): Image | undefined {
    return this.images.find(({ id, slug }) => slug === key || String(id) === String(key));
  }

  /** The region as the API shows it. */
  regionView(slug: string): object {
    const region = this.region(slug);
    if (!region) throw new Error(`there is no region ${slug}`);
    const { name, features, available } = region;
    const sizes = available ? this.sizes.filter(({ regions }) => regions.includes(slug)) : [];
    return { slug, name, features, available, sizes: sizes.map((size) => size.slug) };
  }

  /** The image as the API shows it. */
  imageView({ machine: _, ...image }: Image): object {
    const regions = this.regions.map(({ slug }) => slug);
    return { ...image, regions, tags: [], status: "available", error_message: "" };
  }
}
