import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import { NETWORK } from "../facts";
import { BASTION_PORT } from "../hosts/contract";
import { type SshKey, sshKey } from "../ssh-key";
import { swarmSecret } from "../swarm/secret";
import type { Swarm } from "../swarm/swarm";
import { SwarmStack } from "../swarm-stack/swarm-stack";

export interface BastionArgs {
  /** Where it is deployed: on the manager of a {@link Swarm} of this library. */
  swarm: Swarm;
  /** The key that opens it. */
  clientKey: SshKey;
  /** The reference of its image, `bastion` of {@link swarmImages}. The Swarm's hosts must have it. */
  image: string;
}

/**
 * An SSH server on the overlay that forwards connections and does nothing else: the one way to the web UIs.
 * It accepts keys only. Its host key is generated in advance.
 *
 * @example
 * ```ts
 * import { Bastion, type Hosts, type Swarm, type SwarmImages } from "spark-swarm";
 *
 * export const bastionOf = (swarm: Swarm, hosts: Hosts, images: SwarmImages) =>
 *   new Bastion("bastion", { swarm, clientKey: hosts.clientKey, image: images.bastion.reference });
 * ```
 */
export class Bastion extends ComponentResource {
  /** Its own key, which clients pin. */
  readonly hostKey: SshKey;

  constructor(name: string, args: BastionArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:bastion:Bastion", name, {}, opts);
    const { swarm } = args;
    this.hostKey = sshKey(`${name}-host-key`, this);
    const secrets = {
      bastion_host_key: this.hostKey.privateKey,
      bastion_authorized_keys: args.clientKey.publicKey,
    };
    const made = Object.entries(secrets).map(([secretName, value]) =>
      swarmSecret(`${name}-${secretName}`, { swarm, secretName, value }, this),
    );
    new SwarmStack(
      name,
      {
        swarm,
        stackName: "bastion",
        compose: {
          version: "3.8",
          services: {
            sshd: {
              image: args.image,
              networks: { [NETWORK]: {} },
              ports: [{ target: BASTION_PORT, published: BASTION_PORT, mode: "host" }],
              secrets: [
                { source: "bastion_host_key", target: "bastion_host_key", mode: 0o400 },
                // Read as the user who logs in; it holds public keys only.
                {
                  source: "bastion_authorized_keys",
                  target: "bastion_authorized_keys",
                  mode: 0o444,
                },
              ],
              deploy: {
                endpoint_mode: "dnsrr",
                placement: { constraints: ["node.role == manager"] },
              },
            },
          },
          networks: { [NETWORK]: { external: true, name: NETWORK } },
          secrets: Object.fromEntries(
            Object.keys(secrets).map((secret) => [secret, { external: true, name: secret }]),
          ),
        },
      },
      { parent: this, dependsOn: made },
    );
    this.registerOutputs({});
  }
}
