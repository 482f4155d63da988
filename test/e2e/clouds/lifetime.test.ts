import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { EmulatedCloud } from "../../emulators/daemon";
import { type CloudName, CloudStack, cloudWithSnapshot } from "../harness/cloud-stack";
import { freePort } from "../harness/ports";
import { endPrograms, eventually, run } from "../harness/programs";
import { S3Server } from "../harness/s3-server";
import { repository } from "../harness/stack";

const HOUR = 3600;
const MINUTE = 60;
const KEYS = { accessKey: "an-access-key", secretKey: "a-secret-key" };

/** A cluster with a lifetime, whose clock the tests put forward. */
class MortalStack extends CloudStack {
  /** Its lifetime according to `status`; `ends` in seconds. */
  async lifetime(): Promise<{ ends: number | undefined; idleLimit: number | null }> {
    const { stdout, output } = await this.sparkSwarm(["status", "--json"], { seconds: 60 });
    ok(stdout.startsWith("{"), output);
    const { lifetime } = JSON.parse(stdout) as {
      lifetime: { ends: string | null; idleLimit: number | null };
    };
    const ends = lifetime.ends ? Date.parse(lifetime.ends) / 1000 : undefined;
    return { ends, idleLimit: lifetime.idleLimit };
  }

  /** For how many seconds it has been idle, according to its manager. */
  async idleFor(): Promise<number> {
    const shown = await this.onHost("manager", "/usr/local/lib/spark-swarm/lifetime show");
    return JSON.parse(shown).idleFor;
  }

  /** Makes its manager believe that a moment, `ends` or `active`, was so many seconds ago. */
  async putBack(moment: "ends" | "active", seconds: number): Promise<void> {
    const script = `echo "$(($(date +%s) - ${seconds}))" >/var/lib/spark-swarm/${moment}`;
    await this.onHost("manager", script);
  }

  /** Its machines, some of which may be shutting down. */
  async machines(): Promise<string[]> {
    const all = await this.cloud.state();
    const kinds = ["droplet", "instance"];
    return all.filter(({ kind }) => kinds.includes(kind)).map(({ name }) => name);
  }

  /** Waits until all machines have ended by themselves: workers ask every half minute whether they should. */
  async hasEnded(): Promise<void> {
    await eventually(240, async () => deepEqual(await this.machines(), []));
  }

  /** The reaper's line on it. */
  async reap(...args: string[]): Promise<string> {
    const { status, stdout, output } = await this.sparkSwarm(["reap", ...args]);
    equal(status, 0, output);
    return stdout;
  }
}

describe("The lifetime of clusters", function () {
  this.timeout("25m");
  // Hosts need most of a minute to end. Meanwhile the other cloud's cluster is created.
  const clouds: EmulatedCloud[] = [];
  let droplets: MortalStack;
  let instances: MortalStack;
  let s3: S3Server;
  before("two emulated clouds, and an S3 service", async () => {
    s3 = await S3Server.start();
    await s3.bucket("kept");
    const create = async (
      name: CloudName,
      config: Record<string, string>,
      images: Record<string, string> = {},
    ) => {
      const cloud = await cloudWithSnapshot(name, { boot: 0 }, images);
      clouds.push(cloud);
      return new MortalStack("lifetime", name, cloud).create({
        workers: "1",
        "lifetime.ttl": "8h",
        ...config,
      });
    };
    droplets = await create("digitalocean", { storage: "none" });
    const config = {
      "lifetime.idle": "30m",
      "storage.archive": "s3a://kept/clusters",
      "s3.endpoint": s3.endpoint,
      "s3.pathStyle": "true",
      "s3.accessKey": KEYS.accessKey,
      "s3.secretKey": KEYS.secretKey,
    };
    instances = await create("aws", config, { s3: JSON.stringify(KEYS) });
  });
  afterEach(endPrograms);
  after(async () => {
    await Promise.all(clouds.map((cloud) => cloud.stop()));
    await s3?.stop();
  });

  it("is shown, and extended on request", async () => {
    const before = Math.floor(Date.now() / 1000);
    await instances.up();
    const after = Date.now() / 1000;
    const { ends = 0, idleLimit } = await instances.lifetime();
    ok(ends >= before + 8 * HOUR && ends <= after + 8 * HOUR, `${ends}`);
    equal(idleLimit, 30 * MINUTE);
    const { status, output } = await instances.sparkSwarm(["extend", "2h"]);
    equal(status, 0, output);
    match(output, /^The cluster of stack \S+ ends at .*, in (9h 5\dm|10h)\.$/m);
    equal((await instances.lifetime()).ends, ends + 2 * HOUR);
    match(
      await instances.reap("--dry-run"),
      /: alive until 2\d{3}-\S+ \S+ \S+ or until idle for 30m\n$/,
    );
  });

  /** Waits until the manager of a long idle cluster notices that it is in use. */
  async function isNoticed(): Promise<void> {
    await instances.putBack("active", 25 * MINUTE);
    await eventually(30, async () => ok((await instances.idleFor()) < MINUTE));
  }

  it("continues while a job runs", async () => {
    const job = join(repository, "test/e2e/jobs/until_released.py");
    const program = instances.start(["submit", job, "--", "never"], { seconds: 120 });
    await program.says(/^round 1$/m, 60);
    await isNoticed();
    program.signal("SIGINT");
    await program.ended;
  });

  it("continues while a user works on a host", async () => {
    const work = "while sleep 0.1; do date; done";
    const program = instances.start(["ssh", "manager", "--", work], { seconds: 60 });
    await program.says(/20\d\d$/m, 20);
    await isNoticed();
    program.signal("SIGINT");
    await program.ended;
  });

  it("continues while a user reads pages through a tunnel", async () => {
    const port = await freePort();
    const tunnel = instances.start(["tunnel", "--port", `${port}`], { seconds: 90 });
    await tunnel.says(/http:\/\/master:8080/, 30);
    const proxy = ["--socks5-hostname", `127.0.0.1:${port}`];
    const look = ["curl", "-fsS", "--max-time", "10", ...proxy, "http://master:8080/json/"];
    await instances.putBack("active", 25 * MINUTE);
    await eventually(30, async () => {
      equal((await run(look, { seconds: 15 })).status, 0);
      ok((await instances.idleFor()) < MINUTE);
    });
    tunnel.signal("SIGINT");
    await tunnel.ended;
  });

  it("shows in advance what will be deleted, and what will be kept", async () => {
    const job = join(repository, "test/e2e/jobs/keep.py");
    const written = await instances.sparkSwarm(["submit", job, "--", "write", "/data/keep/out"]);
    equal(written.status, 0, written.output);
    const { stdout } = await instances.sparkSwarm(["status"]);
    match(
      stdout,
      /^ +\/data\/keep is copied to s3a:\/\/kept\/clusters\/test-lifetime-\S+Z first$/m,
    );
    match(stdout, /^ +\/warehouse\/kept is deleted with it: \d+ files, .*, without another copy$/m);
    ok(!stdout.includes("/data/keep is deleted with it"), stdout);
  });

  it("continues, with the reason, while /data/keep cannot be copied", async () => {
    await s3.removeBucket("kept");
    await instances.putBack("active", 30 * MINUTE);
    await eventually(60, async () => {
      const { status, stdout } = await instances.sparkSwarm(["status"]);
      match(
        stdout,
        /The cluster keeps running, and costs money, because \/data\/keep cannot be copied to/,
      );
      equal(status, 1);
    });
    const reaped = await instances.sparkSwarm(["reap"]);
    match(reaped.stdout, /: idle for 3\dm.*: not destroyed, \/data\/keep could not be copied to/);
    equal(reaped.status, 1);
    equal((await instances.machines()).length, 2);
    await s3.bucket("kept");
  });

  it("of instances needs no credential to end them", async () => {
    equal(await instances.onHost("manager", CREDENTIALS), "404");
    await instances.putBack("active", 30 * MINUTE);
  });

  const GO_ON =
    /lifetime: without lifetime\.token, the machines keep costing money after their lifetime/;

  it("of droplets does not end them without a token: up warns that they continue to cost money, and names the reaper", async () => {
    const output = await droplets.up();
    match(output, GO_ON);
    match(output, /Run 'npx spark-swarm reap' regularly/);
    await droplets.putBack("ends", MINUTE);
    match(await droplets.reap("--dry-run"), /: expired at .*: would be destroyed\n$/);
    equal((await droplets.machines()).length, 2);
  });

  it("of instances has ended when they were idle, and /data/keep is in the bucket", async () => {
    await instances.hasEnded();
    const keys = await s3.keys("kept");
    const parts = keys.filter((key) => /^clusters\/test-lifetime-[^/]+Z\/out\/part-/.test(key));
    equal(parts.length, 4, keys.join("\n"));
    ok(keys.every((key) => key.includes("/out/")));
    match(
      await instances.reap("--dry-run"),
      /: it ended itself: none of its hosts is left: would be destroyed\n$/,
    );
  });

  it("of droplets ends them with a token that may delete droplets and nothing else", async () => {
    const extended = await droplets.sparkSwarm(["extend", "1h"]);
    match(extended.output, /, in (59m|1h)( \d+s)?\.$/m);
    const token = droplets.cloud.env.DIGITALOCEAN_DELETE_TOKEN ?? "";
    await droplets.pulumi(["config", "set", "--secret", "--path", "lifetime.token", token]);
    const output = await droplets.up();
    ok(!GO_ON.test(output) && !output.includes(token), output);
    equal((await droplets.machines()).length, 2);
    await droplets.putBack("ends", 0);
  });

  it("starts over when the next up creates the machines again", async () => {
    const since = async () => Date.parse((await instances.cluster()).since) / 1000;
    const former = await since();
    const before = Math.floor(Date.now() / 1000);
    await instances.up();
    await instances.isWell();
    const made = await since();
    ok(former < before && made >= before);
    // The watcher counts from when it was installed, once the machine had booted.
    const { ends = 0 } = await instances.lifetime();
    const now = () => Date.now() / 1000;
    ok(ends >= made + 8 * HOUR && ends <= now() + 8 * HOUR, `${ends} for ${made}`);
    const asked = now();
    const { stdout } = await instances.sparkSwarm(["cost", "--json"]);
    const answered = now();
    const { soFar, hourly } = JSON.parse(stdout) as { soFar: number; hourly: number };
    const age = (soFar / hourly) * HOUR;
    ok(age > asked - made - 1 && age < answered - made + 1, `${age} for ${made}`);
    await instances.destroy();
    deepEqual(await instances.cloud.state(), []);
  });

  it("of droplets is over for good after the reaper", async () => {
    await droplets.hasEnded();
    match(await droplets.reap(), /: it ended itself: none of its hosts is left: destroyed\n$/);
    deepEqual(await droplets.cloud.state(), []);
  });
});

/** The metadata service's answer to a request for credentials. */
const CREDENTIALS = `
  metadata=http://169.254.169.254/latest
  token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token")
  curl -s -o /dev/null -w '%{http_code}' -H "X-aws-ec2-metadata-token: $token" "$metadata/meta-data/iam/security-credentials/"`;
