import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";
import type { Fields } from "../lib/fields";
import type { Properties } from "../lib/values";
import {
  type AwsType,
  byDefault,
  chosen,
  fixed,
  flag,
  number,
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
  // A new group in AWS allows all outgoing traffic; the official plugin allows only that of the rules.
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
