import type { CloudResource, StartCloud } from "../contract";
import { Account } from "./account";
import { Api } from "./api";
import { Catalogue, DOCKER_SLUG, SNAPSHOT_ID } from "./catalogue";
import type { Context } from "./context";
import { dropletActionRoutes } from "./droplet-actions";
import { dropletRoutes } from "./droplets";
import { firewallRoutes } from "./firewalls";
import { Lifecycle } from "./lifecycle";
import { listingRoutes } from "./listings";
import { metadataRoutes } from "./metadata";
import { PacketFilter } from "./packet-filter";
import { addDefaultProject, projectRoutes } from "./projects";
import { reservedIpRoutes } from "./reserved-ips";
import { sshKeyRoutes } from "./ssh-keys";
import { tagRoutes } from "./tags";
import { addDefaultVpcs, defaultVpcName, vpcRoutes } from "./vpcs";

/**
 * An emulated DigitalOcean: its API v2 with the resources that a cluster needs, as documented at
 * docs.digitalocean.com, and the metadata service of its machines.
 */
export const start: StartCloud = async (options) => {
  const { machines, faults, provisionSeconds } = options;
  const catalogue = new Catalogue(options.machineImages ?? new Set());
  const account = new Account(catalogue);
  addDefaultVpcs(account);
  addDefaultProject(account);
  const packetFilter = new PacketFilter(account, machines);
  const lifecycle = new Lifecycle(account, machines, packetFilter, provisionSeconds);
  const context: Context = { account, catalogue, faults, machines, lifecycle, packetFilter };
  const api = new Api(faults);
  return {
    images: { docker: DOCKER_SLUG, snapshot: String(SNAPSHOT_ID) },
    environment: (endpoint) => ({
      DIGITALOCEAN_API_URL: endpoint,
      DIGITALOCEAN_TOKEN: api.token,
      DIGITALOCEAN_DELETE_TOKEN: api.deleteToken,
    }),
    routes: (server) => {
      server.register(
        async (v2) => {
          api.register(v2);
          for (const routes of ROUTES) routes(v2, context);
        },
        { prefix: "/v2" },
      );
      server.register(async (metadata) => metadataRoutes(metadata, context), {
        prefix: "/metadata",
      });
    },
    state: () => resourcesOf(account),
    close: async () => lifecycle.close(),
  };
};

const ROUTES = [
  dropletRoutes,
  dropletActionRoutes,
  firewallRoutes,
  listingRoutes,
  projectRoutes,
  reservedIpRoutes,
  sshKeyRoutes,
  tagRoutes,
  vpcRoutes,
];

/** All that a user has created: regions' default VPCs and the default project always exist. */
function resourcesOf(account: Account): CloudResource[] {
  const { droplets, vpcs, keys, tags, firewalls, projects, reservedIps } = account;
  return [
    ...[...droplets.values()].map(({ id, name, tags, status }) => ({
      kind: "droplet",
      id: String(id),
      name,
      tags: [...tags],
      state: status,
    })),
    ...[...vpcs.values()]
      // A VPC that became its region's default because it was the first there is still the user's.
      .filter((vpc) => !vpc.default || vpc.name !== defaultVpcName(vpc.region))
      .map(({ id, name }) => ({ kind: "vpc", id, name, tags: [], state: "available" })),
    ...[...keys.values()].map(({ id, name }) => ({
      kind: "ssh-key",
      id: String(id),
      name,
      tags: [],
      state: "available",
    })),
    ...[...tags.values()].map((name) => ({
      kind: "tag",
      id: name,
      name,
      tags: [],
      state: "available",
    })),
    ...[...firewalls.values()].map(({ id, name, tags }) => ({
      kind: "firewall",
      id,
      name,
      tags,
      state: "active",
    })),
    ...[...projects.values()]
      .filter((project) => !project.isDefault)
      .map(({ id, name }) => ({ kind: "project", id, name, tags: [], state: "available" })),
    ...[...reservedIps.values()].map(({ address, droplet }) => ({
      kind: "reserved-ip",
      id: address,
      name: address,
      tags: [],
      state: droplet ? "assigned" : "available",
    })),
  ];
}
