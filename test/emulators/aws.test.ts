import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { EC2, Instance, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { awsClient, iamClient, pricingClient } from "./aws-client";
import { type EmulatedCloud, startCloud } from "./daemon";

const PUBLIC_KEY = Buffer.from(
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test",
);

describe("the emulated AWS", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  let ec2: EC2;
  let network: { vpc: string; subnet: string; group: string };

  before(async () => {
    cloud = await startCloud("aws", { machines: "simulated", boot: 0, provision: 0.3 });
    ec2 = awsClient(cloud);
    network = await makeNetwork("10.50.0.0/16", "10.50.1.0/24");
  });
  after(() => cloud?.stop());
  afterEach(() => cloud.clearFaults());

  async function makeNetwork(range: string, part: string) {
    const vpc = (await ec2.createVpc({ CidrBlock: range })).Vpc?.VpcId ?? "";
    const placed = { VpcId: vpc, CidrBlock: part, AvailabilityZone: "us-east-1a" };
    const subnet = (await ec2.createSubnet(placed)).Subnet?.SubnetId ?? "";
    const named = { GroupName: "hosts", Description: "hosts", VpcId: vpc };
    const group = (await ec2.createSecurityGroup(named)).GroupId ?? "";
    return { vpc, subnet, group };
  }

  const refused = (code: string) => (error: Error) => error.name === code;
  const request = (name: string, own: Partial<RunInstancesRequest> = {}): RunInstancesRequest => ({
    MinCount: 1,
    MaxCount: 1,
    ImageId: cloud.images.docker,
    InstanceType: "t3.medium",
    SubnetId: network.subnet,
    SecurityGroupIds: [network.group],
    InstanceInitiatedShutdownBehavior: "terminate",
    TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "Name", Value: name }] }],
    ...own,
  });
  async function launch(name: string, own: Partial<RunInstancesRequest> = {}): Promise<Instance> {
    const { Instances: [instance] = [] } = await ec2.runInstances(request(name, own));
    assert(instance);
    return instance;
  }
  async function look({ InstanceId = "" }: Instance): Promise<Instance> {
    const { Reservations } = await ec2.describeInstances({ InstanceIds: [InstanceId] });
    const found = Reservations?.[0]?.Instances?.[0];
    assert(found);
    return found;
  }
  async function until(instance: Instance, state: string): Promise<Instance> {
    for (;;) {
      const now = await look(instance);
      if (now.State?.Name === state) return now;
    }
  }
  async function terminate(...instances: Instance[]): Promise<void> {
    const InstanceIds = instances.map(({ InstanceId = "" }) => InstanceId);
    await ec2.terminateInstances({ InstanceIds });
    await Promise.all(instances.map((instance) => until(instance, "terminated")));
  }

  it("checks signatures and keys", async () => {
    const { AWS_ACCESS_KEY_ID: accessKeyId = "" } = cloud.env;
    const wrong = { credentials: { accessKeyId, secretAccessKey: "wrong" } };
    const unknown = { credentials: { ...wrong.credentials, accessKeyId: "AKIAIOSFODNN7EXAMPLE" } };
    await assert.rejects(awsClient(cloud, wrong).describeVpcs(), refused("AuthFailure"));
    await assert.rejects(awsClient(cloud, unknown).describeVpcs(), refused("AuthFailure"));
    await assert.rejects(iamClient(cloud, unknown).listRoles(), refused("InvalidClientTokenId"));
    const products = pricingClient(cloud, unknown).getProducts({ ServiceCode: "AmazonEC2" });
    await assert.rejects(products, refused("UnrecognizedClientException"));
    const unsigned = await fetch(`${cloud.env.AWS_ENDPOINT_URL}/`, { method: "POST" });
    assert.equal(unsigned.status, 403);
  });

  it("offers Debian, an image with Docker, and the user's own", async () => {
    const ids = async (owner: string, pattern: string) => {
      const Filters = [{ Name: "name", Values: [pattern] }];
      const { Images = [] } = await ec2.describeImages({ Owners: [owner], Filters });
      return Images.map(({ Architecture, ImageId }) => `${Architecture} ${ImageId}`).sort();
    };
    assert.deepEqual(await ids("136693071363", "debian-12-*-*"), [
      "arm64 ami-0deb12a8664020002",
      "x86_64 ami-0deb12a8664020001",
    ]);
    assert.equal((await ids("amazon", "al2023-ami-ecs-*")).length, 1);
    assert.deepEqual(await ids("self", "spark-swarm"), [`x86_64 ${cloud.images.snapshot}`]);
  });

  it("takes an instance from pending to running, with its addresses, and ends it", async () => {
    const nic = { DeviceIndex: 0, SubnetId: network.subnet, Groups: [network.group] };
    const interfaces = [{ ...nic, AssociatePublicIpAddress: true, PrivateIpAddress: "10.50.1.9" }];
    const instance = await launch("one", {
      SubnetId: undefined,
      SecurityGroupIds: undefined,
      NetworkInterfaces: interfaces,
    });
    assert.equal(instance.State?.Name, "pending");
    const running = await until(instance, "running");
    assert.equal(running.PrivateIpAddress, "10.50.1.9");
    assert.match(running.PublicIpAddress ?? "", /^127\.18\./);
    assert.deepEqual(
      running.SecurityGroups?.map(({ GroupId }) => GroupId),
      [network.group],
    );
    const InstanceIds = [instance.InstanceId ?? ""];
    const { TerminatingInstances } = await ec2.terminateInstances({ InstanceIds });
    assert.equal(TerminatingInstances?.[0]?.CurrentState?.Name, "shutting-down");
    const terminated = await until(instance, "terminated");
    assert.equal(terminated.PublicIpAddress, undefined);
    assert((await cloud.state()).every(({ kind }) => kind !== "instance" && kind !== "volume"));
  });

  it("refuses launches that EC2 refuses", async () => {
    await ec2.importKeyPair({ KeyName: "known", PublicKeyMaterial: PUBLIC_KEY });
    const other = await makeNetwork("10.51.0.0/16", "10.51.1.0/24");
    const taken = await launch("taken", { PrivateIpAddress: "10.50.1.20" });
    const data = (bytes: number) => Buffer.alloc(bytes, "x").toString("base64");
    const spot = (MaxPrice: string) => ({ MarketType: "spot" as const, SpotOptions: { MaxPrice } });
    const cases: [string, Partial<RunInstancesRequest>][] = [
      ["InvalidAMIID.NotFound", { ImageId: "ami-00000000000000000" }],
      ["InvalidParameterValue", { InstanceType: "t9.huge" as "t3.medium" }],
      ["Unsupported", { InstanceType: "p3dn.24xlarge" }],
      ["InvalidParameterValue", { InstanceType: "t4g.medium" }],
      ["InvalidSubnetID.NotFound", { SubnetId: "subnet-00000000" }],
      ["InvalidGroup.NotFound", { SecurityGroupIds: ["sg-00000000"] }],
      ["InvalidParameter", { SecurityGroupIds: [other.group] }],
      ["InvalidKeyPair.NotFound", { KeyName: "unknown" }],
      ["InvalidParameterValue", { PrivateIpAddress: "10.51.1.20" }],
      ["InvalidParameterValue", { PrivateIpAddress: "10.50.1.3" }],
      ["InvalidIPAddress.InUse", { PrivateIpAddress: "10.50.1.20" }],
      ["SpotMaxPriceTooLow", { InstanceMarketOptions: spot("0.001") }],
      ["InvalidParameterValue", { UserData: data(16_385) }],
      ["InvalidParameterValue", { IamInstanceProfile: { Name: "unknown" } }],
    ];
    for (const [code, own] of cases) {
      const text = `${code} ${JSON.stringify(own).slice(0, 80)}`;
      await assert.rejects(ec2.runInstances(request("refused", own)), refused(code), text);
    }
    const good = await launch("good", {
      UserData: data(16_384),
      KeyName: "known",
      InstanceMarketOptions: spot("0.02"),
    });
    await terminate(taken, good);
    await ec2.deleteKeyPair({ KeyName: "known" });
    await ec2.deleteSecurityGroup({ GroupId: other.group });
    await ec2.deleteSubnet({ SubnetId: other.subnet });
    await ec2.deleteVpc({ VpcId: other.vpc });
  });

  it("never assigns a reserved address without a request for it, also when it has become free", async () => {
    const PrivateIpAddress = "10.50.1.40";
    const reservation = { SubnetId: network.subnet, ReservationType: "explicit" } as const;
    await ec2.createSubnetCidrReservation({ ...reservation, Cidr: `${PrivateIpAddress}/32` });
    await terminate(await launch("first", { PrivateIpAddress }));
    const other = await launch("other");
    assert.notEqual(other.PrivateIpAddress, PrivateIpAddress);
    const second = await launch("second", { PrivateIpAddress });
    assert.equal(second.PrivateIpAddress, PrivateIpAddress);
    await terminate(other, second);
  });

  it("creates one instance for requests with one token", async () => {
    await cloud.control("faults", { action: "RunInstances", status: 500, after: true });
    const again = request("twice", { ClientToken: randomUUID() });
    await assert.rejects(ec2.runInstances(again), refused("InternalError"));
    const { Instances: [instance] = [] } = await ec2.runInstances(again);
    const there = (await cloud.state()).filter(({ name }) => name === "twice");
    assert.deepEqual(
      there.map(({ id }) => id),
      [instance?.InstanceId],
    );
    await terminate(instance ?? {});
  });

  it("fails as ordered, has quotas and limits", async () => {
    await cloud.control("faults", { action: "RunInstances", code: "InsufficientInstanceCapacity" });
    await assert.rejects(launch("a"), refused("InsufficientInstanceCapacity"));
    await cloud.control("limits", { instances: 1 });
    const only = await launch("only");
    await assert.rejects(launch("too many"), refused("VcpuLimitExceeded"));
    await cloud.clearFaults();
    await terminate(only);
    await cloud.control("limits", { requestsPerMinute: 1 });
    await ec2.describeVpcs();
    await assert.rejects(ec2.describeVpcs(), refused("RequestLimitExceeded"));
  });

  it("terminates or stops an instance that powers itself off, as configured", async () => {
    const ending = await launch("ending");
    const stopping = await launch("stopping", { InstanceInitiatedShutdownBehavior: "stop" });
    await Promise.all([until(ending, "running"), until(stopping, "running")]);
    await cloud.control("machines/ending/off");
    await cloud.control("machines/stopping/off");
    const { StateReason } = await until(ending, "terminated");
    assert.equal(StateReason?.Code, "Client.InstanceInitiatedShutdown");
    await until(stopping, "stopped");
    await ec2.startInstances({ InstanceIds: [stopping.InstanceId ?? ""] });
    await until(stopping, "running");
    await terminate(stopping);
  });

  it("still reports a lost instance as running", async () => {
    const lost = await until(await launch("lost"), "running");
    await cloud.control("machines/lost/lose");
    assert.equal((await look(lost)).State?.Name, "running");
    await terminate(lost);
  });

  it("interrupts spot instances", async () => {
    const InstanceMarketOptions = { MarketType: "spot" as const };
    const spot = await until(await launch("spot", { InstanceMarketOptions }), "running");
    assert.equal(spot.InstanceLifecycle, "spot");
    await cloud.control("machines/spot/spot-notice", { seconds: 0.3 });
    assert.equal((await look(spot)).State?.Name, "running");
    const { StateReason } = await until(spot, "terminated");
    assert.equal(StateReason?.Code, "Server.SpotInstanceTermination");
  });

  it("deletes in EC2's order only", async () => {
    const { vpc, subnet, group } = network;
    const instance = await until(await launch("in use"), "running");
    const { InternetGateway } = await ec2.createInternetGateway({});
    const gateway = { InternetGatewayId: InternetGateway?.InternetGatewayId ?? "", VpcId: vpc };
    const { AllocationId } = await ec2.allocateAddress({ Domain: "vpc" });
    const association = { AllocationId, InstanceId: instance.InstanceId };
    await assert.rejects(ec2.associateAddress(association), refused("Gateway.NotAttached"));
    await ec2.attachInternetGateway(gateway);
    const { AssociationId } = await ec2.associateAddress(association);
    const { Addresses: [address] = [] } = await ec2.describeAddresses();
    assert.equal((await look(instance)).PublicIpAddress, address?.PublicIp);

    const inUse = refused("DependencyViolation");
    await assert.rejects(ec2.deleteSecurityGroup({ GroupId: group }), inUse);
    await assert.rejects(ec2.deleteSubnet({ SubnetId: subnet }), inUse);
    await assert.rejects(ec2.detachInternetGateway(gateway), inUse);
    await assert.rejects(ec2.deleteVpc({ VpcId: vpc }), inUse);
    await assert.rejects(ec2.releaseAddress({ AllocationId }), refused("InvalidIPAddress.InUse"));
    await ec2.disassociateAddress({ AssociationId });
    assert.notEqual((await look(instance)).PublicIpAddress, address?.PublicIp);
    await ec2.associateAddress(association);
    await terminate(instance);
    // A terminated instance does not keep an address.
    await ec2.releaseAddress({ AllocationId });
    await ec2.deleteSubnet({ SubnetId: subnet });
    await assert.rejects(ec2.deleteVpc({ VpcId: vpc }), inUse);
    await ec2.detachInternetGateway(gateway);
    await ec2.deleteInternetGateway(gateway);
    await ec2.deleteSecurityGroup({ GroupId: group });
    await ec2.deleteVpc({ VpcId: vpc });
    assert.deepEqual(await cloud.state(), []);
  });

  it("returns prices: one for a precise query", async () => {
    const ask = async (ServiceCode: string, filters: Record<string, string>) => {
      const Filters = Object.entries(filters).map(([Field, Value]) => ({
        Type: "TERM_MATCH" as const,
        Field,
        Value,
      }));
      const found = await pricingClient(cloud).getProducts({ ServiceCode, Filters });
      return (found.PriceList ?? []).map((text: unknown) => JSON.parse(`${text}`));
    };
    const type = { instanceType: "m7g.large", regionCode: "eu-central-1" };
    assert((await ask("AmazonEC2", type)).length > 1);
    const precise = { operatingSystem: "Linux", tenancy: "Shared", capacitystatus: "Used" };
    const [product, ...others] = await ask("AmazonEC2", { ...type, ...precise });
    assert.deepEqual(others, []);
    assert.equal(product.product.attributes.location, "EU (Frankfurt)");
    const inRegion = { regionCode: "us-east-1" };
    assert.equal((await ask("AmazonEC2", { ...inRegion, volumeApiName: "gp3" })).length, 1);
    const address = { ...inRegion, group: "VPCPublicIPv4Address" };
    assert.equal((await ask("AmazonVPC", address)).length, 2);
    const elsewhere = pricingClient(cloud, { region: "us-west-2" });
    await assert.rejects(elsewhere.getProducts({ ServiceCode: "AmazonEC2" }));
  });

  it("has a spot market whose prices tests can set", async () => {
    const price = async () => {
      const { SpotPriceHistory = [] } = await ec2.describeSpotPriceHistory({
        InstanceTypes: ["m7i.large"],
        AvailabilityZone: "us-east-1a",
        ProductDescriptions: ["Linux/UNIX"],
      });
      return SpotPriceHistory.map(({ SpotPrice }) => Number(SpotPrice));
    };
    assert.deepEqual(await price(), [0.03528]);
    await cloud.control("machines/m7i.large/spot-price", { price: 0.2 });
    assert.deepEqual(await price(), [0.2]);
  });
});
