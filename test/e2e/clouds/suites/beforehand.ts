import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EmulatedCloud, startCloud } from "../../../emulators/daemon";
import { type CloudName, CloudStack } from "../../harness/cloud-stack";
import { repository } from "../../harness/stack";

/** Differences between the clouds: invalid values, and their credentials. */
const OF: Record<
  CloudName,
  { size: string; region: string; image: string; secret: string; missing: RegExp; wrong: RegExp }
> = {
  digitalocean: {
    size: "s-3vcpu-5gb",
    region: "xyz9",
    image: "docker-99-04",
    secret: "DIGITALOCEAN_TOKEN",
    missing: /does not accept the token .*Unable to authenticate you.*export DIGITALOCEAN_TOKEN=/s,
    wrong: /does not accept the token .*Unable to authenticate you.*export DIGITALOCEAN_TOKEN=/s,
  },
  aws: {
    size: "t9.medium",
    region: "xy-nowhere-9",
    image: "ami-0fedcba9876543210",
    secret: "AWS_SECRET_ACCESS_KEY",
    // The plugin's own words.
    missing: /No valid credential sources found\.\n.*installation-configuration/,
    wrong: /Invalid credentials configured\.\n.*installation-configuration.*\n.* AuthFailure: /,
  },
};

export function testBeforehand(name: CloudName): void {
  describe(`An update that is refused before ${name} creates anything`, function () {
    this.timeout("25m");
    const { size, region, image, secret, missing, wrong } = OF[name];
    let cloud: EmulatedCloud;
    let stack: CloudStack;
    before("an emulated cloud", async () => {
      cloud = await startCloud(name, { machines: "simulated" });
      stack = await new CloudStack("beforehand", name, cloud).create();
    });
    after(() => cloud?.stop());

    /** The output of an `up` with these additional settings, which is refused before anything is created. */
    async function refused(settings: Record<string, string>): Promise<string> {
      const file = join(repository, `Pulumi.${stack.name}.yaml`);
      const before = readFileSync(file);
      const given = Object.entries(settings).flatMap(([path, value]) => [
        ...["--config", `spark-swarm:${path}=${value}`],
      ]);
      const up = ["up", "--yes", "--skip-preview", "--config-path", ...given];
      const { status, output } = await stack.tryPulumi(up, 50);
      writeFileSync(file, before);
      notEqual(status, 0, output);
      deepEqual(await cloud.state(), []);
      match(
        output,
        /Resources:\n( +\+ [12] created\n)?( +\d unchanged\n)?\n/,
        "nothing but providers",
      );
      return output;
    }

    it("is one without credentials", async () => {
      stack.variables[secret] = "";
      match(await refused({}), missing);
    });

    it("is one with wrong credentials", async () => {
      stack.variables[secret] = "0".repeat(40);
      match(await refused({}), wrong);
      stack.variables[secret] = cloud.env[secret];
    });

    it("is one above the budget: its parts are listed", async () => {
      const output = await refused({ "budget.maxHourly": "0.01" });
      match(output, /would cost \$0\.\d+ an hour, more than budget\.maxHourly allows \(\$0\.01\)/);
      match(output, /- manager: \S+ × 1: \$0\.\d+\n +- workers: \S+ × 2: \$0\.\d+/);
      match(output, /pulumi config set --path 'budget\.maxHourly' 0\.\d+/);
    });

    it("is one with an unknown size", async () => {
      match(await refused({ "workers.size": size }), new RegExp(`workers\\.size: .*'${size}'`));
    });

    it("is one with an unknown region", async () => {
      match(await refused({ region }), new RegExp(`region: .*'${region}'`));
    });

    it("is one with an unknown image", async () => {
      match(await refused({ image }), new RegExp(`image: .*'${image}'`));
    });

    it("is one without access.allowFrom; and one with spot droplets", async () => {
      await stack.pulumi(["config", "rm", "access"]);
      const output = await refused(name === "digitalocean" ? { "workers.spot": "true" } : {});
      await stack.configure("access.allowFrom[0]", "127.0.0.1/32");
      match(output, /access\.allowFrom: .*pulumi config set --path 'access\.allowFrom\[0\]' /);
      equal(
        /workers\.spot: DigitalOcean has no spot machines; cloud aws has\./.test(output),
        name === "digitalocean",
        output,
      );
    });
  });
}
