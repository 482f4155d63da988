import { join } from "node:path";
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  output,
  secret,
} from "@pulumi/pulumi";
import { stringify } from "yaml";
import { remoteScript, removalScript } from "../script";
import type { SwarmManager } from "../swarm/swarm";

export interface SwarmStackArgs {
  /** Where to deploy: a {@link Swarm} of this library, or any other one. */
  swarm: SwarmManager;
  /** The stack's name in the Swarm: its services are called NAME_SERVICE. */
  stackName: string;
  /**
   * A Compose document of version 3.8 or 3.9: an object, or the text of a file. {@link readCompose} makes this and the
   * rest of these arguments from other Compose files.
   */
  compose: Input<object | string>;
  /**
   * The content of its configs and secrets: files next to the document, by name.
   *
   * @default none
   */
  files?: { name: string; content: Uint8Array; secret: boolean }[];
  /**
   * Whether the document is kept encrypted in Pulumi's state.
   *
   * @default false
   */
  sensitive?: boolean;
  /**
   * Credentials for private registries. The hosts get them with the services' images.
   *
   * @default none
   */
  registries?: Registry[];
  /**
   * Whether images' tags are looked up in their registries at each deployment: all hosts then run the same image, and a
   * moved tag is noticed.
   *
   * @default false
   */
  resolveImages?: boolean;
  /**
   * How long its services may take to converge, seconds.
   *
   * @default 180
   */
  timeout?: number;
  /**
   * How long services must have run to count as up, seconds.
   *
   * @default 1
   */
  settle?: number;
}

/** A private registry. */
export interface Registry {
  /** Its host, with a port if it has one: the first part of its images' names. docker.io is Docker Hub. */
  server: string;
  username: string;
  password: Input<string>;
}

/**
 * A Compose document deployed to the Swarm. Creation and every change wait until all services run as desired, or have
 * completed if they must not restart; otherwise they fail with the tasks' errors and last log lines. Services that left
 * the document are removed.
 *
 * @example
 * ```ts
 * import { Config } from "@pulumi/pulumi";
 * import { SwarmStack } from "spark-swarm";
 *
 * const config = new Config();
 * const privateKey = config.requireSecret("privateKey");
 * const hostKey = config.require("hostKey");
 * new SwarmStack("web", {
 *   swarm: { connection: { host: "192.0.2.10", user: "root", privateKey, hostKey } },
 *   stackName: "web",
 *   compose: { version: "3.8", services: { web: { image: "nginx", deploy: { replicas: 2 } } } },
 * });
 * ```
 */
export class SwarmStack extends ComponentResource {
  constructor(name: string, args: SwarmStackArgs, opts?: ComponentResourceOptions) {
    super("spark-swarm:swarm:SwarmStack", name, {}, opts);
    const { swarm, stackName, timeout = 180 } = args;
    const { connection } = swarm;
    const dependsOn = swarm.ready && [swarm.ready];
    const compose = output(args.compose).apply((given) =>
      typeof given === "string" ? given : stringify(given),
    );
    const deployed = remoteScript(
      `${name}-deploy`,
      {
        connection,
        script: join(__dirname, "deploy.sh"),
        variables: {
          SWARM: swarm.id ?? "",
          STACK: stackName,
          TIMEOUT: timeout,
          COMPOSE: args.sensitive ? secret(compose) : compose,
          ...extraVariables(args),
        },
      },
      { parent: this, dependsOn },
    );
    removalScript(
      `${name}-removal`,
      { connection, script: join(__dirname, "remove.sh"), variables: { STACK: stackName } },
      // A stack is deleted with its Swarm: nothing need be removed from a host that is deleted too.
      { parent: this, dependsOn: deployed, deletedWith: swarm.ready },
    );
    this.registerOutputs({});
  }
}

/** Only the given ones: an additional variable would change every stack that was created without it. */
function extraVariables({
  files,
  registries = [],
  resolveImages,
  settle,
}: SwarmStackArgs): Record<string, Input<string | number>> {
  const lines = files
    ?.map(({ name, content }) => `${name} ${Buffer.from(content).toString("base64")}`)
    .join("\n");
  return {
    ...(lines !== undefined && {
      FILES: files?.some((file) => file.secret) ? secret(lines) : lines,
    }),
    ...(registries.length > 0 && { REGISTRIES: clientConfiguration(registries) }),
    ...(resolveImages && { RESOLVE: "always" }),
    ...(settle !== undefined && { SETTLE: Math.ceil(settle * 4) }),
  };
}

/** The configuration file of Docker's client after a login. */
function clientConfiguration(registries: Registry[]): Output<string> {
  return secret(output(registries)).apply((known) =>
    JSON.stringify({
      auths: Object.fromEntries(
        known.map(({ server, username, password }) => [
          server === "docker.io" ? "https://index.docker.io/v1/" : server,
          { auth: Buffer.from(`${username}:${password}`).toString("base64") },
        ]),
      ),
    }),
  );
}
