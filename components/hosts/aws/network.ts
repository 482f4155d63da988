import * as aws from "@pulumi/aws";
import { all, type CustomResourceOptions, type Input } from "@pulumi/pulumi";
import { MANAGER_PORTS, PUBLIC_PORTS, SWARM_PORTS } from "../contract";

/** The addresses of our own VPC: room for 250 hosts, apart from the overlay's pools. */
const RANGE = "10.203.0.0/24";
/** Not given to workers, which are made at the same time. AWS itself takes a subnet's first four addresses. */
const RESERVED = "10.203.0.8/29";
const MANAGER_ADDRESS = "10.203.0.10";

export interface Network {
  subnet: Input<string>;
  vpc: Input<string>;
  range: string;
  /** The manager's address, where it can be chosen: workers then need not wait for the manager. */
  managerAddress?: string;
}

/** A VPC with one public subnet, in one zone. */
export function ownNetwork(
  name: string,
  zone: string,
  tags: Record<string, Input<string>>,
  opts: CustomResourceOptions,
): Network {
  const vpc = new aws.ec2.Vpc(
    `${name}-vpc`,
    { cidrBlock: RANGE, enableDnsHostnames: true, tags },
    opts,
  );
  const gateway = new aws.ec2.InternetGateway(`${name}-gateway`, { vpcId: vpc.id, tags }, opts);
  const table = new aws.ec2.RouteTable(`${name}-routes`, { vpcId: vpc.id, tags }, opts);
  const route = new aws.ec2.Route(
    `${name}-default-route`,
    { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
    opts,
  );
  const subnet = new aws.ec2.Subnet(
    `${name}-subnet`,
    { vpcId: vpc.id, cidrBlock: RANGE, availabilityZone: zone, tags },
    opts,
  );
  const association = new aws.ec2.RouteTableAssociation(
    `${name}-routes`,
    { subnetId: subnet.id, routeTableId: table.id },
    { ...opts, dependsOn: route },
  );
  const reservation = new aws.ec2.SubnetCidrReservation(
    `${name}-reserved`,
    { subnetId: subnet.id, cidrBlock: RESERVED, reservationType: "explicit" },
    opts,
  );
  // Depends on both: a host that boots needs a route out, and an address that is not the manager's.
  const subnetId = all([association.id, reservation.subnetId]).apply(([, id]) => id);
  return {
    subnet: subnetId,
    vpc: vpc.id,
    range: RANGE,
    managerAddress: MANAGER_ADDRESS,
  };
}

/**
 * Security groups. From outside they allow only SSH and the bastion on the manager, from `allowFrom`; between hosts,
 * what joining, Swarm and the registry need.
 */
export function securityGroups(
  name: string,
  vpc: Input<string>,
  allowFrom: string[],
  tags: Record<string, Input<string>>,
  opts: CustomResourceOptions,
): { hosts: aws.ec2.SecurityGroup; manager: aws.ec2.SecurityGroup } {
  const group = (purpose: string, description: string) =>
    new aws.ec2.SecurityGroup(`${name}-${purpose}`, { vpcId: vpc, description, tags }, opts);
  const hosts = group("hosts", "Hosts among themselves");
  const manager = group("manager", "People, and hosts that join");
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-egress`,
    { securityGroupId: hosts.id, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0", tags },
    opts,
  );
  const rule = (
    ruleName: string,
    to: aws.ec2.SecurityGroup,
    ipProtocol: string,
    port: number,
    source: { cidrIpv4: string } | { referencedSecurityGroupId: Input<string> },
  ) =>
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-${ruleName}`,
      { securityGroupId: to.id, ipProtocol, fromPort: port, toPort: port, ...source, tags },
      opts,
    );
  const fromHosts = { referencedSecurityGroupId: hosts.id };
  for (const { protocol, port } of SWARM_PORTS) {
    rule(`${protocol}-${port}`, hosts, protocol, port, fromHosts);
  }
  // Users reach the workers through the manager.
  rule("workers-ssh", hosts, "tcp", 22, { referencedSecurityGroupId: manager.id });
  for (const port of MANAGER_PORTS) rule(`hosts-${port}`, manager, "tcp", port, fromHosts);
  // A repeated CIDR would declare the same resource twice.
  for (const cidrIpv4 of new Set(allowFrom)) {
    for (const port of PUBLIC_PORTS) {
      rule(`${port}-${cidrIpv4.replace("/", "-")}`, manager, "tcp", port, { cidrIpv4 });
    }
  }
  return { hosts, manager };
}
