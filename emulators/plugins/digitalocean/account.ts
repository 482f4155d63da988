import { isIP } from "node:net";
import { UNKNOWN } from "../lib/values";
import type { SshKey, Tag, Vpc } from "./answers";
import { ApiError } from "./client";
import { SSH_KEY, TAG, VPC } from "./fields";
import { doing, type Work } from "./resource";

/** How long a VPC may have members that are being deleted, seconds. */
const VPC_DELETE_LIMIT = 120;

export const vpcs: Work = {
  fields: VPC,
  check: ({ ipRange: range }) => {
    if (range === undefined || range === UNKNOWN || isRange(String(range))) return [];
    const reason = `expected "ip_range" to be a valid CIDR Value, got ${range}: invalid CIDR address: ${range}`;
    return [{ property: "ipRange", reason }];
  },
  create: async (api, { name, region, description, ipRange }) => {
    const { vpc } = await doing("Error creating VPC", () =>
      api.post<{ vpc: Vpc }>("/v2/vpcs", { name, region, description, ip_range: ipRange }),
    );
    return vpc.id;
  },
  read: async (api, id) => {
    const answer = await doing("Error reading VPC", () => api.find<{ vpc: Vpc }>(`/v2/vpcs/${id}`));
    if (!answer) return undefined;
    const { urn: vpcUrn, ...state } = vpcState(answer.vpc);
    return { ...state, vpcUrn };
  },
  update: async (api, id, { name, description }, { state, changed }) => {
    if (!changed("name") && !changed("description")) return;
    await doing("Error updating VPC ", () =>
      api.put(`/v2/vpcs/${id}`, { name, description, default: state.default }),
    );
  },
  delete: (api, id) =>
    api.until(VPC_DELETE_LIMIT, "deleted", async () => {
      try {
        await api.delete(`/v2/vpcs/${id}`);
        return true;
      } catch (error) {
        if (error instanceof ApiError && [403, 409].includes(error.status)) return false;
        throw new Error(`Error deleting VPC: ${error instanceof Error && error.message}`);
      }
    }),
};

function isRange(text: string): boolean {
  const [address = "", prefix = "", ...rest] = text.split("/");
  return isIP(address) !== 0 && /^\d+$/.test(prefix) && rest.length === 0;
}

/** Shared by resource and function. */
export function vpcState(vpc: Vpc) {
  return {
    name: vpc.name,
    region: vpc.region,
    description: vpc.description,
    ipRange: vpc.ip_range,
    urn: vpc.urn,
    default: vpc.default,
    // In Go's time format.
    createdAt: vpc.created_at.replace(/T(.*)Z$/, " $1 +0000 UTC"),
  };
}

export const sshKeys: Work = {
  fields: SSH_KEY,
  normalize: (inputs) => ({ ...inputs, publicKey: String(inputs.publicKey).trim() }),
  create: async (api, { name, publicKey }) => {
    const { ssh_key: key } = await doing("Error creating SSH Key", () =>
      api.post<{ ssh_key: SshKey }>("/v2/account/keys", { name, public_key: publicKey }),
    );
    return String(key.id);
  },
  read: async (api, id) => {
    const answer = await doing("Error retrieving SSH key", () =>
      api.find<{ ssh_key: SshKey }>(`/v2/account/keys/${id}`),
    );
    if (!answer) return undefined;
    const { name, fingerprint, public_key: publicKey } = answer.ssh_key;
    return { name, fingerprint, publicKey: publicKey.trim() };
  },
  update: async (api, id, { name }) => {
    await doing("Failed to update SSH key", () => api.put(`/v2/account/keys/${id}`, { name }));
  },
  delete: async (api, id) => {
    await doing("Error deleting SSH key", () => api.delete(`/v2/account/keys/${id}`));
  },
};

export const tags: Work = {
  fields: TAG,
  check: ({ name }) =>
    name === UNKNOWN || /^[a-zA-Z0-9:\-_]{1,255}$/.test(String(name))
      ? []
      : [
          {
            property: "name",
            reason:
              "tags may contain lowercase letters, numbers, colons, dashes, and underscores; there is a limit of 255 characters per tag",
          },
        ],
  create: async (api, { name }) => {
    const { tag } = await doing("Error creating tag", () =>
      api.post<{ tag: Tag }>("/v2/tags", { name }),
    );
    return tag.name;
  },
  read: async (api, id) => {
    const path = `/v2/tags/${encodeURIComponent(id)}`;
    const answer = await doing("Error retrieving tag", () => api.find<{ tag: Tag }>(path));
    if (!answer) return undefined;
    const { name, resources } = answer.tag;
    return {
      name,
      totalResourceCount: resources.count,
      dropletsCount: resources.droplets.count,
      imagesCount: resources.images.count,
      volumesCount: resources.volumes.count,
      volumeSnapshotsCount: resources.volume_snapshots.count,
      databasesCount: resources.databases.count,
    };
  },
  delete: async (api, id) => {
    await doing("Error deleting tag", () => api.delete(`/v2/tags/${encodeURIComponent(id)}`));
  },
};
