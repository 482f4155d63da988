import assert from "node:assert/strict";
import type { Output } from "@pulumi/pulumi";
import { instances } from "./aws";
import {
  inPreviewAndUpdate,
  parseUserData,
  privateKeyOf,
  promiseOf,
  publicKeyOf,
  type Registered,
  UNKNOWN,
} from "./mocks";
import { TAG_SUFFIX } from "./providers";

const TAG = `lab${TAG_SUFFIX}`;
const INSTANCE = "aws:ec2/instance:Instance";
const ec2 = (type: string) => `aws:ec2/${type[0]?.toLowerCase()}${type.slice(1)}:${type}`;

function machines(registered: Registered[]): Registered[] {
  return registered.filter(({ type }) => type === INSTANCE);
}

inPreviewAndUpdate((preview) => {
  const unlessPreview = (value: string) => (preview ? UNKNOWN : value);

  describe("EC2 instances", () => {
    it("are these, with all their resources", async () => {
      const { registered } = await instances(preview, { workers: 2 });
      const rules = registered.filter(({ type }) => /Rule$/.test(type));
      const others = registered.filter((one) => !rules.includes(one));
      const COMMAND = "command:local:Command";
      assert.deepEqual(
        others.map(({ name, type }) => [name, type]),
        [
          ["aws", "pulumi:providers:aws"],
          ["lab", "spark-swarm:hosts:AwsHosts"],
          ["lab-client-key", COMMAND],
          ["lab-default-route", ec2("Route")],
          ["lab-gateway", ec2("InternetGateway")],
          ["lab-hosts", ec2("SecurityGroup")],
          ["lab-id", COMMAND],
          ["lab-join-key", COMMAND],
          ["lab-key", ec2("KeyPair")],
          ["lab-manager", INSTANCE],
          ["lab-manager", ec2("SecurityGroup")],
          ["lab-manager-boot", "command:remote:Command"],
          ["lab-manager-host-key", COMMAND],
          ["lab-reserved", ec2("SubnetCidrReservation")],
          ["lab-routes", ec2("RouteTable")],
          ["lab-routes", ec2("RouteTableAssociation")],
          ["lab-subnet", ec2("Subnet")],
          ["lab-sweep", COMMAND],
          ["lab-vpc", ec2("Vpc")],
          ["lab-worker-0", INSTANCE],
          ["lab-worker-0-host-key", COMMAND],
          ["lab-worker-1", INSTANCE],
          ["lab-worker-1-host-key", COMMAND],
        ],
      );
      for (const { name, type, parent, provider } of registered) {
        if (!type.startsWith("aws:")) continue;
        assert.deepEqual([parent, provider], ["lab", "aws"], name);
      }
    });

    it("are deleted on destroy by the sweep alone, with resources that Pulumi does not know, last of all", async () => {
      const aws = { buckets: ["my-data"] };
      const { find, registered } = await instances(preview, { aws });
      const { dependsOn, inputs } = find("lab-sweep");
      assert.deepEqual(dependsOn, ["lab-id"]);
      const tag = unlessPreview(TAG);
      const environment = { TAG: tag, KNOWN: "", DRY_RUN: "", AWS_REGION: "us-east-1" };
      assert.deepEqual(inputs.environment, environment);
      for (const { name, type, deletedWith } of registered) {
        if (type.startsWith("aws:")) assert.equal(deletedWith, "lab-sweep", `${name} ${type}`);
      }
      for (const name of ["lab-vpc", "lab-key", "lab-role"]) {
        assert.ok(find(name).dependsOn.includes("lab-sweep"), name);
      }
    });

    it("follow the settings; disks are encrypted, and their end needs no credentials", async () => {
      const { find } = await instances(preview, {
        manager: { disk: 20 },
        workers: { size: "m7i.large", disk: 200 },
      });
      for (const [name, type, disk, groups] of [
        ["lab-manager", "t3.medium", 20, ["lab-hosts", "lab-manager"]],
        ["lab-worker-0", "m7i.large", 200, ["lab-hosts"]],
        ["lab-worker-1", "m7i.large", 200, ["lab-hosts"]],
      ] as const) {
        const { userData, privateIp: _, ...others } = find(name, INSTANCE).inputs;
        const tags = { Name: name, "spark-swarm": unlessPreview(TAG) };
        assert.notEqual(userData, undefined);
        assert.deepEqual(others, {
          ami: "ami of debian-12-amd64-*",
          instanceType: type,
          subnetId: unlessPreview("id-of-lab-subnet"),
          associatePublicIpAddress: true,
          vpcSecurityGroupIds: groups.map((group) => unlessPreview(`id-of-${group}`)),
          keyName: unlessPreview("name of lab-key"),
          userDataReplaceOnChange: true,
          instanceInitiatedShutdownBehavior: "terminate",
          // A token is required, and containers cannot get one.
          metadataOptions: {
            httpEndpoint: "enabled",
            httpTokens: "required",
            httpPutResponseHopLimit: 1,
          },
          rootBlockDevice: {
            volumeType: "gp3",
            volumeSize: disk,
            encrypted: true,
            deleteOnTermination: true,
            tags,
          },
          tags,
        });
      }
      assert.deepEqual(find("lab-key").inputs, {
        publicKey: unlessPreview(publicKeyOf("lab-client-key")),
        tags: { Name: "lab", "spark-swarm": unlessPreview(TAG) },
      });
    });

    it("have secret user data", async () => {
      const { registered } = await instances(preview);
      assert.equal(machines(registered).length, 3);
      for (const { name, secrets, inputs } of machines(registered)) {
        // An unknown value is not marked as secret.
        if (preview) assert.equal(inputs.userData, UNKNOWN, name);
        else assert.deepEqual(secrets, ["userData"], name);
      }
    });

    it("have the outputs of the contract, known or not", async () => {
      const { result } = await instances(preview, { workers: 1 });
      const { manager, workers, end } = result.hosts;
      assert.equal(end, "systemctl poweroff");
      for (const [given, expected] of [
        [manager.id, "id-of-lab-manager"],
        [workers[0]?.id, "id-of-lab-worker-0"],
        [workers[0]?.privateAddress, "private address of lab-worker-0"],
        [manager.ssh.address, "public address of lab-manager"],
        [manager.bastion.address, "public address of lab-manager"],
      ] as const) {
        const { value, known, secret } = await promiseOf(given as Output<string>);
        assert.deepEqual([known, secret], [!preview, false], expected);
        if (!preview) assert.equal(value, expected);
      }
      assert.equal((await promiseOf(manager.ssh.port)).value, 22);
      assert.equal((await promiseOf(manager.bastion.port)).value, 2222);
    });
  });

  describe("EC2 instances' access to buckets", () => {
    const buckets = ["my-data", "other.data"];

    it("includes only those of the settings", async () => {
      const { find, registered } = await instances(preview, { aws: { buckets } });
      assert.equal(find("lab-buckets").inputs.role, unlessPreview("name of lab-role"));
      assert.deepEqual(JSON.parse(find("lab-buckets").inputs.policy as string), {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
            Resource: ["arn:aws:s3:::my-data", "arn:aws:s3:::other.data"],
          },
          {
            Effect: "Allow",
            Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
            Resource: ["arn:aws:s3:::my-data/*", "arn:aws:s3:::other.data/*"],
          },
        ],
      });
      const iam = registered.filter(({ type }) => type.startsWith("aws:iam/"));
      assert.deepEqual(
        iam.map(({ name }) => name),
        ["lab-buckets", "lab-profile", "lab-role"],
      );
    });

    it("is for EC2's machines only, through a profile of all hosts", async () => {
      const { find, registered } = await instances(preview, { aws: { buckets } });
      const { assumeRolePolicy, ...others } = find("lab-role").inputs;
      assert.deepEqual(others, {
        path: unlessPreview(`/spark-swarm/${TAG}/`),
        tags: { Name: "lab", "spark-swarm": unlessPreview(TAG) },
      });
      assert.deepEqual(JSON.parse(assumeRolePolicy as string), {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "ec2.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      });
      const profile = find("lab-profile");
      assert.equal(profile.inputs.path, unlessPreview(`/spark-swarm/${TAG}/`));
      assert.equal(profile.inputs.role, unlessPreview("name of lab-role"));
      // A host with the profile needs the policy from the start.
      assert.ok(profile.dependsOn.includes("lab-buckets"));
      for (const { name, inputs } of machines(registered)) {
        assert.equal(inputs.iamInstanceProfile, unlessPreview("name of lab-profile"), name);
      }
    });

    it("does not exist when the settings name none", async () => {
      const { registered } = await instances(preview);
      assert.deepEqual(
        registered.filter(({ type }) => type.startsWith("aws:iam/")),
        [],
      );
    });
  });
});

describe("EC2 instances' user data", () => {
  const made = () => instances(false, { workers: { count: 2, size: "m7i.large" } });

  it("of the manager: its size, the private network, only its own private key", async () => {
    const { inputs } = (await made()).find("lab-manager", INSTANCE);
    assert.deepEqual(parseUserData(inputs.userData).variables, {
      ROLE: "manager",
      NAME: "manager",
      HOST_KEY: privateKeyOf("lab-manager-host-key"),
      AUTHORIZED_KEY: publicKeyOf("lab-client-key"),
      HOST_CPUS: "2",
      HOST_MEMORY_MB: "4096",
      PRIVATE_RANGE: "10.203.0.0/24",
      JOIN_PUBLIC_KEY: publicKeyOf("lab-join-key"),
    });
  });

  it("of a worker: its own host key, the join key, and where the manager is", async () => {
    const { inputs } = (await made()).find("lab-worker-1", INSTANCE);
    assert.deepEqual(parseUserData(inputs.userData).variables, {
      ROLE: "worker",
      NAME: "worker-1",
      HOST_KEY: privateKeyOf("lab-worker-1-host-key"),
      AUTHORIZED_KEY: publicKeyOf("lab-client-key"),
      HOST_CPUS: "2",
      HOST_MEMORY_MB: "8192",
      PRIVATE_RANGE: "10.203.0.0/24",
      JOIN_KEY: privateKeyOf("lab-join-key"),
      MANAGER: "10.203.0.10",
      MANAGER_HOST_KEY: publicKeyOf("lab-manager-host-key"),
    });
  });

  it("is the same however many workers there are, so that one more replaces none", async () => {
    const one = await instances(false, { workers: 1 });
    const three = await instances(false, { workers: 3 });
    for (const name of ["lab-manager", "lab-worker-0"]) {
      assert.deepEqual(one.find(name, INSTANCE).inputs, three.find(name, INSTANCE).inputs);
    }
  });
});
