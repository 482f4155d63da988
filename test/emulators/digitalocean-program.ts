import * as digitalocean from "@pulumi/digitalocean";
import { secret } from "@pulumi/pulumi";

/** The settings that may change from one `up` to the next. */
export interface Spec {
  size: string;
  name: string;
  tags: string[];
  userData: string;
  ports: string[];
  description: string;
}

export const SPEC: Spec = {
  size: "s-2vcpu-4gb",
  name: "worker",
  tags: [],
  userData: "#!/bin/sh\necho hello\n",
  ports: ["22"],
  description: "",
};

/** The resulting number of resources, the stack among them. */
export const COUNT = 12;

/** Every resource type and function of the stand-in, as a cluster uses them. */
export async function cluster(spec: Spec): Promise<Record<string, unknown>> {
  const region = "fra1";
  const name = "spark";
  const key = new digitalocean.SshKey("key", {
    name,
    publicKey:
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINgwnPl5R6SiIJAov3oJcXRFKf25RNV+/4AOdOIsk0E4 somebody\n",
  });
  const vpc = new digitalocean.Vpc("vpc", { name, region, ipRange: "10.60.0.0/16" });
  const tag = new digitalocean.Tag("tag", { name });
  const others = spec.tags.map((other) => new digitalocean.Tag(other, { name: other }));
  const firewall = new digitalocean.Firewall("firewall", {
    name,
    tags: [tag.id],
    inboundRules: [
      ...spec.ports.map((portRange) => ({
        protocol: "tcp",
        portRange,
        sourceAddresses: ["198.51.100.0/24"],
      })),
      { protocol: "icmp", sourceTags: [tag.id] },
    ],
    outboundRules: [
      { protocol: "tcp", portRange: "all", destinationAddresses: ["0.0.0.0/0", "::/0"] },
    ],
  });
  const droplet = (host: string, tags: digitalocean.Tag[]) =>
    new digitalocean.Droplet(
      host,
      {
        name: host === "worker" ? spec.name : host,
        region,
        size: spec.size,
        image: "docker-20-04",
        vpcUuid: vpc.id,
        sshKeys: [key.fingerprint],
        tags: [tag, ...tags].map(({ id }) => id),
        userData: host === "worker" ? spec.userData : secret("#!/bin/sh\n"),
        monitoring: true,
      },
      { dependsOn: firewall },
    );
  const manager = droplet("manager", []);
  const worker = droplet("worker", others);
  const address = new digitalocean.ReservedIp("address", { region });
  new digitalocean.ReservedIpAssignment("assignment", {
    ipAddress: address.ipAddress,
    dropletId: manager.id.apply(Number),
  });
  const project = new digitalocean.Project("project", {
    name,
    purpose: "Apache Spark",
    environment: "development",
    description: spec.description,
  });
  new digitalocean.ProjectResources("resources", {
    project: project.id,
    resources: [manager.dropletUrn, worker.dropletUrn],
  });
  new digitalocean.Droplet("loner", {
    region,
    size: "s-1vcpu-1gb",
    image: "debian-12-x64",
  });
  return {
    id: worker.id,
    address: worker.ipv4AddressPrivate,
    price: worker.priceHourly,
    memory: worker.memory,
    status: worker.status,
    urn: worker.dropletUrn,
    vpcUrn: vpc.vpcUrn,
    userData: worker.userData,
    reserved: address.ipAddress,
  };
}

/** The queries of a program before its resources. */
export async function questions(): Promise<Record<string, unknown>> {
  const { getDroplets, getImage, getRegion, getRegions, getSizes, getVpc } = digitalocean;
  const [sizes, image, snapshot, region, regions, vpc, droplets] = await Promise.all([
    getSizes({
      filters: [
        { key: "regions", values: ["lon1"] },
        { key: "available", values: ["true"] },
        { key: "vcpus", values: ["2", "4"] },
      ],
      sorts: [{ key: "price_hourly", direction: "desc" }],
    }),
    getImage({ slug: "docker-20-04" }),
    getImage({ id: 100000001 }),
    getRegion({ slug: "fra1" }),
    getRegions({ filters: [{ key: "slug", values: ["nyc"], matchBy: "substring" }] }),
    getVpc({ region: "fra1" }),
    getDroplets({ filters: [{ key: "tags", values: ["spark"] }] }),
  ]);
  return {
    sizes: sizes.sizes.map(({ slug, priceHourly }) => `${slug} ${priceHourly}`),
    image: { id: image.id, name: image.name, private: image.private },
    snapshot: { name: snapshot.name, private: snapshot.private },
    region: { name: region.name, hasSize: region.sizes.includes("c-8") },
    regions: regions.regions.map(({ slug }) => slug),
    vpc: { name: vpc.name, default: vpc.default },
    droplets: droplets.droplets
      .map(({ name, status, tags }) => ({ name, status, tags }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}
