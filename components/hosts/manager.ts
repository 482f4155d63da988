import { type Input, output } from "@pulumi/pulumi";
import { BASTION_PORT, type Host, type Manager } from "./contract";
import type { HostKeys } from "./keys";

/** A cloud's manager, which answers at an address of its own on the usual ports. */
export function publicManager(host: Host, address: Input<string>, keys: HostKeys): Manager {
  return {
    ...host,
    ssh: { address, port: output(22) },
    bastion: { address, port: output(BASTION_PORT) },
    connection: {
      host: address,
      port: 22,
      user: "root",
      privateKey: keys.client.privateKey,
      hostKey: keys.manager.publicKey,
      // Five minutes for a machine that does not answer at all.
      dialErrorLimit: 60,
      perDialTimeout: 5,
    },
  };
}
