import type { Instance, Volume } from "@aws-sdk/client-ec2";
import type { Properties } from "../lib/values";
import { objectOf, tagMap } from "./resource";

/** An instance as in the state, except its disk and what is queried separately. */
export function stateOf(instance: Instance, state: Properties): Properties {
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
    // In plain text since version 7 of the official plugin.
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

export function rootDevice(volume: Volume, instance: Instance, state: Properties): Properties {
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
