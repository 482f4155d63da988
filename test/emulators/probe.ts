import { answers } from "../e2e/harness/ports";
import { run } from "../e2e/harness/programs";

const WAIT_SECONDS = 2;
/** Exit statuses: bash's when a connection is refused, and timeout's. */
const REFUSED = 1;
const TIMED_OUT = 124;

/**
 * Whether a TCP connection to a machine succeeds within two seconds: from this machine itself, or from another address
 * on its cloud's public network.
 */
export async function probe(
  cloud: { network: string },
  address: string,
  port: number,
  { from }: { from: "developer" | "foreign" },
): Promise<boolean> {
  if (from === "developer") return answers(address, port);
  const connect = ["timeout", `${WAIT_SECONDS}`, "bash", "-c", `: </dev/tcp/${address}/${port}`];
  const { status, output } = await run(
    ["docker", "run", "--rm", "--network", cloud.network, "debian:bookworm-slim", ...connect],
    { seconds: 30 },
  );
  if (status === 0) return true;
  if (status === REFUSED || status === TIMED_OUT) return false;
  throw new Error(`the probe from ${cloud.network} failed:\n${output}`);
}
