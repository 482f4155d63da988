import { deepEqual, equal, match } from "node:assert/strict";
import { join } from "node:path";
import { awsClient } from "../../emulators/aws-client";
import type { EmulatedCloud } from "../../emulators/daemon";
import { CloudStack, cloudWithSnapshot } from "../harness/cloud-stack";
import { repository } from "../harness/stack";

describe("A cluster in a subnet that was there before", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  before("an emulated AWS", async () => {
    cloud = await cloudWithSnapshot("aws", { boot: 0 });
  });
  after(() => cloud?.stop());

  it("has its hosts there, works, and leaves it as it was", async () => {
    const ec2 = awsClient(cloud);
    const { Vpc } = await ec2.createVpc({ CidrBlock: "10.77.0.0/16" });
    const { Subnet } = await ec2.createSubnet({
      VpcId: Vpc?.VpcId,
      CidrBlock: "10.77.8.0/24",
      AvailabilityZone: "us-east-1b",
    });
    const before = await cloud.state();
    equal(before.length, 2);

    const config = { workers: "1", "aws.subnet": Subnet?.SubnetId ?? "" };
    const stack = await new CloudStack("subnet", "aws", cloud).create(config);
    await stack.up();
    const { Reservations = [] } = await ec2.describeInstances({});
    const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
    equal(instances.length, 2);
    for (const { SubnetId, VpcId, Placement } of instances) {
      deepEqual([SubnetId, VpcId], [Subnet?.SubnetId, Vpc?.VpcId]);
      equal(Placement?.AvailabilityZone, "us-east-1b");
    }
    const { manager, workers } = await stack.cluster();
    for (const { privateAddress } of [manager, ...workers])
      match(privateAddress, /^10\.77\.8\.\d+$/);
    const pi = ["submit", join(repository, "examples/pi.py"), "--", "2"];
    const { status, output } = await stack.sparkSwarm(pi);
    equal(status, 0, output);

    await stack.destroy();
    deepEqual(await cloud.state(), before);
  });
});
