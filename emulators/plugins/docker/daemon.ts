import type Docker from "dockerode";
import { type Call, errorMessage } from "../lib/plugin";

/** How long to wait for a network or volume that is still in use, and the polling interval. */
const IN_USE_LIMIT_MS = 30_000;
const IN_USE_PAUSE_MS = 250;

/** Retries the removal of a resource that a container, itself being removed, still uses. */
export async function whileInUse(call: Call, inUse: RegExp, remove: () => Promise<unknown>) {
  for (const deadline = Date.now() + IN_USE_LIMIT_MS; ; ) {
    call.signal.throwIfAborted();
    try {
      await remove();
      return;
    } catch (error) {
      if (!inUse.test(errorMessage(error)) || Date.now() > deadline) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, IN_USE_PAUSE_MS));
  }
}

const statusOf = (error: unknown) => (error as { statusCode?: number }).statusCode;

export async function ignoring<Result>(codes: number[], ask: () => Promise<Result>) {
  try {
    return await ask();
  } catch (error) {
    if (codes.includes(statusOf(error) ?? 0)) return undefined;
    throw error;
  }
}

/** Undefined if the daemon does not know it. */
export function unlessGone<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  return ignoring([404], ask);
}

/** Pulls an image that the daemon does not have. */
export async function requireImage(daemon: Docker, image: string): Promise<void> {
  if (await unlessGone(() => daemon.getImage(image).inspect())) return;
  try {
    const progress = await daemon.pull(image);
    await new Promise<void>((resolve, reject) =>
      daemon.modem.followProgress(progress, (error) => (error ? reject(error) : resolve())),
    );
  } catch (error) {
    throw new Error(`Unable to create container with image ${image}: ${daemonMessage(error)}`);
  }
}

/** The daemon's own error, or why it was not reachable. */
export function daemonMessage(error: unknown): string {
  const { json, code, address } = error as {
    json?: { message?: string };
    code?: string;
    address?: string;
  };
  if (json?.message) return `Error response from daemon: ${json.message}`;
  if (code === "ECONNREFUSED" || code === "ENOENT") {
    return `Cannot connect to the Docker daemon at ${address}. Is the docker daemon running?`;
  }
  return errorMessage(error);
}
