import type Docker from "dockerode";
import { AddressPool, toNumber } from "./addresses";
import { engineMessage } from "./engine";
import { ownLabels } from "./ownership";

/** The bridge of a cloud's public addresses. */
export interface PublicNetwork {
  name: string;
  /** This machine's own address on it. */
  gateway: string;
  /** Addresses of machines, and reserved ones that move between machines. */
  machines: AddressPool;
  reserved: AddressPool;
}

export async function createPublicNetwork(engine: Docker): Promise<PublicNetwork> {
  return firstFree(async (number) => {
    const name = `emulated-cloud-${number}`;
    const range = `198.18.${number}`;
    await createBridge(
      engine,
      name,
      {},
      {
        Subnet: `${range}.0/24`,
        Gateway: `${range}.1`,
        // Docker itself assigns these, to a test's containers; the cloud assigns the others.
        IPRange: `${range}.192/27`,
      },
    );
    return {
      name,
      gateway: `${range}.1`,
      machines: new AddressPool(toNumber(`${range}.2`), toNumber(`${range}.191`)),
      reserved: new AddressPool(toNumber(`${range}.224`), toNumber(`${range}.254`)),
    };
  });
}

/**
 * A bridge without an address of this machine. Docker insists on a range of its own for it, which machines do not use:
 * so the ranges of private networks may overlap, as on a cloud.
 */
export async function createPrivateNetwork(engine: Docker, cloud: string): Promise<string> {
  return firstFree(async (number) => {
    const name = `${cloud}-private-${number}`;
    const options = {
      "com.docker.network.bridge.inhibit_ipv4": "true",
      "com.docker.network.bridge.enable_ip_masquerade": "false",
    };
    await createBridge(engine, name, options, { Subnet: `198.19.${number}.0/24` });
    return name;
  });
}

async function createBridge(
  engine: Docker,
  name: string,
  options: Record<string, string>,
  addresses: { Subnet: string; Gateway?: string; IPRange?: string },
): Promise<void> {
  await engine.createNetwork({
    Name: name,
    CheckDuplicate: true,
    Driver: "bridge",
    Labels: ownLabels(),
    Options: options,
    IPAM: { Config: [addresses] },
  });
}

/** Others search for a free range at the same time: Docker reports what is taken. */
async function firstFree<Result>(attempt: (number: number) => Promise<Result>): Promise<Result> {
  for (let number = 0; number < 256; number++) {
    try {
      return await attempt(number);
    } catch (error) {
      if (!/overlaps|already exists/.test(engineMessage(error))) throw error;
    }
  }
  throw new Error("all of 198.18.0.0/15 is taken by Docker networks");
}
