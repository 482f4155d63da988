import type { Properties } from "../lib/values";
import {
  type AwsType,
  byDefault,
  chosen,
  fixed,
  flag,
  objects,
  optional,
  output,
  required,
  str,
  tagged,
  tagMap,
  tagSpecification,
  text,
} from "./resource";

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

/** Addresses that machines get only on request. */
export const SUBNET_CIDR_RESERVATION: AwsType = {
  label: "EC2 Subnet CIDR Reservation",
  fields: {
    cidrBlock: required(fixed(text)),
    ownerId: output(text),
    reservationType: required(fixed(text)),
    subnetId: required(fixed(text)),
  },
  create: async ({ ec2 }, inputs) => {
    const { SubnetCidrReservation: made } = await ec2.createSubnetCidrReservation({
      Cidr: str(inputs.cidrBlock),
      ReservationType: inputs.reservationType as "explicit",
      SubnetId: str(inputs.subnetId),
    });
    return str(made?.SubnetCidrReservationId);
  },
  read: async ({ ec2 }, id, state) => {
    const { SubnetIpv4CidrReservations: found = [] } = await ec2.getSubnetCidrReservations({
      SubnetId: str(state.subnetId),
    });
    const one = found.find(({ SubnetCidrReservationId }) => SubnetCidrReservationId === id);
    return (
      one && {
        cidrBlock: one.Cidr ?? "",
        ownerId: one.OwnerId ?? "",
        reservationType: one.ReservationType ?? "",
        subnetId: one.SubnetId ?? "",
      }
    );
  },
  delete: async ({ ec2 }, SubnetCidrReservationId) => {
    await ec2.deleteSubnetCidrReservation({ SubnetCidrReservationId });
  },
};

const lowerFirst = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);
