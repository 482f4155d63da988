import { awsClient } from "../../emulators/aws-client";
import type { EmulatedCloud } from "../../emulators/daemon";
import type { CloudName, CloudStack } from "./cloud-stack";
import { eventually } from "./programs";

/** A request at the end of a stack's destroy. */
export const lastDeletion: Record<CloudName, object> = {
  digitalocean: { method: "DELETE", path: "^/v2/tags/" },
  aws: { action: "DeleteVpc" },
};

/** The machines that exist in a cloud, and so cost money, by name. */
export async function machines(cloud: EmulatedCloud): Promise<Map<string, string>> {
  const resources = await cloud.state();
  return new Map(
    resources
      .filter(({ kind }) => kind === "droplet" || kind === "instance")
      .map(({ name, id }) => [name, id]),
  );
}

/** Deletes hosts of a stack through the cloud's API, without Pulumi. */
export async function deleteHosts({ label, cloud, cloudName }: CloudStack, ...hosts: string[]) {
  const existing = await machines(cloud);
  const ids = hosts.map((host) => {
    const id = existing.get(`${label}-${host}`);
    if (!id) throw new Error(`there is no machine ${label}-${host}`);
    return id;
  });
  if (cloudName === "aws") await awsClient(cloud).terminateInstances({ InstanceIds: ids });
  else await Promise.all(ids.map((id) => deleteDroplet(cloud, id)));
  await eventually(30, async () => {
    const left = [...(await machines(cloud)).values()].filter((id) => ids.includes(id));
    if (left.length > 0) throw new Error(`${left.join(", ")} still exist`);
  });
}

async function deleteDroplet({ env }: EmulatedCloud, id: string): Promise<void> {
  const response = await fetch(`${env.DIGITALOCEAN_API_URL}/v2/droplets/${id}`, {
    method: "DELETE",
    headers: { authorization: `Bearer ${env.DIGITALOCEAN_TOKEN}` },
  });
  if (!response.ok) throw new Error(`deleting ${id}: ${response.status} ${await response.text()}`);
}
