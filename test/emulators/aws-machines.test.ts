import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { EC2, Instance } from "@aws-sdk/client-ec2";
import { eventually, succeed } from "../e2e/harness/programs";
import { awsClient, iamClient } from "./aws-client";
import { type EmulatedCloud, startCloud } from "./daemon";
import { probe } from "./probe";

const METADATA = "http://169.254.169.254/latest";
const USER_DATA = "#!/bin/sh\necho ran >>/root/runs\n";
const TRUST = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" },
  ],
};
const BUCKET = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }],
};

describe("EC2 instances that are machines", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  let ec2: EC2;
  let group: string;
  let one: Instance;
  let two: Instance;

  before("two instances", async function () {
    // The first run on a machine builds the machine image.
    this.timeout("5m");
    cloud = await startCloud("aws", { boot: 0, provision: 0 });
    ec2 = awsClient(cloud);
    await makeProfile();
    const vpc = (await ec2.createVpc({ CidrBlock: "10.52.0.0/24" })).Vpc?.VpcId ?? "";
    const named = { GroupName: "hosts", Description: "hosts", VpcId: vpc };
    group = (await ec2.createSecurityGroup(named)).GroupId ?? "";
    const placed = { VpcId: vpc, CidrBlock: "10.52.0.0/24", AvailabilityZone: "us-east-1a" };
    const subnet = (await ec2.createSubnet(placed)).Subnet?.SubnetId ?? "";
    const data = Buffer.from(USER_DATA);
    [one, two] = await Promise.all([
      launch("one", subnet, data),
      launch("two", subnet, gzipSync(data)),
    ]);
    await Promise.all([booted(one), booted(two)]);
  });
  after(() => cloud?.stop());

  async function makeProfile(): Promise<void> {
    const iam = iamClient(cloud);
    const RoleName = "hosts";
    await iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify(TRUST) });
    const PolicyDocument = JSON.stringify(BUCKET);
    await iam.putRolePolicy({ RoleName, PolicyName: "bucket", PolicyDocument });
    await iam.createInstanceProfile({ InstanceProfileName: "hosts" });
    await iam.addRoleToInstanceProfile({ InstanceProfileName: "hosts", RoleName });
  }

  async function launch(name: string, subnet: string, data: Buffer): Promise<Instance> {
    const { Instances: [instance] = [] } = await ec2.runInstances({
      MinCount: 1,
      MaxCount: 1,
      ImageId: cloud.images.docker,
      InstanceType: "t3.medium",
      UserData: data.toString("base64"),
      IamInstanceProfile: { Name: "hosts" },
      InstanceInitiatedShutdownBehavior: "terminate",
      InstanceMarketOptions: { MarketType: "spot" },
      MetadataOptions: { HttpTokens: "required", HttpPutResponseHopLimit: 1 },
      NetworkInterfaces: [
        { DeviceIndex: 0, SubnetId: subnet, Groups: [group], AssociatePublicIpAddress: true },
      ],
      TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: name }] }],
    });
    return eventually(20, async () => {
      const found = await look(instance ?? {});
      assert.equal(found.State?.Name, "running");
      return found;
    });
  }

  async function look({ InstanceId = "" }: Instance): Promise<Instance> {
    const { Reservations } = await ec2.describeInstances({ InstanceIds: [InstanceId] });
    return Reservations?.[0]?.Instances?.[0] ?? {};
  }

  /** Runs a shell command on a machine, without its network. */
  function inside({ InstanceId, Tags = [] }: Instance, command: string): Promise<string> {
    const container = `${cloud.network}-${Tags[0]?.Value}-${InstanceId}`;
    return succeed(["docker", "exec", container, "bash", "-euc", command], { seconds: 20 });
  }

  const booted = (instance: Instance) =>
    eventually(20, () =>
      inside(instance, "for unit in cloud-final docker; do systemctl is-active $unit; done"),
    );

  /** Status and text of a page of the metadata service, requested with a token. */
  const metadata = (instance: Instance, path: string) =>
    inside(
      instance,
      `token=$(curl -fsS -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 60" ${METADATA}/api/token)
      curl -sS -w ' %{http_code}' -H "X-aws-ec2-metadata-token: $token" ${METADATA}/${path}`,
    );

  const reaches = async (from: Instance, to: Instance) => {
    const connect = `: </dev/tcp/${to.PrivateIpAddress}/22`;
    return (await inside(from, `timeout 1 bash -c '${connect}' && echo yes || echo no`)).trim();
  };

  it("run their user data, compressed or not, and have EC2's names", async () => {
    assert.equal(await inside(one, "cat /root/runs"), "ran\n");
    assert.equal(await inside(two, "cat /root/runs"), "ran\n");
    const facts = await inside(one, "hostname; cat /var/lib/cloud/data/instance-id");
    const name = one.PrivateIpAddress?.replaceAll(".", "-");
    assert.equal(facts, `ip-${name}\n${one.InstanceId}\n`);
  });

  it("find themselves in the metadata, with a token only, and not from containers", async () => {
    const code = `curl -sS -o /dev/null -w '%{http_code}' ${METADATA}/meta-data/instance-id`;
    assert.equal(await inside(one, code), "401");
    assert.equal(await metadata(one, "meta-data/instance-id"), `${one.InstanceId} 200`);
    assert.equal(await metadata(two, "meta-data/local-ipv4"), `${two.PrivateIpAddress} 200`);
    assert.equal(await metadata(two, "meta-data/public-ipv4"), `${two.PublicIpAddress} 200`);
    assert.equal(await metadata(one, "meta-data/placement/region"), "us-east-1 200");
    assert.equal(await metadata(one, "user-data"), `${USER_DATA} 200`);
    assert.equal(await metadata(one, "meta-data/spot/instance-action"), " 404");
    const ask = `timeout 2 bash -c ': </dev/tcp/169.254.169.254/80' && echo yes || echo no`;
    const contained = `docker run --rm debian:bookworm-slim bash -c ${JSON.stringify(ask)}`;
    assert.equal(await inside(one, contained), "no\n");
  });

  it("can do what their role allows, and nothing else", async () => {
    const path = "meta-data/iam/security-credentials/hosts";
    const answer = JSON.parse((await metadata(one, path)).replace(/ 200$/, ""));
    const credentials = {
      accessKeyId: answer.AccessKeyId,
      secretAccessKey: answer.SecretAccessKey,
      sessionToken: answer.Token,
    };
    await assert.rejects(awsClient(cloud, { credentials }).describeInstances(), {
      name: "AccessDenied",
    });
    const get = async (bucket: string) => {
      const scope = `${answer.AccessKeyId}/20250101/us-east-1/s3/aws4_request`;
      const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
      const headers = { authorization, "x-amz-security-token": answer.Token };
      return (await fetch(`${cloud.env.AWS_ENDPOINT_URL}/${bucket}/key`, { headers })).status;
    };
    assert.equal(await get("data"), 404);
    assert.equal(await get("others"), 403);
  });

  it("allow the traffic of their security groups, also when these change", async () => {
    const ssh = { IpProtocol: "tcp", FromPort: 22, ToPort: 22 };
    const address = one.PublicIpAddress ?? "";
    assert.equal(await reaches(two, one), "no");
    assert.equal(await probe(cloud, address, 22, { from: "developer" }), false);
    await ec2.authorizeSecurityGroupIngress({
      GroupId: group,
      IpPermissions: [
        { ...ssh, UserIdGroupPairs: [{ GroupId: group }] },
        { ...ssh, IpRanges: [{ CidrIp: `${cloud.developer}/32` }] },
      ],
    });
    await eventually(5, async () => assert.equal(await reaches(two, one), "yes"));
    assert.equal(await probe(cloud, address, 22, { from: "developer" }), true);
    assert.equal(await probe(cloud, address, 22, { from: "foreign" }), false);
    const everything = { IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    await ec2.revokeSecurityGroupEgress({ GroupId: group, IpPermissions: [everything] });
    await eventually(5, async () => assert.equal(await reaches(two, one), "no"));
  });

  it("get an interruption notice before they are interrupted", async () => {
    await cloud.control("machines/one/spot-notice", { seconds: 3 });
    const notice = await metadata(one, "meta-data/spot/instance-action");
    assert.match(notice, /^{"action":"terminate","time":"[\d-]+T[\d:]+Z"} 200$/);
    await eventually(10, async () => assert.equal((await look(one)).State?.Name, "terminated"));
  });

  it("are terminated by a shutdown from inside", async () => {
    await inside(two, "systemctl poweroff").catch(() => {});
    await eventually(10, async () => assert.equal((await look(two)).State?.Name, "terminated"));
    const kinds = (await cloud.state()).map(({ kind }) => kind);
    assert(!kinds.includes("instance") && !kinds.includes("volume"));
  });
});
