import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { awsClient, iamClient } from "../../../emulators/aws-client";
import { machines } from "../../harness/cloud-machines";
import type { CloudName, CloudStack } from "../../harness/cloud-stack";
import { eventually } from "../../harness/programs";
import { scan, scanFrom } from "../../harness/scan";
import { sharedCloudCluster, sharedCloudStack } from "../../harness/shared-cloud-cluster";

/** HDFS, the metastore, and the SQL server. */
const STORE_PORTS = [8020, 9864, 9866, 9867, 9870, 9083, 10000];
/** SSH, the bastion, Docker, Swarm, the registry, Spark's pages, and the store. */
const PORTS = [
  ...[22, 2222, 2375, 2376, 2377, 5000, 7946, 4040, 7077, 8080, 8081, 18080],
  ...STORE_PORTS,
];
const HOSTS = ["manager", "worker-0", "worker-1"];

/** Differences between the clouds. */
const OF: Record<CloudName, { listed: RegExp[]; parts: string[]; metadata: string }> = {
  digitalocean: {
    listed: [/:Vpc \S+ create/, /:Firewall \S+-manager-firewall create/, /:Project \S+ create/],
    parts: ["compute", "compute"],
    metadata: "http://169.254.169.254/metadata/v1/id",
  },
  aws: {
    listed: [/:Vpc \S+ create/, /:SecurityGroup \S+-manager create/, /:KeyPair \S+ create/],
    parts: ["compute", "compute", "disk", "disk", "address"],
    metadata:
      "-X PUT -H X-aws-ec2-metadata-token-ttl-seconds:60 http://169.254.169.254/latest/api/token",
  },
};

export function testCluster(name: CloudName): void {
  describe(`A cluster on ${name}`, function () {
    this.timeout("25m");
    const { listed, parts, metadata } = OF[name];
    let stack: CloudStack;
    before("a stack", async () => {
      stack = await sharedCloudStack(name);
    });

    it("is listed and priced by preview, which creates nothing", async () => {
      const before = await stack.cloud.state();
      const preview = await stack.pulumi(["preview"]);
      for (const host of HOSTS)
        match(preview, new RegExp(`(Droplet|Instance) \\S+-${host} create`));
      for (const resource of listed) match(preview, resource);
      match(preview, /hourlyCost: \{/);
      match(preview, /total +: 0\.\d+/);
      deepEqual(
        [...preview.matchAll(/what +: "(\w+)"/g)].map(([, what]) => what),
        parts,
      );
      deepEqual(await stack.cloud.state(), before);
    });

    it("comes up with its workers, and is healthy", async () => {
      await sharedCloudCluster(name);
      deepEqual(
        await stack.nodes(),
        HOSTS.map((host) => `${host} Ready Active`),
      );
      const status = await stack.status();
      deepEqual([status.problems, status.exitStatus], [[], 0]);
      deepEqual(
        status.workers.map(({ host, state }) => `${host} ${state}`),
        ["worker-0 ALIVE", "worker-1 ALIVE"],
      );
    });

    it("has run its bootstrap action once on each host, also after a reboot", async () => {
      // As at a boot.
      await stack.onHost("worker-0", "systemctl restart spark-swarm");
      await eventually(30, async () => {
        const joined = "grep -c 'a member of the Swarm' /var/log/user-data.log";
        equal((await stack.onHost("worker-0", joined)).trim(), "2");
      });
      for (const host of HOSTS) {
        equal(await stack.onHost(host, "cat /etc/bootstrap-runs"), "hello\n", host);
      }
    });

    it("costs what preview showed", async () => {
      const priced = JSON.parse(await stack.pulumi(["stack", "output", "hourlyCost", "--json"]));
      const { status, stdout, output } = await stack.sparkSwarm(["cost", "--json"]);
      equal(status, 0, output);
      const cost = JSON.parse(stdout);
      deepEqual([cost.hourly, cost.parts], [priced.total, priced.parts]);
      equal(cost.monthly, priced.total * 730);
      ok(cost.soFar > 0 && cost.soFar < priced.total, stdout);
      deepEqual(
        cost.parts.map(({ what }: { what: string }) => what),
        parts,
      );
      const sum = cost.parts.reduce(
        (all: number, { hourly }: { hourly: number }) => all + hourly,
        0,
      );
      ok(Math.abs(sum - cost.hourly) < 1e-9 && sum > 0, stdout);
    });

    it("is not changed by a second up, nor by a refresh and another up", async () => {
      const nothing = /Resources:\n +\d+ unchanged\n/;
      match(await stack.up("--expect-no-changes"), nothing);
      await stack.refresh("--expect-no-changes");
      match(await stack.up("--expect-no-changes"), nothing);
    });

    it("has secrets only where they must be", async () => {
      const userData = await stack.onHost("worker-0", "cat /var/lib/cloud/instance/user-data.txt");
      const keys = userData.match(/^\w+(?='-----BEGIN OPENSSH PRIVATE KEY)/gm);
      deepEqual(
        [...userData.matchAll(/^(\w+)='-----BEGIN/gm)].map(([, variable]) => variable),
        ["HOST_KEY", "JOIN_KEY"],
        keys?.join(),
      );
      equal(userData.match(/PRIVATE KEY-----$|PRIVATE KEY-----(?!')/gm)?.length ?? 0, 4);
      const client = await stack.pulumi(["stack", "output", "privateKey", "--show-secrets"]);
      const secrets = {
        "the client key": client.split("\n")[2] ?? "",
        "Spark's secret": await stack.onHost(
          "manager",
          "docker exec $(docker ps -qf name=spark_master) cat /run/secrets/spark_secret",
        ),
        "a join token": (await stack.onHost("manager", "docker swarm join-token -q worker")).slice(
          -26,
        ),
      };
      const state = await stack.pulumi(["stack", "export"]);
      const api = JSON.stringify([await stack.cloud.state(), await apiKnows(stack)]);
      for (const [what, secret] of Object.entries(secrets)) {
        ok(secret.trim().length > 20, `${what} is to be looked for`);
        for (const [where, text] of Object.entries({ userData, state, api })) {
          ok(!text.includes(secret.trim()), `${what} is in ${where}`);
        }
      }
      // Neither plain nor in base64, at any offset in its groups of three bytes.
      for (const text of [state, api]) {
        ok(!/PRIVATE KEY|UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW/.test(text));
      }
    });

    if (name === "digitalocean") {
      it("has its manager at a reserved address", async () => {
        const { manager, bastion } = await stack.cluster();
        const reserved = (await stack.cloud.state()).filter(({ kind }) => kind === "reserved-ip");
        deepEqual(
          reserved.map(({ name: address }) => address),
          [manager.address],
        );
        equal(bastion.address, manager.address);
        notEqual(manager.address, await publicAddress(stack, "manager"));
      });
    } else {
      it("has hosts that may use the named buckets, and nothing else", async () => {
        const iam = iamClient(stack.cloud);
        const { Reservations = [] } = await awsClient(stack.cloud).describeInstances({});
        const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
        equal(instances.length, 3);
        for (const { IamInstanceProfile } of instances) {
          const profile = IamInstanceProfile?.Arn?.split("/").at(-1);
          const { InstanceProfile } = await iam.getInstanceProfile({
            InstanceProfileName: profile,
          });
          const RoleName = InstanceProfile?.Roles?.[0]?.RoleName;
          const { PolicyNames = [] } = await iam.listRolePolicies({ RoleName });
          equal(PolicyNames.length, 1);
          const { PolicyDocument = "" } = await iam.getRolePolicy({
            RoleName,
            PolicyName: PolicyNames[0],
          });
          const { Statement } = JSON.parse(decodeURIComponent(PolicyDocument));
          deepEqual(
            Statement.flatMap(({ Resource }: { Resource: string[] }) => Resource),
            ["arn:aws:s3:::a-bucket-of-data", "arn:aws:s3:::a-bucket-of-data/*"],
          );
          const attached = await iam.listAttachedRolePolicies({ RoleName });
          deepEqual(attached.AttachedPolicies, []);
        }
      });
    }

    it("keeps the cloud's metadata from containers", async () => {
      for (const host of ["manager", "worker-0"]) {
        const found = await stack.onHost(
          host,
          `ask() { "$@" curl -sf -o /dev/null -m 2 ${metadata} && echo answered || echo silent; }
           ask env
           for container in $(docker ps -q); do
             ask nsenter -n -t "$(docker inspect -f '{{.State.Pid}}' "$container")" &
           done
           docker run --rm --entrypoint bash "$(docker ps --format '{{.Image}}' | grep -m 1 /spark)" \
             -c 'curl -sf -o /dev/null -m 2 ${metadata} && echo answered || echo silent'
           wait`,
        );
        const [host_, ...containers] = found.trim().split("\n");
        equal(host_, "answered", `${host} itself`);
        ok(containers.length >= 2, found);
        deepEqual([...new Set(containers)], ["silent"], `containers on ${host}`);
      }
    });

    it("has its store, which has no password, on the overlay only", async () => {
      const seen = async (host: string, options: string) => {
        const found = await stack.onHost(
          host,
          `gateway=$(docker network inspect docker_gwbridge -f '{{range .Containers}}{{.IPv4Address}} {{end}}' | sed 's#/[0-9]*##g')
           docker run --rm ${options} --entrypoint bash "$(docker ps --format '{{.Image}}' | grep -m 1 /spark)" -c '
             exec 2>/dev/null
             for address; do
               for port in ${STORE_PORTS.join(" ")}; do
                 timeout 3 bash -c ": <>/dev/tcp/$address/$port" && echo "$address:$port" &
               done
             done
             wait' - namenode $(hostname -I) $gateway`,
        );
        return found.split("\n").filter(Boolean);
      };
      for (const host of ["manager", "worker-0"]) deepEqual(await seen(host, ""), [], host);
      // Proves that it would be found.
      const overlay = await seen("manager", "--network spark");
      ok(overlay.includes("namenode:9870") && overlay.includes("namenode:8020"), overlay.join());
    });

    it("lets in SSH and the bastion, on the manager, from the addresses allowed, which may change", async () => {
      const manager = (await stack.cluster()).manager.address;
      const own = await Promise.all(HOSTS.map((host) => publicAddress(stack, host)));
      const addresses = [...new Set([manager, ...own])];
      const open = addresses
        .filter((address) => address === manager || address === own[0])
        .flatMap((address) => [`${address}:22`, `${address}:2222`]);
      const stranger = stack.cloud.developer.replace(/\d+$/, "222");
      const others = stack.cloud.developer.replace(/\d+$/, "221");
      deepEqual(await scan(addresses, PORTS), open);
      deepEqual(await scanFrom(stack.cloud, stranger, addresses, PORTS), []);

      const former = await machines(stack.cloud);
      await stack.configure("access.allowFrom[1]", stranger);
      await stack.up();
      deepEqual(await machines(stack.cloud), former);
      await eventually(10, async () =>
        deepEqual(await scanFrom(stack.cloud, stranger, addresses, PORTS), open),
      );
      deepEqual(await scanFrom(stack.cloud, others, addresses, PORTS), []);
      deepEqual(await scan(addresses, PORTS), open);
    });
  });
}

async function publicAddress(stack: CloudStack, host: string): Promise<string> {
  const script = "ip -4 -o addr show eth0 | sed -n '1s/.* inet \\([0-9.]*\\).*/\\1/p'";
  return (await stack.onHost(host, script)).trim();
}

/** What the cloud's API returns of machines and keys, without user data. */
async function apiKnows({ cloud, cloudName }: CloudStack): Promise<unknown[]> {
  if (cloudName === "aws") {
    const ec2 = awsClient(cloud);
    return Promise.all([ec2.describeInstances({}), ec2.describeKeyPairs({}), ec2.describeTags({})]);
  }
  const headers = { authorization: `Bearer ${cloud.env.DIGITALOCEAN_TOKEN}` };
  const paths = ["droplets", "account/keys", "tags", "firewalls", "projects", "vpcs"];
  return Promise.all(
    paths.map(async (path) => {
      const response = await fetch(`${cloud.env.DIGITALOCEAN_API_URL}/v2/${path}`, { headers });
      equal(response.status, 200, path);
      return response.json();
    }),
  );
}
