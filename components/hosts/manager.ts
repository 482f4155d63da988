import { join } from "node:path";
import { type Input, type Output, output, type Resource, secret } from "@pulumi/pulumi";
import { remoteScript } from "../script";
import { type BootstrapAction, bootstrapScript, HOST_LIBRARY } from "./bootstrap";
import { BASTION_PORT, type Host, type Manager } from "./contract";
import type { HostKeys } from "./keys";

/** Seconds for one attempt at a connection. */
const DIAL_TIMEOUT = 5;
/**
 * Attempts at a machine that may still boot. There are pauses of up to 5 s between them: three minutes for one
 * that refuses connections, six for one that does not answer at all.
 */
const BOOT_ATTEMPTS = 35;
/** And at one that has answered before: a destroy must not wait long for a machine that has gone. */
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

/** A host as the manager that everything else is done through, once it has booted. */
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
        // Arguments may be anything.
        BOOTSTRAP: bootstrap && secret(bootstrap),
      },
      // What was done on another machine went with it.
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
