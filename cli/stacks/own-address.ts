import { isIPv4 } from "node:net";
import { CliError } from "../errors";

/** Returns the requester's address, as text. */
const SERVICE = "https://checkip.amazonaws.com";

/** This machine's public address. */
export async function ownAddress(): Promise<string> {
  try {
    const answer = await fetch(SERVICE, { signal: AbortSignal.timeout(10_000) });
    const address = (await answer.text()).trim();
    if (answer.ok && isIPv4(address)) return address;
    throw new Error(`status ${answer.status}`);
  } catch (error) {
    throw new CliError(
      "failed",
      `Only this machine may reach the cluster, but ${SERVICE} did not return its address (${(error as Error).message}). Set it in access.allowFrom in the cloud's Pulumi.CLOUD.yaml.`,
    );
  }
}
