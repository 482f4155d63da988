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
    throw new Error(`it answered ${answer.status}`);
  } catch (error) {
    throw new CliError(
      "failed",
      `The cluster is to be reached from this machine only, but ${SERVICE} does not tell its address (${(error as Error).message}). Name it in access.allowFrom in the cloud's Pulumi.CLOUD.yaml.`,
    );
  }
}
