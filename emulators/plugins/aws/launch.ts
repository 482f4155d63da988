import { randomUUID } from "node:crypto";
import type { RunInstancesRequest } from "@aws-sdk/client-ec2";
import type { Properties } from "../lib/values";
import { objectOf, optional, str, tagSpecification } from "./resource";

/** The request that launches an instance. @param device the image's root device */
export function launchRequest(inputs: Properties, device: string): RunInstancesRequest {
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
    // A retried request has the same token, so that it makes no second instance.
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

/** In the API's format. */
export function encodedUserData({ userData, userDataBase64 }: Properties): string | undefined {
  if (userDataBase64) return str(userDataBase64);
  return userData ? Buffer.from(str(userData)).toString("base64") : undefined;
}
