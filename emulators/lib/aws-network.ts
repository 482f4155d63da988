import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";
import {
  type AwsType,
  byDefault,
  chosen,
  fixed,
  flag,
  number,
  objects,
  output,
  poll,
  required,
  type Session,
  tagged,
  tagMap,
  tagSpecification,
  text,
} from "./aws-resource";
import type { Fields } from "./fields";
import type { Properties } from "./values";

/** Inputs, of which the check has made sure. */
const str = (value: unknown): string => value as string;
const optional = (value: unknown): string | undefined => (value as string | null) ?? undefined;

export const VPC: AwsType = {
  label: "EC2 VPC",
  fields: {
    arn: output(text),
    cidrBlock: chosen(fixed(text)),
    defaultNetworkAclId: output(text),
    defaultRouteTableId: output(text),
    defaultSecurityGroupId: output(text),
    dhcpOptionsId: output(text),
    enableDnsHostnames: chosen(flag),
    enableDnsSupport: byDefault(flag, true),
    enableNetworkAddressUsageMetrics: chosen(flag),
    instanceTenancy: byDefault(fixed(text), "default"),
    ipv6AssociationId: output(text),
    ipv6CidrBlock: output(text),
    mainRouteTableId: output(text),
    ownerId: output(text),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const { Vpc } = await ec2.createVpc({
      CidrBlock: str(inputs.cidrBlock),
      InstanceTenancy: inputs.instanceTenancy as "default",
      ...tagSpecification("vpc", inputs),
    });
    return str(Vpc?.VpcId);
  },
  complete: async (session, VpcId, inputs) => {
    const { ec2, changed } = session;
    const set = (key: string) => ({ VpcId, [key]: { Value: inputs[lowerFirst(key)] === true } });
    if (changed("enableDnsSupport") && inputs.enableDnsSupport === false) {
      await ec2.modifyVpcAttribute(set("EnableDnsSupport"));
    }
    if (changed("enableDnsHostnames")) await ec2.modifyVpcAttribute(set("EnableDnsHostnames"));
  },
  read: async ({ ec2, region }, id) => {
    const { Vpcs: [vpc] = [] } = await ec2.describeVpcs({ VpcIds: [id] });
    if (!vpc) return undefined;
    const ofVpc = [{ Name: "vpc-id", Values: [id] }];
    const attribute = (Attribute: "enableDnsHostnames" | "enableDnsSupport") =>
      ec2.describeVpcAttribute({ VpcId: id, Attribute });
    const [hostnames, support, acls, tables, groups] = await Promise.all([
      attribute("enableDnsHostnames"),
      attribute("enableDnsSupport"),
      ec2.describeNetworkAcls({ Filters: [...ofVpc, { Name: "default", Values: ["true"] }] }),
      ec2.describeRouteTables({
        Filters: [...ofVpc, { Name: "association.main", Values: ["true"] }],
      }),
      ec2.describeSecurityGroups({
        Filters: [...ofVpc, { Name: "group-name", Values: ["default"] }],
      }),
    ]);
    const mainRouteTableId = tables.RouteTables?.[0]?.RouteTableId ?? "";
    return {
      arn: `arn:aws:ec2:${region}:${vpc.OwnerId}:vpc/${id}`,
      cidrBlock: vpc.CidrBlock ?? "",
      defaultNetworkAclId: acls.NetworkAcls?.[0]?.NetworkAclId ?? "",
      defaultRouteTableId: mainRouteTableId,
      defaultSecurityGroupId: groups.SecurityGroups?.[0]?.GroupId ?? "",
      dhcpOptionsId: vpc.DhcpOptionsId ?? "",
      enableDnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
      enableDnsSupport: support.EnableDnsSupport?.Value ?? true,
      enableNetworkAddressUsageMetrics: false,
      instanceTenancy: vpc.InstanceTenancy ?? "default",
      ipv6AssociationId: "",
      ipv6CidrBlock: "",
      mainRouteTableId,
      ownerId: vpc.OwnerId ?? "",
      ...tagMap(vpc.Tags),
    };
  },
  delete: async ({ ec2 }, VpcId) => {
    await ec2.deleteVpc({ VpcId });
  },
};

export const SUBNET: AwsType = {
  label: "EC2 Subnet",
  fields: {
    arn: output(text),
    assignIpv6AddressOnCreation: byDefault(flag, false),
    availabilityZone: chosen(fixed(text)),
    availabilityZoneId: chosen(fixed(text)),
    cidrBlock: chosen(fixed(text)),
    mapPublicIpOnLaunch: byDefault(flag, false),
    ownerId: output(text),
    vpcId: required(fixed(text)),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const { Subnet } = await ec2.createSubnet({
      VpcId: str(inputs.vpcId),
      CidrBlock: optional(inputs.cidrBlock),
      AvailabilityZone: optional(inputs.availabilityZone),
      AvailabilityZoneId: optional(inputs.availabilityZoneId),
      ...tagSpecification("subnet", inputs),
    });
    return str(Subnet?.SubnetId);
  },
  complete: async ({ ec2, changed }, SubnetId, inputs) => {
    if (!changed("mapPublicIpOnLaunch")) return;
    const MapPublicIpOnLaunch = { Value: inputs.mapPublicIpOnLaunch === true };
    await ec2.modifySubnetAttribute({ SubnetId, MapPublicIpOnLaunch });
  },
  read: async ({ ec2, region }, id) => {
    const { Subnets: [subnet] = [] } = await ec2.describeSubnets({ SubnetIds: [id] });
    return (
      subnet && {
        arn: subnet.SubnetArn ?? `arn:aws:ec2:${region}:${subnet.OwnerId}:subnet/${id}`,
        assignIpv6AddressOnCreation: subnet.AssignIpv6AddressOnCreation ?? false,
        availabilityZone: subnet.AvailabilityZone ?? "",
        availabilityZoneId: subnet.AvailabilityZoneId ?? "",
        cidrBlock: subnet.CidrBlock ?? "",
        mapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch ?? false,
        ownerId: subnet.OwnerId ?? "",
        vpcId: subnet.VpcId ?? "",
        ...tagMap(subnet.Tags),
      }
    );
  },
  delete: async ({ ec2 }, SubnetId) => {
    await ec2.deleteSubnet({ SubnetId });
  },
};

export const INTERNET_GATEWAY: AwsType = {
  label: "EC2 Internet Gateway",
  fields: { arn: output(text), ownerId: output(text), vpcId: chosen(text), ...tagged },
  create: async ({ ec2 }, inputs) => {
    const { InternetGateway } = await ec2.createInternetGateway(
      tagSpecification("internet-gateway", inputs),
    );
    return str(InternetGateway?.InternetGatewayId);
  },
  complete: async ({ ec2 }, InternetGatewayId, inputs) => {
    const { InternetGateways: [gateway] = [] } = await ec2.describeInternetGateways({
      InternetGatewayIds: [InternetGatewayId],
    });
    const attached = gateway?.Attachments?.[0]?.VpcId;
    if (attached === optional(inputs.vpcId)) return;
    if (attached) await ec2.detachInternetGateway({ InternetGatewayId, VpcId: attached });
    if (inputs.vpcId) {
      await ec2.attachInternetGateway({ InternetGatewayId, VpcId: str(inputs.vpcId) });
    }
  },
  read: async ({ ec2, region }, id) => {
    const { InternetGateways: [gateway] = [] } = await ec2.describeInternetGateways({
      InternetGatewayIds: [id],
    });
    return (
      gateway && {
        arn: `arn:aws:ec2:${region}:${gateway.OwnerId}:internet-gateway/${id}`,
        ownerId: gateway.OwnerId ?? "",
        vpcId: gateway.Attachments?.[0]?.VpcId ?? "",
        ...tagMap(gateway.Tags),
      }
    );
  },
  delete: async ({ ec2 }, InternetGatewayId, { vpcId }) => {
    const { InternetGateways: [gateway] = [] } = await ec2.describeInternetGateways({
      InternetGatewayIds: [InternetGatewayId],
    });
    if (vpcId && gateway?.Attachments?.length) {
      await ec2.detachInternetGateway({ InternetGatewayId, VpcId: str(vpcId) });
    }
    await ec2.deleteInternetGateway({ InternetGatewayId });
  },
};

export const ROUTE_TABLE: AwsType = {
  label: "Route Table",
  fields: {
    arn: output(text),
    ownerId: output(text),
    propagatingVgws: output(objects),
    routes: output(objects),
    vpcId: required(fixed(text)),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const VpcId = str(inputs.vpcId);
    const { RouteTable } = await ec2.createRouteTable({
      VpcId,
      ...tagSpecification("route-table", inputs),
    });
    return str(RouteTable?.RouteTableId);
  },
  read: async ({ ec2, region }, id) => {
    const { RouteTables: [table] = [] } = await ec2.describeRouteTables({ RouteTableIds: [id] });
    const routes = (table?.Routes ?? []).filter(({ GatewayId }) => GatewayId !== "local");
    return (
      table && {
        arn: `arn:aws:ec2:${region}:${table.OwnerId}:route-table/${id}`,
        ownerId: table.OwnerId ?? "",
        propagatingVgws: [],
        routes: routes.map(({ DestinationCidrBlock = "", GatewayId = "" }) => ({
          cidrBlock: DestinationCidrBlock,
          gatewayId: GatewayId,
        })),
        vpcId: table.VpcId ?? "",
        ...tagMap(table.Tags),
      }
    );
  },
  delete: async ({ ec2 }, RouteTableId) => {
    await ec2.deleteRouteTable({ RouteTableId });
  },
};

export const ROUTE: AwsType = {
  label: "Route",
  fields: {
    destinationCidrBlock: required(fixed(text)),
    gatewayId: required(text),
    instanceId: output(text),
    instanceOwnerId: output(text),
    networkInterfaceId: output(text),
    origin: output(text),
    routeTableId: required(fixed(text)),
    state: output(text),
  },
  create: async ({ ec2 }, inputs) => {
    await ec2.createRoute(routeOf(inputs));
    return `r-${inputs.routeTableId}-${inputs.destinationCidrBlock}`;
  },
  update: async ({ ec2 }, _id, inputs) => {
    await ec2.replaceRoute(routeOf(inputs));
  },
  read: async ({ ec2 }, _id, state) => {
    const RouteTableIds = [str(state.routeTableId)];
    const { RouteTables: [table] = [] } = await ec2.describeRouteTables({ RouteTableIds });
    const route = table?.Routes?.find(
      ({ DestinationCidrBlock }) => DestinationCidrBlock === state.destinationCidrBlock,
    );
    return (
      route && {
        destinationCidrBlock: route.DestinationCidrBlock ?? "",
        gatewayId: route.GatewayId ?? "",
        instanceId: "",
        instanceOwnerId: "",
        networkInterfaceId: "",
        origin: route.Origin ?? "CreateRoute",
        routeTableId: str(state.routeTableId),
        state: route.State ?? "active",
      }
    );
  },
  delete: async ({ ec2 }, _id, { routeTableId, destinationCidrBlock }) => {
    await ec2.deleteRoute({
      RouteTableId: str(routeTableId),
      DestinationCidrBlock: str(destinationCidrBlock),
    });
  },
};

function routeOf(inputs: Properties) {
  return {
    RouteTableId: str(inputs.routeTableId),
    DestinationCidrBlock: str(inputs.destinationCidrBlock),
    GatewayId: str(inputs.gatewayId),
  };
}

export const ROUTE_TABLE_ASSOCIATION: AwsType = {
  label: "Route Table Association",
  fields: { routeTableId: required(fixed(text)), subnetId: required(fixed(text)) },
  create: async ({ ec2 }, inputs) => {
    const { AssociationId } = await ec2.associateRouteTable({
      RouteTableId: str(inputs.routeTableId),
      SubnetId: str(inputs.subnetId),
    });
    return str(AssociationId);
  },
  read: async ({ ec2 }, id) => {
    const { RouteTables: [table] = [] } = await ec2.describeRouteTables({
      Filters: [{ Name: "association.route-table-association-id", Values: [id] }],
    });
    const found = table?.Associations?.find(
      ({ RouteTableAssociationId }) => RouteTableAssociationId === id,
    );
    return found && { routeTableId: found.RouteTableId ?? "", subnetId: found.SubnetId ?? "" };
  },
  delete: async ({ ec2 }, AssociationId) => {
    await ec2.disassociateRouteTable({ AssociationId });
  },
};

export const SECURITY_GROUP: AwsType = {
  label: "Security Group",
  fields: {
    arn: output(text),
    description: byDefault(fixed(text), "Managed by Pulumi"),
    egress: output(objects),
    ingress: output(objects),
    name: fixed(text),
    ownerId: output(text),
    revokeRulesOnDelete: byDefault(flag, false),
    vpcId: chosen(fixed(text)),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const { GroupId } = await ec2.createSecurityGroup({
      GroupName: str(inputs.name),
      Description: str(inputs.description),
      VpcId: optional(inputs.vpcId),
      ...tagSpecification("security-group", inputs),
    });
    return str(GroupId);
  },
  // AWS lets everything out of a new group; as the official plugin has it, only what a rule lets out.
  complete: async ({ ec2, changed }, GroupId) => {
    if (!changed("name")) return;
    const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups({
      GroupIds: [GroupId],
    });
    if (!group?.IpPermissionsEgress?.length) return;
    await ec2.revokeSecurityGroupEgress({
      GroupId,
      IpPermissions: [{ IpProtocol: "-1", IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    });
  },
  read: async ({ ec2, region }, id, state) => {
    const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups({ GroupIds: [id] });
    return (
      group && {
        arn: `arn:aws:ec2:${region}:${group.OwnerId}:security-group/${id}`,
        description: group.Description ?? "",
        egress: (group.IpPermissionsEgress ?? []).map((each) => inlineRule(each, id)),
        ingress: (group.IpPermissions ?? []).map((each) => inlineRule(each, id)),
        name: group.GroupName ?? "",
        ownerId: group.OwnerId ?? "",
        revokeRulesOnDelete: state.revokeRulesOnDelete ?? false,
        vpcId: group.VpcId ?? "",
        ...tagMap(group.Tags),
      }
    );
  },
  delete: async ({ ec2 }, GroupId) => {
    await ec2.deleteSecurityGroup({ GroupId });
  },
};

function inlineRule(permission: IpPermission, group: string): Properties {
  const pairs = (permission.UserIdGroupPairs ?? []).map(({ GroupId = "" }) => GroupId);
  return {
    cidrBlocks: (permission.IpRanges ?? []).map(({ CidrIp = "" }) => CidrIp),
    description: "",
    fromPort: permission.FromPort ?? 0,
    ipv6CidrBlocks: [],
    prefixListIds: [],
    protocol: permission.IpProtocol ?? "-1",
    securityGroups: pairs.filter((id) => id !== group),
    self: pairs.includes(group),
    toPort: permission.ToPort ?? 0,
  };
}

const ruleFields: Fields = {
  arn: output(text),
  cidrIpv4: text,
  description: text,
  fromPort: number,
  ipProtocol: required(text),
  referencedSecurityGroupId: text,
  securityGroupId: required(fixed(text)),
  securityGroupRuleId: output(text),
  toPort: number,
  ...tagged,
};

export const SECURITY_GROUP_INGRESS_RULE = ruleType("Ingress");
export const SECURITY_GROUP_EGRESS_RULE = ruleType("Egress");

function ruleType(direction: "Ingress" | "Egress"): AwsType {
  return {
    label: `VPC Security Group ${direction} Rule`,
    fields: ruleFields,
    create: async ({ ec2 }, inputs) => {
      const order = {
        GroupId: str(inputs.securityGroupId),
        IpPermissions: [permissionOf(inputs)],
        ...tagSpecification("security-group-rule", inputs),
      };
      const { SecurityGroupRules: [rule] = [] } =
        direction === "Ingress"
          ? await ec2.authorizeSecurityGroupIngress(order)
          : await ec2.authorizeSecurityGroupEgress(order);
      return str(rule?.SecurityGroupRuleId);
    },
    update: async ({ ec2 }, SecurityGroupRuleId, inputs) => {
      await ec2.modifySecurityGroupRules({
        GroupId: str(inputs.securityGroupId),
        SecurityGroupRules: [
          {
            SecurityGroupRuleId,
            SecurityGroupRule: {
              IpProtocol: str(inputs.ipProtocol),
              FromPort: (inputs.fromPort as number | undefined) ?? -1,
              ToPort: (inputs.toPort as number | undefined) ?? -1,
              CidrIpv4: optional(inputs.cidrIpv4),
              ReferencedGroupId: optional(inputs.referencedSecurityGroupId),
              Description: optional(inputs.description),
            },
          },
        ],
      });
    },
    read: async ({ ec2, region }, id) => {
      const { SecurityGroupRules: [rule] = [] } = await ec2.describeSecurityGroupRules({
        SecurityGroupRuleIds: [id],
      });
      return rule && ruleState(rule, region);
    },
    delete: async ({ ec2 }, id, { securityGroupId }) => {
      const order = { GroupId: str(securityGroupId), SecurityGroupRuleIds: [id] };
      if (direction === "Ingress") await ec2.revokeSecurityGroupIngress(order);
      else await ec2.revokeSecurityGroupEgress(order);
    },
  };
}

function permissionOf(inputs: Properties): IpPermission {
  const Description = optional(inputs.description);
  const group = optional(inputs.referencedSecurityGroupId);
  return {
    IpProtocol: str(inputs.ipProtocol),
    FromPort: (inputs.fromPort as number | undefined) ?? undefined,
    ToPort: (inputs.toPort as number | undefined) ?? undefined,
    IpRanges: inputs.cidrIpv4 ? [{ CidrIp: str(inputs.cidrIpv4), Description }] : undefined,
    UserIdGroupPairs: group ? [{ GroupId: group, Description }] : undefined,
  };
}

function ruleState(rule: SecurityGroupRule, region: string): Properties {
  const id = rule.SecurityGroupRuleId ?? "";
  const port = (value: number | undefined) => (value === undefined || value === -1 ? null : value);
  return {
    arn: `arn:aws:ec2:${region}:${rule.GroupOwnerId}:security-group-rule/${id}`,
    cidrIpv4: rule.CidrIpv4 ?? null,
    description: rule.Description ?? null,
    fromPort: port(rule.FromPort),
    ipProtocol: rule.IpProtocol ?? "",
    referencedSecurityGroupId: rule.ReferencedGroupInfo?.GroupId ?? null,
    securityGroupId: rule.GroupId ?? "",
    securityGroupRuleId: id,
    toPort: port(rule.ToPort),
    ...tagMap(rule.Tags),
  };
}

export const KEY_PAIR: AwsType = {
  label: "EC2 Key Pair",
  fields: {
    arn: output(text),
    fingerprint: output(text),
    keyName: { ...fixed(text), autonamed: true },
    keyPairId: output(text),
    keyType: output(text),
    publicKey: required(fixed(text)),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const { KeyName } = await ec2.importKeyPair({
      KeyName: str(inputs.keyName),
      PublicKeyMaterial: Buffer.from(str(inputs.publicKey)),
      ...tagSpecification("key-pair", inputs),
    });
    return str(KeyName);
  },
  read: async ({ ec2, region }, id, state) => {
    const { KeyPairs: [pair] = [] } = await ec2.describeKeyPairs({ KeyNames: [id] });
    return (
      pair && {
        arn: `arn:aws:ec2:${region}:${await accountOf({ ec2 })}:key-pair/${id}`,
        fingerprint: pair.KeyFingerprint ?? "",
        keyName: id,
        keyPairId: pair.KeyPairId ?? "",
        keyType: pair.KeyType ?? "",
        publicKey: state.publicKey ?? "",
        ...tagMap(pair.Tags),
      }
    );
  },
  delete: async ({ ec2 }, KeyName) => {
    await ec2.deleteKeyPair({ KeyName });
  },
  // Its id is its name, and tags are on another.
  setTags: async (session, id, tags, before) => {
    const { KeyPairs: [pair] = [] } = await session.ec2.describeKeyPairs({ KeyNames: [id] });
    const gone = Object.keys(before).filter((key) => !(key in tags));
    const Resources = [pair?.KeyPairId ?? ""];
    if (gone.length > 0) {
      await session.ec2.deleteTags({ Resources, Tags: gone.map((Key) => ({ Key })) });
    }
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    if (Tags.length > 0) await session.ec2.createTags({ Resources, Tags });
  },
};

/** The account's number: that of its default security groups. */
export async function accountOf({ ec2 }: Pick<Session, "ec2">): Promise<string> {
  const { SecurityGroups: [group] = [] } = await ec2.describeSecurityGroups({
    Filters: [{ Name: "group-name", Values: ["default"] }],
  });
  return group?.OwnerId ?? "";
}

export const EIP: AwsType = {
  label: "EC2 EIP",
  fields: {
    allocationId: output(text),
    arn: output(text),
    associationId: output(text),
    domain: chosen(fixed(text)),
    instance: chosen(text),
    networkInterface: output(text),
    privateDns: output(text),
    privateIp: output(text),
    ptrRecord: output(text),
    publicDns: output(text),
    publicIp: output(text),
    ...tagged,
  },
  create: async ({ ec2 }, inputs) => {
    const { AllocationId } = await ec2.allocateAddress({
      Domain: "vpc",
      ...tagSpecification("elastic-ip", inputs),
    });
    return str(AllocationId);
  },
  complete: async ({ ec2, changed }, AllocationId, { instance }) => {
    if (!instance || !changed("instance")) return;
    await ec2.associateAddress({
      AllocationId,
      InstanceId: str(instance),
      AllowReassociation: true,
    });
  },
  read: async ({ ec2, region }, id) => {
    const { Addresses: [address] = [] } = await ec2.describeAddresses({ AllocationIds: [id] });
    const { PublicIp = "", PrivateIpAddress = "" } = address ?? {};
    const zone = region === "us-east-1" ? "compute-1" : `${region}.compute`;
    const dashed = (ip: string) => ip.replaceAll(".", "-");
    return (
      address && {
        allocationId: id,
        arn: `arn:aws:ec2:${region}:${await accountOf({ ec2 })}:elastic-ip/${id}`,
        associationId: address.AssociationId ?? "",
        domain: "vpc",
        instance: address.InstanceId ?? "",
        networkInterface: address.NetworkInterfaceId ?? "",
        privateDns: PrivateIpAddress && `ip-${dashed(PrivateIpAddress)}.ec2.internal`,
        privateIp: PrivateIpAddress,
        ptrRecord: "",
        publicDns: `ec2-${dashed(PublicIp)}.${zone}.amazonaws.com`,
        publicIp: PublicIp,
        ...tagMap(address.Tags),
      }
    );
  },
  delete: async ({ ec2 }, AllocationId, { instance }) => {
    const { Addresses: [address] = [] } = await ec2.describeAddresses({
      AllocationIds: [AllocationId],
    });
    const AssociationId = address?.AssociationId;
    if (instance && AssociationId) await ec2.disassociateAddress({ AssociationId });
    await ec2.releaseAddress({ AllocationId });
  },
};

export const EIP_ASSOCIATION: AwsType = {
  label: "EC2 EIP Association",
  fields: {
    allocationId: chosen(fixed(text)),
    allowReassociation: fixed(flag),
    instanceId: chosen(fixed(text)),
    networkInterfaceId: chosen(fixed(text)),
    privateIpAddress: chosen(fixed(text)),
    publicIp: chosen(fixed(text)),
  },
  create: async ({ ec2, call }, inputs) => {
    const { AssociationId } = await ec2.associateAddress({
      AllocationId: str(inputs.allocationId),
      InstanceId: optional(inputs.instanceId),
      NetworkInterfaceId: optional(inputs.networkInterfaceId),
      AllowReassociation: inputs.allowReassociation === true,
    });
    await poll(call, async () => {
      const Filters = [{ Name: "association-id", Values: [str(AssociationId)] }];
      return (await ec2.describeAddresses({ Filters })).Addresses?.[0];
    });
    return str(AssociationId);
  },
  read: async ({ ec2 }, id, state) => {
    const { Addresses: [address] = [] } = await ec2.describeAddresses({
      Filters: [{ Name: "association-id", Values: [id] }],
    });
    return (
      address && {
        allocationId: address.AllocationId ?? "",
        allowReassociation: state.allowReassociation ?? null,
        instanceId: address.InstanceId ?? "",
        networkInterfaceId: address.NetworkInterfaceId ?? "",
        privateIpAddress: address.PrivateIpAddress ?? "",
        publicIp: address.PublicIp ?? "",
      }
    );
  },
  delete: async ({ ec2 }, AssociationId) => {
    await ec2.disassociateAddress({ AssociationId });
  },
};

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
