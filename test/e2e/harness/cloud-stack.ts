import { join } from "node:path";
import { type CloudOptions, type EmulatedCloud, startCloud } from "../../emulators/daemon";
import { succeed } from "./programs";
import { environment, repository, Stack, withPlugins } from "./stack";

export type CloudName = "digitalocean" | "aws";
export const CLOUDS: CloudName[] = ["digitalocean", "aws"];

/**
 * Starts an emulated cloud whose snapshot has the cluster's images.
 *
 * @param config the settings that images depend on, as Pulumi keeps them
 */
export async function cloudWithSnapshot(
  name: CloudName,
  options: CloudOptions = {},
  config: Record<string, string> = {},
): Promise<EmulatedCloud> {
  const settings = Object.entries(config).map(([key, value]) => `${key}=${value}`);
  const prepare = [join(repository, "scripts/setup/snapshot"), ...settings];
  const prepared = await succeed(prepare, { seconds: 900 });
  return startCloud(name, { seed: prepared.trim().split("\n").at(-1), ...options });
}

/** A stack on an emulated cloud, open to this machine. */
export class CloudStack extends Stack {
  constructor(
    purpose: string,
    readonly cloudName: CloudName,
    readonly cloud: EmulatedCloud,
  ) {
    super(`${purpose}-${cloudName === "aws" ? "aws" : "do"}`);
    this.variables = withPlugins({ ...environment, ...cloud.env, SPARK_SWARM_EMULATED: "1" });
  }

  /** Creates the stack: by default hosts of the snapshot, open to this machine. */
  override create(
    config: Record<string, string> = {},
    secrets: Record<string, string> = {},
  ): Promise<this> {
    const open = {
      cloud: this.cloudName,
      "access.allowFrom[0]": `${this.cloud.developer}/32`,
      image: this.cloud.images.snapshot ?? "",
    };
    return super.create({ ...open, ...config }, secrets);
  }

  /** Ends its cloud first, and with it the machines: of two processes that remove them one would fail. */
  override async remove(): Promise<void> {
    await this.cloud.stop();
    await super.remove();
  }

  protected override async hostLogs(): Promise<string> {
    return `${await super.hostLogs()}\nThe emulated cloud:\n${this.cloud.log.slice(-4000)}`;
  }

  protected override async hostContainers(): Promise<string[]> {
    const filter = ["--filter", `name=-${this.label}-`];
    const ids = await succeed(["docker", "ps", "--quiet", ...filter], { seconds: 30 });
    return ids.split("\n").filter(Boolean);
  }

  /** The container of a host. A replacement has another name. */
  async containerOf(host: string): Promise<string> {
    const filter = ["--filter", `name=-${this.label}-${host}-`];
    const names = await succeed(["docker", "ps", "--format", "{{.Names}}", ...filter], {
      seconds: 30,
    });
    const [name, ...others] = names.split("\n").filter(Boolean);
    if (!name || others.length > 0) throw new Error(`${host} is these containers: ${names}`);
    return name;
  }

  override async onHost(host: string, script: string): Promise<string> {
    const command = ["docker", "exec", await this.containerOf(host), "bash", "-euc", script];
    return succeed(command, { seconds: 60 });
  }
}
