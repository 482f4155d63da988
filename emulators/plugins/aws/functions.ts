import type { EC2, Filter, Image, InstanceTypeInfo } from "@aws-sdk/client-ec2";
import type { Properties, Value } from "../lib/values";
import { type Clients, describe } from "./clients";
import { type Tags, tagList, tagMap } from "./resource";

interface Context {
  clients: Clients;
  ec2: EC2;
  region: string;
}
type AwsFunction = (args: Properties, context: Context) => Promise<Properties>;

/** A function as the engine knows it. Its errors have the form of the official plugin's. */
export function invocation(name: string, work: AwsFunction, clients: () => Clients) {
  return async (args: Properties, signal: AbortSignal): Promise<Properties> => {
    const known = clients();
    known.signal = signal;
    const region = (args.region as string | undefined) ?? known.region;
    try {
      return await work(args, { clients: known, ec2: known.ec2(region), region });
    } catch (error) {
      throw new Error(`invoking ${name}: 1 error occurred:\n\t* ${describe(error)}\n\n`);
    }
  };
}

const getAmi: AwsFunction = async (args, { ec2, region }) => {
  const { Images = [] } = await ec2.describeImages({
    Owners: args.owners as string[] | undefined,
    ExecutableUsers: args.executableUsers as string[] | undefined,
    Filters: filtersOf(args),
  });
  const pattern = args.nameRegex ? new RegExp(args.nameRegex as string) : undefined;
  const found = Images.filter(({ Name = "" }) => pattern?.test(Name) !== false);
  if (found.length > 1 && args.mostRecent !== true) {
    throw new Error(
      "Your query returned more than one result. Please try a more specific search criteria, or set `most_recent` attribute to true.",
    );
  }
  const made = ({ CreationDate = "" }: Image) => Date.parse(CreationDate);
  const [image] = found.sort((a, b) => made(b) - made(a));
  if (!image) {
    throw new Error(
      "Your query returned no results. Please change your search criteria and try again.",
    );
  }
  const id = image.ImageId ?? "";
  const root = image.BlockDeviceMappings?.find(
    ({ DeviceName }) => DeviceName === image.RootDeviceName,
  );
  return {
    ...args,
    architecture: image.Architecture ?? "",
    arn: `arn:aws:ec2:${region}::image/${id}`,
    blockDeviceMappings: (image.BlockDeviceMappings ?? []).map(({ DeviceName = "", Ebs }) => ({
      deviceName: DeviceName,
      ebs: {
        delete_on_termination: `${Ebs?.DeleteOnTermination ?? false}`,
        encrypted: `${Ebs?.Encrypted ?? false}`,
        snapshot_id: Ebs?.SnapshotId ?? "",
        volume_size: `${Ebs?.VolumeSize ?? 0}`,
        volume_type: Ebs?.VolumeType ?? "",
      },
      noDevice: "",
      virtualName: "",
    })),
    creationDate: image.CreationDate ?? "",
    description: image.Description ?? "",
    hypervisor: image.Hypervisor ?? "",
    id,
    imageId: id,
    imageLocation: image.ImageLocation ?? "",
    imageOwnerAlias: image.ImageOwnerAlias ?? "",
    imageType: image.ImageType ?? "",
    name: image.Name ?? "",
    ownerId: image.OwnerId ?? "",
    public: image.Public ?? false,
    region,
    rootDeviceName: image.RootDeviceName ?? "",
    rootDeviceType: image.RootDeviceType ?? "",
    rootSnapshotId: root?.Ebs?.SnapshotId ?? "",
    state: image.State ?? "",
    tags: tagMap(image.Tags).tags ?? {},
    virtualizationType: image.VirtualizationType ?? "",
  };
};

const getVpc: AwsFunction = async (args, { ec2, region }) => {
  const { Vpcs = [] } = await ec2.describeVpcs({
    VpcIds: args.id ? [args.id as string] : undefined,
    Filters: filtersOf(args, { cidr: args.cidrBlock, isDefault: args.default, state: args.state }),
  });
  const vpc = single("EC2 VPC", Vpcs);
  const id = vpc.VpcId ?? "";
  const attribute = (Attribute: "enableDnsHostnames" | "enableDnsSupport") =>
    ec2.describeVpcAttribute({ VpcId: id, Attribute });
  const [hostnames, support, tables] = await Promise.all([
    attribute("enableDnsHostnames"),
    attribute("enableDnsSupport"),
    ec2.describeRouteTables({
      Filters: [
        { Name: "vpc-id", Values: [id] },
        { Name: "association.main", Values: ["true"] },
      ],
    }),
  ]);
  return {
    ...args,
    arn: `arn:aws:ec2:${region}:${vpc.OwnerId}:vpc/${id}`,
    cidrBlock: vpc.CidrBlock ?? "",
    cidrBlockAssociations: (vpc.CidrBlockAssociationSet ?? []).map((each) => ({
      associationId: each.AssociationId ?? "",
      cidrBlock: each.CidrBlock ?? "",
      state: each.CidrBlockState?.State ?? "",
    })),
    default: vpc.IsDefault ?? false,
    dhcpOptionsId: vpc.DhcpOptionsId ?? "",
    enableDnsHostnames: hostnames.EnableDnsHostnames?.Value ?? false,
    enableDnsSupport: support.EnableDnsSupport?.Value ?? true,
    id,
    instanceTenancy: vpc.InstanceTenancy ?? "",
    mainRouteTableId: tables.RouteTables?.[0]?.RouteTableId ?? "",
    ownerId: vpc.OwnerId ?? "",
    region,
    state: vpc.State ?? "",
    tags: tagMap(vpc.Tags).tags ?? {},
  };
};

const getSubnet: AwsFunction = async (args, { ec2, region }) => {
  const { Subnets = [] } = await ec2.describeSubnets({
    SubnetIds: args.id ? [args.id as string] : undefined,
    Filters: filtersOf(args, {
      availabilityZone: args.availabilityZone,
      cidrBlock: args.cidrBlock,
      defaultForAz: args.defaultForAz,
      state: args.state,
      "vpc-id": args.vpcId,
    }),
  });
  const subnet = single("EC2 Subnet", Subnets);
  const id = subnet.SubnetId ?? "";
  return {
    ...args,
    arn: subnet.SubnetArn ?? `arn:aws:ec2:${region}:${subnet.OwnerId}:subnet/${id}`,
    availabilityZone: subnet.AvailabilityZone ?? "",
    availabilityZoneId: subnet.AvailabilityZoneId ?? "",
    availableIpAddressCount: subnet.AvailableIpAddressCount ?? 0,
    cidrBlock: subnet.CidrBlock ?? "",
    defaultForAz: subnet.DefaultForAz ?? false,
    id,
    mapPublicIpOnLaunch: subnet.MapPublicIpOnLaunch ?? false,
    ownerId: subnet.OwnerId ?? "",
    region,
    state: subnet.State ?? "",
    tags: tagMap(subnet.Tags).tags ?? {},
    vpcId: subnet.VpcId ?? "",
  };
};

const getSpotPrice: AwsFunction = async (args, { ec2, region }) => {
  const now = new Date();
  const { SpotPriceHistory = [] } = await ec2.describeSpotPriceHistory({
    AvailabilityZone: args.availabilityZone as string | undefined,
    InstanceTypes: args.instanceType ? [args.instanceType as "t3.medium"] : undefined,
    Filters: filtersOf(args),
    StartTime: now,
    EndTime: now,
  });
  const price = single("EC2 Spot Price", SpotPriceHistory);
  return {
    ...args,
    id: region,
    region,
    spotPrice: price.SpotPrice ?? "",
    spotPriceTimestamp: (price.Timestamp ?? now).toISOString(),
  };
};

const getInstances: AwsFunction = async (args, { ec2, region }) => {
  const states = (args.instanceStateNames as string[] | undefined) ?? ["running"];
  const Filters = filtersOf({ filters: args.filters ?? [], tags: args.instanceTags ?? {} }) ?? [];
  const { Reservations = [] } = await ec2.describeInstances({
    Filters: [{ Name: "instance-state-name", Values: states }, ...Filters],
  });
  const instances = Reservations.flatMap(({ Instances = [] }) => Instances);
  return {
    ...args,
    id: region,
    ids: instances.map(({ InstanceId = "" }) => InstanceId),
    instanceTags: args.instanceTags ?? {},
    ipv6Addresses: [],
    privateIps: instances.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
    publicIps: instances.flatMap(({ PublicIpAddress }) => PublicIpAddress ?? []),
    region,
  };
};

const getInstanceType: AwsFunction = async (args, { ec2, region }) => {
  const name = args.instanceType as InstanceTypeInfo["InstanceType"];
  const { InstanceTypes = [] } = await ec2.describeInstanceTypes({ InstanceTypes: name && [name] });
  const type = single("EC2 Instance Type", InstanceTypes);
  return {
    ...args,
    bareMetal: type.BareMetal ?? false,
    burstablePerformanceSupported: type.BurstablePerformanceSupported ?? false,
    currentGeneration: type.CurrentGeneration ?? false,
    defaultCores: type.VCpuInfo?.DefaultCores ?? 0,
    defaultThreadsPerCore: type.VCpuInfo?.DefaultThreadsPerCore ?? 0,
    defaultVcpus: type.VCpuInfo?.DefaultVCpus ?? 0,
    freeTierEligible: type.FreeTierEligible ?? false,
    hypervisor: type.Hypervisor ?? "",
    id: name ?? "",
    instanceStorageSupported: type.InstanceStorageSupported ?? false,
    instanceType: name ?? "",
    memorySize: type.MemoryInfo?.SizeInMiB ?? 0,
    networkPerformance: type.NetworkInfo?.NetworkPerformance ?? "",
    region,
    supportedArchitectures: type.ProcessorInfo?.SupportedArchitectures ?? [],
    supportedRootDeviceTypes: type.SupportedRootDeviceTypes ?? [],
    supportedUsagesClasses: type.SupportedUsageClasses ?? [],
    supportedVirtualizationTypes: type.SupportedVirtualizationTypes ?? [],
    sustainedClockSpeed: type.ProcessorInfo?.SustainedClockSpeedInGhz ?? 0,
    totalInstanceStorage: type.InstanceStorageInfo?.TotalSizeInGB ?? 0,
  };
};

const getInstanceTypeOfferings: AwsFunction = async (args, { ec2, region }) => {
  const { InstanceTypeOfferings: offerings = [] } = await ec2.describeInstanceTypeOfferings({
    LocationType: args.locationType as "region" | undefined,
    Filters: filtersOf(args),
  });
  return {
    ...args,
    id: region,
    instanceTypes: offerings.map(({ InstanceType = "" }) => InstanceType),
    locationTypes: offerings.map(({ LocationType = "" }) => LocationType),
    locations: offerings.map(({ Location = "" }) => Location),
    region,
  };
};

const getAvailabilityZones: AwsFunction = async (args, { ec2, region }) => {
  const { AvailabilityZones = [] } = await ec2.describeAvailabilityZones({
    AllAvailabilityZones: args.allAvailabilityZones as boolean | undefined,
    Filters: filtersOf(args, { state: args.state }),
  });
  const excluded = [args.excludeNames ?? [], args.excludeZoneIds ?? []].flat();
  const zones = AvailabilityZones.filter(
    ({ ZoneName = "", ZoneId = "" }) => !excluded.includes(ZoneName) && !excluded.includes(ZoneId),
  ).sort((a, b) => ((a.ZoneName ?? "") < (b.ZoneName ?? "") ? -1 : 1));
  return {
    ...args,
    groupNames: [...new Set(zones.map(({ GroupName }) => GroupName ?? region))],
    id: region,
    names: zones.map(({ ZoneName = "" }) => ZoneName),
    region,
    zoneIds: zones.map(({ ZoneId = "" }) => ZoneId),
  };
};

const getProduct: AwsFunction = async (args, { clients }) => {
  const filters = args.filters as { field: string; value: string }[];
  const { PriceList = [] } = await clients.pricing.getProducts({
    ServiceCode: args.serviceCode as string,
    Filters: filters.map(({ field, value }) => ({
      Type: "TERM_MATCH",
      Field: field,
      Value: value,
    })),
  });
  if (PriceList.length === 0) {
    throw new Error("Pricing product query did not return any elements");
  }
  if (PriceList.length > 1) {
    throw new Error("Pricing product query not precise enough. Returned more than one element");
  }
  const result = `${PriceList[0]}`;
  return { ...args, id: (JSON.parse(result) as { product: { sku: string } }).product.sku, result };
};

export const FUNCTIONS: Record<string, AwsFunction> = {
  "aws:ec2/getAmi:getAmi": getAmi,
  "aws:ec2/getInstances:getInstances": getInstances,
  "aws:ec2/getInstanceType:getInstanceType": getInstanceType,
  "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": getInstanceTypeOfferings,
  "aws:ec2/getSpotPrice:getSpotPrice": getSpotPrice,
  "aws:ec2/getSubnet:getSubnet": getSubnet,
  "aws:ec2/getVpc:getVpc": getVpc,
  "aws:index/getAvailabilityZones:getAvailabilityZones": getAvailabilityZones,
  "aws:pricing/getProduct:getProduct": getProduct,
};

/** The filters that the program names, its tags, and arguments that are filters under another name. */
function filtersOf(
  { filters = [], tags = {} }: Properties,
  others: Record<string, Value | undefined> = {},
): Filter[] | undefined {
  const named = filters as { name: string; values: string[] }[];
  const list = [
    ...named.map(({ name, values }) => ({ Name: name, Values: values })),
    ...tagList(tags as Tags).map(({ Key, Value }) => ({ Name: `tag:${Key}`, Values: [Value] })),
    ...Object.entries(others).flatMap(([Name, value]) =>
      value === undefined || value === null ? [] : [{ Name, Values: [`${value}`] }],
    ),
  ];
  return list.length > 0 ? list : undefined;
}

function single<Found>(what: string, found: Found[]): Found {
  const [first, ...others] = found;
  if (first === undefined) throw new Error(`no matching ${what} found`);
  if (others.length === 0) return first;
  throw new Error(
    `multiple ${what}s matched; use additional constraints to reduce matches to a single ${what}`,
  );
}
