import { join } from "node:path";
import { type Input, type Output, output, type Resource, secret } from "@pulumi/pulumi";
import { remoteScript } from "../script";
import { type BootstrapAction, bootstrapScript, HOST_LIBRARY } from "./bootstrap";
import { BASTION_PORT, type Host, type Manager } from "./contract";
import type { HostKeys } from "./keys";

/** Seconds for one attempt at a connection. */
const DIAL_TIMEOUT = 5;
/**
 * Attempts for a machine that may still be booting. Pauses of up to 5 s lie between them: three minutes in all if it
 * refuses connections, six if it does not answer at all.
 */
const BOOT_ATTEMPTS = 35;
/** Attempts for a machine that has answered before: a destroy must not wait long for a deleted machine. */
const ATTEMPTS = 5;

/** Where a manager answers. */
export interface Reachable {
  address: Input<string>;
  ssh: Output<number>;
  bastion: Output<number>;
}

/** A cloud's manager answers at an address of its own on the usual ports. */
export function publicly(address: Input<string>): Reachable {
  return { address, ssh: output(22), bastion: output(BASTION_PORT) };
}

/** A host as the manager, through which everything else is done once it has booted. */
export function managerOf(
  name: string,
  host: Host,
  { address, ssh, bastion }: Reachable,
  { keys, actions }: { keys: HostKeys; actions: BootstrapAction[] },
  parent: Resource,
): Manager {
  const bootstrap = bootstrapScript(actions);
  const connection = {
    host: address,
    port: ssh,
    user: "root",
    privateKey: keys.client.privateKey,
    hostKey: keys.manager.publicKey,
    perDialTimeout: DIAL_TIMEOUT,
    dialErrorLimit: ATTEMPTS,
  };
  const boot = remoteScript(
    `${name}-manager-boot`,
    {
      connection: { ...connection, dialErrorLimit: BOOT_ATTEMPTS },
      script: join(__dirname, "booted.sh"),
      variables: {
        LIBRARY: HOST_LIBRARY,
        MANAGER: host.id,
        // Arguments may be secrets.
        BOOTSTRAP: bootstrap && secret(bootstrap),
      },
      // Another machine has none of what was done on this one.
      triggers: [host.id],
    },
    { parent },
  );
  return {
    ...host,
    ssh: { address, port: ssh },
    bastion: { address, port: bastion },
    connection,
    boot,
  };
}
