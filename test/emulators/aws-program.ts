import * as aws from "@pulumi/aws";
import { jsonStringify, secret } from "@pulumi/pulumi";

/** The settings that tests change from one `up` to the next. */
export interface Spec {
  size: string;
  userData: string;
  workers: number;
  /** The addresses that may connect by SSH. */
  allowFrom: string;
  tag: string;
  /** Whether prices and sizes are queried, too. */
  withFunctions: boolean;
}

export const SPEC: Spec = {
  size: "t3.medium",
  userData: "#!/bin/sh\necho first",
  workers: 1,
  allowFrom: "198.51.100.0/24",
  tag: "first",
  withFunctions: true,
};

const PUBLIC_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl test";
const RANGE = "10.203.0.0/24";

/** Every resource type and function of the stand-in, as a cluster uses them. */
export async function cluster(spec: Spec): Promise<Record<string, unknown>> {
  const provider = new aws.Provider("aws", { region: "us-east-1" });
  const opts = { provider };
  const tags = { "spark-swarm": spec.tag };
  const image = await aws.ec2.getAmi(
    {
      owners: ["136693071363"],
      mostRecent: true,
      filters: [{ name: "name", values: ["debian-12-amd64-*"] }],
    },
    opts,
  );
  const vpc = new aws.ec2.Vpc("vpc", { cidrBlock: RANGE, enableDnsHostnames: true, tags }, opts);
  const gateway = new aws.ec2.InternetGateway("gateway", { vpcId: vpc.id, tags }, opts);
  const table = new aws.ec2.RouteTable("table", { vpcId: vpc.id, tags }, opts);
  const route = new aws.ec2.Route(
    "route",
    { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
    opts,
  );
  const subnet = new aws.ec2.Subnet(
    "subnet",
    { vpcId: vpc.id, cidrBlock: RANGE, availabilityZone: "us-east-1a", tags },
    opts,
  );
  const association = new aws.ec2.RouteTableAssociation(
    "association",
    { subnetId: subnet.id, routeTableId: table.id },
    { ...opts, dependsOn: route },
  );
  const group = new aws.ec2.SecurityGroup("group", { vpcId: vpc.id, tags }, opts);
  new aws.vpc.SecurityGroupEgressRule(
    "egress",
    { securityGroupId: group.id, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0" },
    opts,
  );
  new aws.vpc.SecurityGroupIngressRule(
    "ssh",
    {
      securityGroupId: group.id,
      ipProtocol: "tcp",
      fromPort: 22,
      toPort: 22,
      cidrIpv4: spec.allowFrom,
    },
    opts,
  );
  new aws.vpc.SecurityGroupIngressRule(
    "overlay",
    {
      securityGroupId: group.id,
      ipProtocol: "udp",
      fromPort: 4789,
      toPort: 4789,
      referencedSecurityGroupId: group.id,
    },
    opts,
  );
  const key = new aws.ec2.KeyPair("key", { publicKey: PUBLIC_KEY, tags }, opts);
  const role = new aws.iam.Role(
    "role",
    {
      assumeRolePolicy: jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "ec2.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    "policy",
    {
      role: role.name,
      policy: jsonStringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" }],
      }),
    },
    opts,
  );
  const profile = new aws.iam.InstanceProfile(
    "profile",
    { role: role.name, tags },
    { ...opts, dependsOn: policy },
  );
  const instance = (name: string, own: Partial<aws.ec2.InstanceArgs>) =>
    new aws.ec2.Instance(
      name,
      {
        ami: image.id,
        instanceType: spec.size,
        subnetId: association.subnetId.apply((id) => id ?? ""),
        associatePublicIpAddress: true,
        vpcSecurityGroupIds: [group.id],
        keyName: key.keyName,
        iamInstanceProfile: profile.name,
        instanceInitiatedShutdownBehavior: "terminate",
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        rootBlockDevice: { volumeType: "gp3", volumeSize: 30, encrypted: true, tags },
        tags: { ...tags, Name: name },
        ...own,
      },
      opts,
    );
  const manager = instance("manager", { privateIp: "10.203.0.10" });
  const workers = Array.from({ length: spec.workers }, (_, index) =>
    instance(`worker-${index}`, {
      userData: secret(spec.userData),
      userDataReplaceOnChange: true,
      instanceMarketOptions: {
        marketType: "spot",
        spotOptions: { spotInstanceType: "one-time", maxPrice: "0.05" },
      },
    }),
  );
  const address = new aws.ec2.Eip("address", { domain: "vpc", tags }, opts);
  new aws.ec2.EipAssociation("address", { allocationId: address.id, instanceId: manager.id }, opts);
  return {
    image: image.name,
    manager: {
      id: manager.id,
      address: manager.privateIp,
      state: manager.instanceState,
      disk: manager.rootBlockDevice,
      region: manager.region,
    },
    workers: workers.map(({ id, instanceLifecycle }) => ({ id, lifecycle: instanceLifecycle })),
    elastic: address.publicIp,
    ...(spec.withFunctions && (await functions(opts))),
  };
}

async function functions(opts: { provider: aws.Provider }) {
  const type = await aws.ec2.getInstanceType({ instanceType: "m7g.large" }, opts);
  const offered = await aws.ec2.getInstanceTypeOfferings(
    {
      locationType: "availability-zone",
      filters: [{ name: "instance-type", values: ["t3.medium"] }],
    },
    opts,
  );
  const spot = await aws.ec2.getSpotPrice(
    {
      instanceType: "t3.medium",
      availabilityZone: "us-east-1a",
      filters: [{ name: "product-description", values: ["Linux/UNIX"] }],
    },
    opts,
  );
  const product = await aws.pricing.getProduct(
    {
      serviceCode: "AmazonEC2",
      filters: Object.entries({
        regionCode: "us-east-1",
        instanceType: "t3.medium",
        operatingSystem: "Linux",
        preInstalledSw: "NA",
        tenancy: "Shared",
        capacitystatus: "Used",
      }).map(([field, value]) => ({ field, value })),
    },
    opts,
  );
  const vpc = await aws.ec2.getVpc({ default: true }, opts);
  const subnet = await aws.ec2.getSubnet({ vpcId: vpc.id, availabilityZone: "us-east-1a" }, opts);
  const zones = await aws.getAvailabilityZones({ state: "available" }, opts);
  const instances = await aws.ec2.getInstances(
    { instanceTags: { "spark-swarm": "nobody's" } },
    opts,
  );
  return {
    memory: type.memorySize,
    architectures: type.supportedArchitectures,
    zones: zones.names,
    offered: offered.locations,
    spot: spot.spotPrice,
    product: JSON.parse(product.result),
    range: vpc.cidrBlock,
    zone: subnet.availabilityZone,
    instances: instances.ids,
  };
}
