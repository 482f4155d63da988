import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EC2, Subnet } from "@aws-sdk/client-ec2";
import type { CloudResource } from "../../../emulators/clouds/contract";
import { awsClient } from "../../emulators/aws-client";
import type { EmulatedCloud } from "../../emulators/daemon";
import { CloudStack, cloudWithSnapshot } from "../harness/cloud-stack";
import { endPrograms, eventually } from "../harness/programs";
import { S3Proxy } from "../harness/s3-proxy";
import { S3Server } from "../harness/s3-server";
import { repository } from "../harness/stack";

const uber = readFileSync(join(repository, "examples/data/uber.csv"), "utf8");
const job = join(repository, "test/e2e/jobs/copy_in_s3.py");
/** Uses the images of test/e2e/notebook.test.ts, which exist already. */
const s3 = JSON.stringify({ accessKey: "an-access-key", secretKey: "a-secret-key" });
const ZONE = "us-east-1b";
const IMAGES = { notebook: "true", connect: "true", s3 };

describe("A cluster in an AWS account with a subnet and a bucket for it", function () {
  this.timeout("25m");
  let service: S3Server;
  let proxy: S3Proxy;
  let cloud: EmulatedCloud;
  let stack: CloudStack;
  let subnet: Subnet;
  /** The account's resources before the cluster. */
  let found: CloudResource[];
  before("an S3 service and a cluster without its keys", async () => {
    service = await S3Server.start();
    await service.bucket("data", { "in/uber.csv": uber });
    proxy = await S3Proxy.start(service.endpoint);
    cloud = await cloudWithSnapshot("aws", { boot: 0 }, IMAGES);
    subnet = await makeSubnet(awsClient(cloud));
    found = await cloud.state();
    equal(found.length, 2);
    stack = await new CloudStack("role", "aws", cloud).create({
      storage: "none",
      "aws.subnet": subnet.SubnetId ?? "",
      notebook: "true",
      connect: "true",
      "aws.buckets[0]": "data",
      "s3.endpoint": proxy.endpoint,
      "s3.pathStyle": "true",
      "spark.eventLog": "s3a://data/events",
      "workers.count": "1",
      "workers.size": "t3.small",
    });
    await stack.up();
  });
  after(async () => {
    await endPrograms();
    proxy?.stop();
    await cloud?.stop();
  });

  /** The id of the access key that containers of a host find. */
  async function keyOf(host: string): Promise<string> {
    const relay = "docker exec $(docker ps -qf name=role_relay)";
    const text = await stack.onHost(host, `${relay} cat /run/aws/credentials`);
    const [, key = ""] = /^aws_access_key_id = (\S+)$/m.exec(text) ?? [];
    ok(key, "the host has no credentials");
    return key;
  }

  async function copy(target: string): Promise<void> {
    const words = ["submit", job, "--", "s3a://data/in", `s3a://data/${target}`];
    const { status, stdout, output } = await stack.sparkSwarm(words, { seconds: 240 });
    equal(status, 0, output);
    match(stdout, new RegExp(`^${uber.trim().split("\n").length} lines$`, "m"));
  }

  it("has its hosts in the subnet", async () => {
    const { Reservations = [] } = await awsClient(cloud).describeInstances({});
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    equal(instances.length, 2);
    for (const { SubnetId, VpcId, Placement } of instances) {
      deepEqual([SubnetId, VpcId], [subnet.SubnetId, subnet.VpcId]);
      equal(Placement?.AvailabilityZone, ZONE);
    }
    const { manager, workers } = await stack.cluster();
    for (const { privateAddress } of [manager, ...workers])
      match(privateAddress, /^10\.77\.8\.\d+$/);
  });

  it("reads and writes S3 by its hosts' role, drivers and executors each with the credentials of their host", async () => {
    const keys = [await keyOf("manager"), await keyOf("worker-0")];
    notEqual(keys[0], keys[1]);
    await copy("out");
    deepEqual([...proxy.accessKeys].sort(), keys.sort());
    ok((await service.keys("data")).some((key) => /^events\/eventlog_v2_app-/.test(key)));
  });

  it("continues with new credentials of the role", async () => {
    const former = await keyOf("worker-0");
    await cloud.control(`machines/${stack.container("worker-0")}/new-credentials`);
    const key = await eventually(40, async () => {
      const found = await keyOf("worker-0");
      notEqual(found, former);
      return found;
    });
    proxy.accessKeys.clear();
    await copy("again");
    deepEqual([...proxy.accessKeys].sort(), [await keyOf("manager"), key].sort());
  });

  it("has the role for Spark only: no other process can read the credentials, and no other container gets them", async () => {
    const find = `docker ps -q | xargs docker inspect --format '{{.Name}} {{.HostConfig.NetworkMode}}'`;
    const onHost = (await stack.onHost("worker-0", find)).split("\n");
    deepEqual(
      onHost.filter((line) => line.endsWith(" host")).map((line) => line.split(".")[0]),
      ["/role_relay"],
    );
    const worker = "docker exec $(docker ps -qf name=spark_worker)";
    const mode = await stack.onHost(
      "worker-0",
      `${worker} stat -c '%u %g %a' /run/aws/credentials`,
    );
    equal(mode.trim(), "185 185 440");
    const write = await stack.onHost("worker-0", `${worker} touch /run/aws/x 2>&1 || true`);
    match(write, /Read-only file system/);
  });

  it("leaves the subnet as it was when it is destroyed", async () => {
    await stack.destroy();
    deepEqual(await cloud.state(), found);
  });
});

async function makeSubnet(ec2: EC2): Promise<Subnet> {
  const { Vpc } = await ec2.createVpc({ CidrBlock: "10.77.0.0/16" });
  const { Subnet } = await ec2.createSubnet({
    VpcId: Vpc?.VpcId,
    CidrBlock: "10.77.8.0/24",
    AvailabilityZone: ZONE,
  });
  ok(Subnet);
  return Subnet;
}
