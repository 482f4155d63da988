import {
  type AwsType,
  accountOf,
  chosen,
  fixed,
  flag,
  optional,
  output,
  poll,
  str,
  tagged,
  tagMap,
  tagSpecification,
  text,
} from "./resource";

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
