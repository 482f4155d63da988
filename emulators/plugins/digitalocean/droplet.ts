import { createHash } from "node:crypto";
import { UNKNOWN, type Value } from "../lib/values";
import type { Action, Droplet } from "./answers";
import { ApiError, type DigitalOceanClient } from "./client";
import { DROPLET } from "./fields";
import { doing, type Work } from "./resource";

/** The official plugin's own limits, seconds. */
const CREATE_LIMIT = 3600;
const UPDATE_LIMIT = 3600;
const DELETE_LIMIT = 60;

/** Not supported by the emulated cloud. */
const UNSUPPORTED_INPUTS = [
  "backupPolicy",
  "gpuPartitionMode",
  "ipv6Address",
  "privateNetworking",
  "publicNetworking",
  "volumeIds",
];

interface DropletInputs {
  name: string;
  size: string;
  image: string;
  region?: string;
  backups?: boolean;
  dropletAgent?: boolean;
  ipv6?: boolean;
  monitoring?: boolean;
  resizeDisk?: boolean;
  sshKeys?: string[];
  tags?: string[];
  userData?: string;
  vpcUuid?: string;
}

export const droplets: Work = {
  fields: DROPLET,
  check: (inputs) =>
    UNSUPPORTED_INPUTS.flatMap((property) =>
      property in inputs
        ? [{ property, reason: `the digitalocean stand-in does not know ${property}` }]
        : [],
    ),
  normalize: (inputs) => ({
    ...inputs,
    // The state contains a digest, so that the user data itself is only in the inputs.
    userData: mapText(inputs.userData, (text) => createHash("sha1").update(text).digest("hex")),
    region: mapText(inputs.region, (text) => text.toLowerCase()),
    size: mapText(inputs.size, (text) => text.toLowerCase()),
  }),
  create: async (api, inputs) => {
    const wanted = inputs as unknown as DropletInputs;
    const { droplet } = await doing("Error creating droplet", () =>
      api.post<{ droplet: Droplet }>("/v2/droplets", {
        name: wanted.name,
        region: wanted.region ?? "",
        size: wanted.size,
        image: numberOrText(wanted.image),
        ssh_keys: (wanted.sshKeys ?? []).map(numberOrText),
        backups: wanted.backups,
        ipv6: wanted.ipv6,
        monitoring: wanted.monitoring,
        user_data: wanted.userData,
        tags: wanted.tags ?? [],
        vpc_uuid: wanted.vpcUuid,
        with_droplet_agent: wanted.dropletAgent,
      }),
    );
    return String(droplet.id);
  },
  settle: (api, id) =>
    doing(`Error waiting for droplet (${id}) to become ready`, () =>
      statusIs(api, id, "active", CREATE_LIMIT),
    ),
  read: async (api, id) => {
    const answer = await doing("Error retrieving droplet", () =>
      api.find<{ droplet: Droplet }>(`/v2/droplets/${id}`),
    );
    return answer && dropletState(answer.droplet);
  },
  update: async (api, id, inputs, { state, changed }) => {
    const wanted = inputs as unknown as DropletInputs;
    if (changed("size")) await resize(api, id, wanted.size, wanted.resizeDisk ?? true);
    if (changed("name")) {
      await doing(`Error renaming droplet (${id})`, () =>
        act(api, id, { type: "rename", name: wanted.name }),
      );
    }
    if (changed("backups")) {
      const type = wanted.backups ? "enable_backups" : "disable_backups";
      await act(api, id, { type });
    }
    if (changed("tags")) {
      await doing("Error updating tags", () =>
        setTags(api, id, (state.tags ?? []) as string[], wanted.tags ?? []),
      );
    }
  },
  delete: async (api, id, state) => {
    const found = await doing(
      `Error waiting for droplet to be unlocked for destroy (${id}): Error retrieving droplet`,
      () => api.find(`/v2/droplets/${id}`),
    );
    if (!found) return;
    if (state.gracefulShutdown) {
      await doing(`Error shutting down the the droplet (${id})`, () =>
        act(api, id, { type: "shutdown" }),
      );
    }
    // Whatever the answer, the official plugin then waits until the droplet is deleted.
    await api.delete(`/v2/droplets/${id}`).catch((error) => {
      if (!(error instanceof ApiError)) throw error;
    });
    await doing("Error deleting droplet", () =>
      api.until(DELETE_LIMIT, "Not Found", async () => {
        const left = await doing("Error retrieving droplet", () => api.find(`/v2/droplets/${id}`));
        return left === undefined;
      }),
    );
  },
};

/** A droplet in the API's answer. */
export function dropletState(droplet: Droplet) {
  const address = (type: string) =>
    droplet.networks.v4.find((network) => network.type === type)?.ip_address ?? "";
  const has = (feature: string) => droplet.features.includes(feature);
  return {
    name: droplet.name,
    dropletUrn: `do:droplet:${droplet.id}`,
    region: droplet.region.slug,
    size: droplet.size.slug,
    priceHourly: droplet.size.price_hourly,
    priceMonthly: droplet.size.price_monthly,
    disk: droplet.disk,
    vcpus: droplet.vcpus,
    memory: droplet.memory,
    status: droplet.status,
    locked: droplet.locked,
    createdAt: droplet.created_at,
    vpcUuid: droplet.vpc_uuid,
    ipv4Address: address("public"),
    ipv4AddressPrivate: address("private"),
    ipv6Address: "",
    publicNetworking: address("public") !== "",
    backups: has("backups"),
    ipv6: has("ipv6"),
    privateNetworking: has("private_networking"),
    monitoring: has("monitoring"),
    volumeIds: droplet.volume_ids,
    tags: droplet.tags,
  };
}

/** A droplet can be resized only while it is off. */
async function resize(
  api: DigitalOceanClient,
  id: string,
  size: string,
  disk: boolean,
): Promise<void> {
  await doing(`Error powering off droplet (${id})`, () =>
    act(api, id, { type: "power_off" }).catch((error) => {
      if (!/Droplet is already powered off/.test(String(error))) throw error;
    }),
  );
  await statusIs(api, id, "off", UPDATE_LIMIT);
  try {
    await act(api, id, { type: "resize", size, disk });
  } catch (error) {
    await act(api, id, { type: "power_on" });
    await statusIs(api, id, "active", UPDATE_LIMIT);
    throw new Error(`Error resizing droplet (${id}): ${error instanceof Error && error.message}`);
  }
  await doing(`Error powering on droplet (${id}) after resize`, () =>
    act(api, id, { type: "power_on" }),
  );
  await statusIs(api, id, "active", UPDATE_LIMIT);
}

async function act(api: DigitalOceanClient, id: string, action: object): Promise<void> {
  const path = `/v2/droplets/${id}/actions`;
  const { action: begun } = await api.post<{ action: Action }>(path, action);
  await awaitAction(api, `/v2/actions/${begun.id}`);
}

export async function awaitAction(api: DigitalOceanClient, path: string): Promise<void> {
  await api.until(UPDATE_LIMIT, "completed", async () => {
    const { action } = await api.get<{ action: Action }>(path);
    if (action.status === "errored") {
      throw new Error("unexpected state 'errored', wanted target 'completed'");
    }
    return action.status === "completed";
  });
}

async function statusIs(
  api: DigitalOceanClient,
  id: string,
  status: Droplet["status"],
  seconds: number,
): Promise<void> {
  await api.until(seconds, status, async () => {
    const { droplet } = await doing("Error retrieving droplet", () =>
      api.get<{ droplet: Droplet }>(`/v2/droplets/${id}`),
    );
    return droplet.status === status;
  });
}

async function setTags(
  api: DigitalOceanClient,
  id: string,
  olds: string[],
  news: string[],
): Promise<void> {
  const resources = [{ resource_id: id, resource_type: "droplet" }];
  for (const tag of olds.filter((old) => !news.includes(old))) {
    await api.delete(`/v2/tags/${encodeURIComponent(tag)}/resources`, { resources });
  }
  for (const tag of news.filter((now) => !olds.includes(now))) {
    await api.post("/v2/tags", { name: tag });
    await api.post(`/v2/tags/${encodeURIComponent(tag)}/resources`, { resources });
  }
}

function numberOrText(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function mapText(value: Value | undefined, change: (text: string) => string): Value {
  return typeof value === "string" && value !== UNKNOWN ? change(value) : (value ?? null);
}
