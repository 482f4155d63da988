import { randomBytes } from "node:crypto";
import type { Action, ReservedIp } from "./answers";
import { ApiError, type DigitalOceanClient } from "./client";
import { awaitAction } from "./droplet";
import { RESERVED_IP, RESERVED_IP_ASSIGNMENT } from "./fields";
import { doing, type Work } from "./resource";

/** How long another action on the droplet may take first, seconds. */
const IDLE_LIMIT = 120;

export const reservedIps: Work = {
  fields: RESERVED_IP,
  normalize: (inputs) => ({ ...inputs, region: String(inputs.region).toLowerCase() }),
  create: async (api, { region }) => {
    const { reserved_ip: ip } = await doing("Error creating reserved IP", () =>
      api.post<{ reserved_ip: ReservedIp }>("/v2/reserved_ips", { region }),
    );
    return ip.ip;
  },
  settle: async (api, id, { dropletId }) => {
    if (dropletId) await assign(api, id, Number(dropletId));
  },
  read: async (api, id, { dropletId }) => {
    const ip = await find(api, id);
    return (
      ip && {
        dropletId: (dropletId && ip.droplet?.id) || null,
        ipAddress: ip.ip,
        region: ip.region.slug,
        reservedIpUrn: `do:reservedip:${ip.ip}`,
      }
    );
  },
  update: async (api, id, { dropletId }, { changed }) => {
    if (!changed("dropletId")) return;
    await (dropletId ? assign(api, id, Number(dropletId)) : unassign(api, id));
  },
  delete: async (api, id, { dropletId }) => {
    if (dropletId) {
      await unassign(api, id).catch((error) => {
        if (!(error instanceof ApiError && error.status === 422)) throw error;
      });
    }
    await doing("Error deleting reserved IP", () => api.delete(`/v2/reserved_ips/${id}`));
  },
};

export const reservedIpAssignments: Work = {
  fields: RESERVED_IP_ASSIGNMENT,
  create: async (api, { ipAddress, dropletId }) => {
    await assign(api, String(ipAddress), Number(dropletId));
    return `${dropletId}-${ipAddress}-${randomBytes(8).toString("hex")}`;
  },
  read: async (api, _id, { ipAddress, dropletId }) => {
    const ip = await find(api, String(ipAddress));
    if (!ip) throw new Error(`Error retrieving reserved IP: ${ipAddress} does not exist`);
    return ip.droplet?.id === dropletId ? {} : undefined;
  },
  delete: async (api, _id, { ipAddress, dropletId }) => {
    const ip = await find(api, String(ipAddress));
    if (ip?.droplet?.id === dropletId) await unassign(api, String(ipAddress));
  },
};

async function find(api: DigitalOceanClient, address: string): Promise<ReservedIp | undefined> {
  const answer = await doing("Error retrieving reserved IP", () =>
    api.find<{ reserved_ip: ReservedIp }>(`/v2/reserved_ips/${address}`),
  );
  return answer?.reserved_ip;
}

async function assign(api: DigitalOceanClient, address: string, droplet: number): Promise<void> {
  await doing(`Error waiting for droplet (${droplet}) to be ready for reserved IP assign`, () =>
    api.until(IDLE_LIMIT, "ready", async () => {
      const path = `/v2/droplets/${droplet}/actions`;
      const actions = await api.list<Action>(path, "actions");
      return actions.every(({ status }) => status !== "in-progress");
    }),
  );
  await doing(`Error Assigning reserved IP (${address}) to the droplet`, () =>
    act(api, address, { type: "assign", droplet_id: droplet }),
  );
}

async function unassign(api: DigitalOceanClient, address: string): Promise<void> {
  await doing(`Error unassigning reserved IP (${address}) from the droplet`, () =>
    act(api, address, { type: "unassign" }),
  );
}

async function act(api: DigitalOceanClient, address: string, action: object): Promise<void> {
  const path = `/v2/reserved_ips/${address}/actions`;
  const { action: begun } = await api.post<{ action: Action }>(path, action);
  await awaitAction(api, `${path}/${begun.id}`);
}
