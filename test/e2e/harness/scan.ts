import type { EmulatedCloud } from "../../emulators/daemon";
import { answers } from "./ports";
import { succeed } from "./programs";

/** Those that accept TCP connections from this machine, as `ADDRESS:PORT`. */
export async function scan(addresses: string[], ports: number[]): Promise<string[]> {
  const tried = targets(addresses, ports).map(async ({ address, port }) =>
    (await answers(address, port)) ? [`${address}:${port}`] : [],
  );
  return (await Promise.all(tried)).flat();
}

/** The same from another address on the public network of an emulated cloud. */
export async function scanFrom(
  { network }: EmulatedCloud,
  source: string,
  addresses: string[],
  ports: number[],
): Promise<string[]> {
  const probes = targets(addresses, ports).map(
    ({ address, port }) =>
      `(timeout 2 bash -c ': <>/dev/tcp/${address}/${port}' && echo ${address}:${port}) &`,
  );
  const script = `exec 2>/dev/null\n${probes.join("\n")}\nwait`;
  const container = ["run", "--rm", "--network", network, "--ip", source, "debian:bookworm-slim"];
  const found = await succeed(["docker", ...container, "bash", "-c", script], { seconds: 60 });
  const answering = new Set(found.split("\n"));
  return targets(addresses, ports)
    .map(({ address, port }) => `${address}:${port}`)
    .filter((target) => answering.has(target));
}

function targets(addresses: string[], ports: number[]) {
  return addresses.flatMap((address) => ports.map((port) => ({ address, port })));
}
