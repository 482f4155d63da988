import { randomUUID } from "node:crypto";
import type { EC2, Instance, RunInstancesRequest, Volume } from "@aws-sdk/client-ec2";
import {
  type AwsType,
  byDefault,
  chosen,
  fixed,
  flag,
  map,
  number,
  output,
  poll,
  required,
  type Session,
  setEc2Tags,
  type Tags,
  tagged,
  tagMap,
  tagSpecification,
  text,
  texts,
} from "./aws-resource";
import type { Field, Fields } from "./fields";
import type { Call } from "./plugin";
import { isObject, type Properties, type Value } from "./values";

const object = (fields: Fields): Field => ({ type: "object", fields });
const str = (value: unknown): string => value as string;
const optional = <Type>(value: unknown) => (value as Type | null) ?? undefined;
const objectOf = (value: Value | undefined): Properties => (isObject(value) ? value : {});

export const INSTANCE: AwsType = {
  label: "EC2 Instance",
  fields: {
    ami: required(fixed(text)),
    arn: output(text),
    associatePublicIpAddress: chosen(fixed(flag)),
    availabilityZone: chosen(fixed(text)),
    disableApiTermination: chosen(flag),
    ebsOptimized: chosen(fixed(flag)),
    iamInstanceProfile: chosen(text),
    instanceInitiatedShutdownBehavior: chosen(text),
    instanceLifecycle: output(text),
    instanceMarketOptions: chosen(
      fixed(
        object({
          marketType: chosen(text),
          spotOptions: chosen(
            object({
              instanceInterruptionBehavior: chosen(text),
              maxPrice: chosen(text),
              spotInstanceType: chosen(text),
              validUntil: chosen(text),
            }),
          ),
        }),
      ),
    ),
    instanceState: output(text),
    instanceType: required(text),
    keyName: chosen(fixed(text)),
    metadataOptions: chosen(
      object({
        httpEndpoint: chosen(text),
        httpProtocolIpv6: chosen(text),
        httpPutResponseHopLimit: chosen(number),
        httpTokens: chosen(text),
        instanceMetadataTags: chosen(text),
      }),
    ),
    monitoring: chosen(flag),
    passwordData: output(text),
    placementGroup: output(text),
    primaryNetworkInterfaceId: output(text),
    privateDns: output(text),
    privateIp: chosen(fixed(text)),
    publicDns: output(text),
    publicIp: output(text),
    rootBlockDevice: chosen(
      object({
        deleteOnTermination: byDefault(flag, true),
        deviceName: output(text),
        encrypted: chosen(flag),
        iops: chosen(number),
        kmsKeyId: chosen(text),
        tags: map,
        tagsAll: output(map),
        throughput: chosen(number),
        volumeId: output(text),
        volumeSize: chosen(number),
        volumeType: chosen(text),
      }),
    ),
    securityGroups: output(texts),
    sourceDestCheck: byDefault(flag, true),
    spotInstanceRequestId: output(text),
    subnetId: chosen(fixed(text)),
    tenancy: output(text),
    userData: text,
    userDataBase64: text,
    userDataReplaceOnChange: byDefault(flag, false),
    volumeTags: map,
    vpcSecurityGroupIds: chosen(texts),
    ...tagged,
  },
  replacing: ({ userDataReplaceOnChange }) => [
    "rootBlockDevice.encrypted",
    "rootBlockDevice.kmsKeyId",
    ...(userDataReplaceOnChange === true ? ["userData"] : []),
  ],
  create: async ({ ec2 }, inputs) => {
    const image = await rootDeviceName(ec2, str(inputs.ami));
    const { Instances: [instance] = [] } = await ec2.runInstances(launchRequest(inputs, image));
    return str(instance?.InstanceId);
  },
  complete: async (session, id, inputs) => {
    const { ec2, call } = session;
    await reaches(ec2, call, id, "running", `waiting for EC2 Instance (${id}) create`);
    const tags = objectOf(objectOf(inputs.rootBlockDevice).tags);
    if (session.changed("rootBlockDevice") && Object.keys(tags).length > 0) {
      const volume = (await volumesOf(ec2, id))[0]?.VolumeId ?? "";
      await setEc2Tags(session, volume, tags as Tags, {});
    }
  },
  update: async (session, id, inputs, state) => {
    await updateWhileRunning(session, id, inputs, state);
    const { ec2, call, changed } = session;
    if (!changed("instanceType") && !changed("userData") && !changed("userDataBase64")) return;
    await ec2.stopInstances({ InstanceIds: [id] });
    await reaches(ec2, call, id, "stopped", `stopping EC2 Instance (${id})`);
    if (changed("instanceType")) {
      const InstanceType = { Value: str(inputs.instanceType) };
      await ec2.modifyInstanceAttribute({ InstanceId: id, InstanceType });
    }
    if (changed("userData") || changed("userDataBase64")) {
      const UserData = { Value: Buffer.from(encodedUserData(inputs) ?? "", "base64") };
      await ec2.modifyInstanceAttribute({ InstanceId: id, UserData });
    }
    await ec2.startInstances({ InstanceIds: [id] });
    await reaches(ec2, call, id, "running", `starting EC2 Instance (${id})`);
  },
  read: async ({ ec2, region }, id, state) => {
    const { Reservations: [reservation] = [] } = await ec2.describeInstances({ InstanceIds: [id] });
    const instance = reservation?.Instances?.[0];
    if (!instance || instance.State?.Name === "terminated") return undefined;
    const { InstanceInitiatedShutdownBehavior: behavior } = await ec2.describeInstanceAttribute({
      InstanceId: id,
      Attribute: "instanceInitiatedShutdownBehavior",
    });
    const [volume] = await volumesOf(ec2, id);
    return {
      ...stateOf(instance, state),
      arn: `arn:aws:ec2:${region}:${reservation?.OwnerId}:instance/${id}`,
      instanceInitiatedShutdownBehavior: behavior?.Value ?? "stop",
      rootBlockDevice: volume
        ? rootDevice(volume, instance, objectOf(state.rootBlockDevice))
        : (state.rootBlockDevice ?? null),
    };
  },
  delete: async ({ ec2, call }, id) => {
    await ec2.terminateInstances({ InstanceIds: [id] });
    await reaches(ec2, call, id, "terminated", `waiting for EC2 Instance (${id}) delete`);
  },
};

function launchRequest(inputs: Properties, device: string): RunInstancesRequest {
  const groups = optional<string[]>(inputs.vpcSecurityGroupIds);
  const SubnetId = optional<string>(inputs.subnetId);
  const PrivateIpAddress = optional<string>(inputs.privateIp);
  const AssociatePublicIpAddress = optional<boolean>(inputs.associatePublicIpAddress);
  const network =
    AssociatePublicIpAddress === undefined
      ? { SubnetId, PrivateIpAddress, SecurityGroupIds: groups }
      : {
          NetworkInterfaces: [
            {
              DeviceIndex: 0,
              SubnetId,
              PrivateIpAddress,
              Groups: groups,
              AssociatePublicIpAddress,
            },
          ],
        };
  const root = objectOf(inputs.rootBlockDevice);
  const metadata = objectOf(inputs.metadataOptions);
  const market = objectOf(inputs.instanceMarketOptions);
  const spot = objectOf(market.spotOptions);
  const profile = optional<string>(inputs.iamInstanceProfile);
  return {
    MinCount: 1,
    MaxCount: 1,
    // Repeated with a request that is repeated, which then makes no second instance.
    ClientToken: randomUUID(),
    ImageId: str(inputs.ami),
    InstanceType: inputs.instanceType as RunInstancesRequest["InstanceType"],
    KeyName: optional(inputs.keyName),
    UserData: encodedUserData(inputs),
    IamInstanceProfile: profile ? { Name: profile } : undefined,
    InstanceInitiatedShutdownBehavior: optional(inputs.instanceInitiatedShutdownBehavior),
    DisableApiTermination: optional(inputs.disableApiTermination),
    EbsOptimized: optional(inputs.ebsOptimized),
    Placement: { AvailabilityZone: optional(inputs.availabilityZone) },
    ...network,
    BlockDeviceMappings: inputs.rootBlockDevice
      ? [
          {
            DeviceName: device,
            Ebs: {
              DeleteOnTermination: optional(root.deleteOnTermination),
              Encrypted: optional(root.encrypted),
              Iops: optional(root.iops),
              Throughput: optional(root.throughput),
              KmsKeyId: optional(root.kmsKeyId),
              VolumeSize: optional(root.volumeSize),
              VolumeType: optional(root.volumeType),
            },
          },
        ]
      : undefined,
    MetadataOptions: inputs.metadataOptions
      ? {
          HttpEndpoint: optional(metadata.httpEndpoint),
          HttpTokens: optional(metadata.httpTokens),
          HttpPutResponseHopLimit: optional(metadata.httpPutResponseHopLimit),
          InstanceMetadataTags: optional(metadata.instanceMetadataTags),
        }
      : undefined,
    InstanceMarketOptions: inputs.instanceMarketOptions
      ? {
          MarketType: optional(market.marketType),
          SpotOptions: {
            MaxPrice: optional(spot.maxPrice),
            SpotInstanceType: optional(spot.spotInstanceType),
            InstanceInterruptionBehavior: optional(spot.instanceInterruptionBehavior),
          },
        }
      : undefined,
    ...tagSpecification("instance", inputs),
  };
}

function encodedUserData({ userData, userDataBase64 }: Properties): string | undefined {
  if (userDataBase64) return str(userDataBase64);
  return userData ? Buffer.from(str(userData)).toString("base64") : undefined;
}

async function rootDeviceName(ec2: EC2, image: string): Promise<string> {
  const { Images: [found] = [] } = await ec2.describeImages({ ImageIds: [image] });
  return found?.RootDeviceName ?? "/dev/xvda";
}

/** The changes that need no stop. */
async function updateWhileRunning(
  session: Session,
  InstanceId: string,
  inputs: Properties,
  state: Properties,
): Promise<void> {
  const { ec2, changed } = session;
  if (changed("vpcSecurityGroupIds")) {
    await ec2.modifyNetworkInterfaceAttribute({
      NetworkInterfaceId: str(state.primaryNetworkInterfaceId),
      Groups: inputs.vpcSecurityGroupIds as string[],
    });
  }
  if (changed("iamInstanceProfile")) await changeProfile(ec2, InstanceId, inputs);
  if (changed("instanceInitiatedShutdownBehavior")) {
    const Value = str(inputs.instanceInitiatedShutdownBehavior);
    await ec2.modifyInstanceAttribute({
      InstanceId,
      InstanceInitiatedShutdownBehavior: { Value },
    });
  }
  if (changed("metadataOptions")) {
    const options = objectOf(inputs.metadataOptions);
    await ec2.modifyInstanceMetadataOptions({
      InstanceId,
      HttpEndpoint: optional(options.httpEndpoint),
      HttpTokens: optional(options.httpTokens),
      HttpPutResponseHopLimit: optional(options.httpPutResponseHopLimit),
    });
  }
  const [before, root] = [objectOf(state.rootBlockDevice), objectOf(inputs.rootBlockDevice)];
  const VolumeId = str(before.volumeId);
  const resized = (["volumeSize", "volumeType", "iops", "throughput"] as const).filter(
    (key) => root[key] !== undefined && root[key] !== before[key],
  );
  if (resized.length > 0) {
    await ec2.modifyVolume({
      VolumeId,
      Size: optional(root.volumeSize),
      VolumeType: optional(root.volumeType),
      Iops: optional(root.iops),
      Throughput: optional(root.throughput),
    });
  }
  if (changed("rootBlockDevice")) {
    const [tags, old] = [objectOf(root.tags), objectOf(before.tags)];
    await setEc2Tags(session, VolumeId, tags as Tags, old as Tags);
  }
}

async function changeProfile(ec2: EC2, InstanceId: string, inputs: Properties): Promise<void> {
  const Filters = [{ Name: "instance-id", Values: [InstanceId] }];
  const { IamInstanceProfileAssociations: [association] = [] } =
    await ec2.describeIamInstanceProfileAssociations({ Filters });
  const AssociationId = association?.AssociationId;
  if (AssociationId) await ec2.disassociateIamInstanceProfile({ AssociationId });
  const Name = optional<string>(inputs.iamInstanceProfile);
  if (Name) await ec2.associateIamInstanceProfile({ InstanceId, IamInstanceProfile: { Name } });
}

async function volumesOf(ec2: EC2, id: string): Promise<Volume[]> {
  const Filters = [{ Name: "attachment.instance-id", Values: [id] }];
  return (await ec2.describeVolumes({ Filters })).Volumes ?? [];
}

function stateOf(instance: Instance, state: Properties): Properties {
  const [nic] = instance.NetworkInterfaces ?? [];
  const { MetadataOptions: metadata } = instance;
  const isSpot = instance.InstanceLifecycle === "spot";
  return {
    ami: instance.ImageId ?? "",
    associatePublicIpAddress: state.associatePublicIpAddress ?? Boolean(instance.PublicIpAddress),
    availabilityZone: instance.Placement?.AvailabilityZone ?? "",
    disableApiTermination: state.disableApiTermination ?? false,
    ebsOptimized: instance.EbsOptimized ?? false,
    iamInstanceProfile: instance.IamInstanceProfile?.Arn?.split("/").pop() ?? "",
    instanceLifecycle: instance.InstanceLifecycle ?? "",
    instanceMarketOptions: isSpot ? marketOptions(objectOf(state.instanceMarketOptions)) : null,
    instanceState: instance.State?.Name ?? "",
    instanceType: instance.InstanceType ?? "",
    keyName: instance.KeyName ?? "",
    metadataOptions: {
      httpEndpoint: metadata?.HttpEndpoint ?? "enabled",
      httpProtocolIpv6: "disabled",
      httpPutResponseHopLimit: metadata?.HttpPutResponseHopLimit ?? 1,
      httpTokens: metadata?.HttpTokens ?? "optional",
      instanceMetadataTags: metadata?.InstanceMetadataTags ?? "disabled",
    },
    monitoring: instance.Monitoring?.State === "enabled",
    passwordData: "",
    placementGroup: "",
    primaryNetworkInterfaceId: nic?.NetworkInterfaceId ?? "",
    privateDns: instance.PrivateDnsName ?? "",
    privateIp: instance.PrivateIpAddress ?? "",
    publicDns: instance.PublicDnsName ?? "",
    publicIp: instance.PublicIpAddress ?? "",
    securityGroups: [],
    sourceDestCheck: instance.SourceDestCheck ?? true,
    spotInstanceRequestId: instance.SpotInstanceRequestId ?? "",
    subnetId: instance.SubnetId ?? "",
    tenancy: instance.Placement?.Tenancy ?? "default",
    // In clear since version 7 of the official plugin.
    userData: state.userData ?? null,
    userDataBase64: state.userDataBase64 ?? null,
    userDataReplaceOnChange: state.userDataReplaceOnChange ?? false,
    volumeTags: state.volumeTags ?? null,
    vpcSecurityGroupIds: (instance.SecurityGroups ?? []).map(({ GroupId = "" }) => GroupId).sort(),
    ...tagMap(instance.Tags),
  };
}

function marketOptions({ spotOptions }: Properties): Properties {
  return {
    marketType: "spot",
    spotOptions: {
      instanceInterruptionBehavior: "terminate",
      maxPrice: null,
      spotInstanceType: "one-time",
      validUntil: "",
      ...objectOf(spotOptions),
    },
  };
}

function rootDevice(volume: Volume, instance: Instance, state: Properties): Properties {
  const { tags } = tagMap(volume.Tags);
  return {
    deleteOnTermination: state.deleteOnTermination ?? true,
    deviceName: instance.RootDeviceName ?? "",
    encrypted: volume.Encrypted ?? false,
    iops: volume.Iops ?? 0,
    kmsKeyId: volume.KmsKeyId ?? "",
    tags,
    tagsAll: tags ?? {},
    throughput: volume.Throughput ?? 0,
    volumeId: volume.VolumeId ?? "",
    volumeSize: volume.Size ?? 0,
    volumeType: volume.VolumeType ?? "",
  };
}

/**
 * Waits for an instance's state.
 *
 * @throws Error when it ends instead, with the reason
 */
async function reaches(
  ec2: EC2,
  call: Call,
  id: string,
  wanted: "running" | "stopped" | "terminated",
  doing: string,
): Promise<void> {
  const state = await poll(call, async () => {
    const now = await statesOf(ec2).ask(id);
    const ended = now === "terminated" || now === "shutting-down";
    return now === wanted || (ended && wanted !== "terminated") ? now : undefined;
  });
  if (state === wanted) return;
  const { Reservations: [reservation] = [] } = await ec2.describeInstances({ InstanceIds: [id] });
  const reason = reservation?.Instances?.[0]?.StateReason?.Message ?? "";
  throw new Error(
    `${doing}: unexpected state '${state}', wanted target '${wanted}'. last error: ${reason}`,
  );
}

/** Many instances that are waited for are asked for in one request. */
class States {
  private readonly waiting = new Map<string, ((state: string | undefined) => void)[]>();
  private failing: ((error: unknown) => void)[] = [];

  constructor(private readonly ec2: EC2) {}

  ask(id: string): Promise<string | undefined> {
    if (this.waiting.size === 0) setTimeout(() => this.send(), GATHER_MS);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, [...(this.waiting.get(id) ?? []), resolve]);
      this.failing.push(reject);
    });
  }

  private async send(): Promise<void> {
    const asked = [...this.waiting];
    const { failing } = this;
    this.waiting.clear();
    this.failing = [];
    try {
      const { InstanceStatuses = [] } = await this.ec2.describeInstanceStatus({
        InstanceIds: asked.map(([id]) => id),
        IncludeAllInstances: true,
      });
      const states = new Map(InstanceStatuses.map((each) => [each.InstanceId, each.InstanceState]));
      for (const [id, answers] of asked) for (const answer of answers) answer(states.get(id)?.Name);
    } catch (error) {
      for (const fail of failing) fail(error);
    }
  }
}

const GATHER_MS = 50;
const gatherers = new WeakMap<EC2, States>();

function statesOf(ec2: EC2): States {
  const states = gatherers.get(ec2) ?? new States(ec2);
  gatherers.set(ec2, states);
  return states;
}
