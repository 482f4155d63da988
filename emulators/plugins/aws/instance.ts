import type { EC2, Volume } from "@aws-sdk/client-ec2";
import type { Field, Fields } from "../lib/fields";
import type { Properties } from "../lib/values";
import { rootDevice, stateOf } from "./instance-state";
import { reaches } from "./instance-wait";
import { encodedUserData, launchRequest } from "./launch";
import {
  type AwsType,
  byDefault,
  chosen,
  fixed,
  flag,
  map,
  number,
  objectOf,
  optional,
  output,
  required,
  type Session,
  setEc2Tags,
  str,
  type Tags,
  tagged,
  text,
  texts,
} from "./resource";

const object = (fields: Fields): Field => ({ type: "object", fields });

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

async function rootDeviceName(ec2: EC2, image: string): Promise<string> {
  const { Images: [found] = [] } = await ec2.describeImages({ ImageIds: [image] });
  return found?.RootDeviceName ?? "/dev/xvda";
}

/** The changes that do not require a stop. */
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
