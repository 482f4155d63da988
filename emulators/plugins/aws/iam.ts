import type { Properties, Value } from "../lib/values";
import {
  type AwsType,
  byDefault,
  fixed,
  flag,
  number,
  objects,
  output,
  required,
  type Session,
  str,
  type Tags,
  tagged,
  tagList,
  tagMap,
  text,
} from "./resource";

export const ROLE: AwsType = {
  label: "IAM Role",
  isGlobal: true,
  fields: {
    arn: output(text),
    assumeRolePolicy: required(text),
    createDate: output(text),
    description: text,
    forceDetachPolicies: byDefault(flag, false),
    inlinePolicies: output(objects),
    managedPolicyArns: output(objects),
    maxSessionDuration: byDefault(number, 3600),
    name: fixed(text),
    path: byDefault(fixed(text), "/"),
    uniqueId: output(text),
    ...tagged,
  },
  create: async ({ iam }, inputs) => {
    const { Role } = await iam.createRole({
      RoleName: str(inputs.name),
      Path: str(inputs.path),
      AssumeRolePolicyDocument: str(inputs.assumeRolePolicy),
      Description: (inputs.description as string | undefined) ?? undefined,
      MaxSessionDuration: inputs.maxSessionDuration as number,
      Tags: tagList((inputs.tags ?? {}) as Tags),
    });
    return str(Role?.RoleName);
  },
  update: async ({ iam, changed }, RoleName, inputs) => {
    if (changed("assumeRolePolicy")) {
      const PolicyDocument = str(inputs.assumeRolePolicy);
      await iam.updateAssumeRolePolicy({ RoleName, PolicyDocument });
    }
    if (changed("description") || changed("maxSessionDuration")) {
      await iam.updateRole({
        RoleName,
        Description: (inputs.description as string | undefined) ?? "",
        MaxSessionDuration: inputs.maxSessionDuration as number,
      });
    }
  },
  read: async ({ iam }, RoleName, state) => {
    const { Role: role } = await iam.getRole({ RoleName });
    return (
      role && {
        arn: role.Arn ?? "",
        assumeRolePolicy: document(state.assumeRolePolicy, role.AssumeRolePolicyDocument),
        createDate: time(role.CreateDate),
        description: role.Description ?? "",
        forceDetachPolicies: state.forceDetachPolicies ?? false,
        inlinePolicies: [],
        managedPolicyArns: [],
        maxSessionDuration: role.MaxSessionDuration ?? 3600,
        name: role.RoleName ?? "",
        path: role.Path ?? "/",
        uniqueId: role.RoleId ?? "",
        ...tagMap(role.Tags as { Key: string; Value: string }[] | undefined),
      }
    );
  },
  delete: async ({ iam }, RoleName) => {
    await iam.deleteRole({ RoleName });
  },
  setTags: async ({ iam }, RoleName, tags, before) => {
    const TagKeys = Object.keys(before).filter((key) => !(key in tags));
    if (TagKeys.length > 0) await iam.untagRole({ RoleName, TagKeys });
    await iam.tagRole({ RoleName, Tags: tagList(tags) });
  },
};

export const ROLE_POLICY: AwsType = {
  label: "IAM Role Policy",
  isGlobal: true,
  fields: { name: fixed(text), policy: required(text), role: required(fixed(text)) },
  create: async (session, inputs) => {
    await putPolicy(session, inputs);
    return `${inputs.role}:${inputs.name}`;
  },
  update: (session, _id, inputs) => putPolicy(session, inputs),
  read: async ({ iam }, id, state) => {
    const [RoleName, PolicyName] = id.split(":");
    const found = await iam.getRolePolicy({ RoleName, PolicyName });
    return {
      name: found.PolicyName ?? "",
      policy: document(state.policy, found.PolicyDocument),
      role: found.RoleName ?? "",
    };
  },
  delete: async ({ iam }, id) => {
    const [RoleName, PolicyName] = id.split(":");
    await iam.deleteRolePolicy({ RoleName, PolicyName });
  },
};

async function putPolicy({ iam }: Session, { role, name, policy }: Properties): Promise<void> {
  await iam.putRolePolicy({
    RoleName: str(role),
    PolicyName: str(name),
    PolicyDocument: str(policy),
  });
}

export const INSTANCE_PROFILE: AwsType = {
  label: "IAM Instance Profile",
  isGlobal: true,
  fields: {
    arn: output(text),
    createDate: output(text),
    name: fixed(text),
    path: byDefault(fixed(text), "/"),
    role: text,
    uniqueId: output(text),
    ...tagged,
  },
  create: async ({ iam }, inputs) => {
    const { InstanceProfile } = await iam.createInstanceProfile({
      InstanceProfileName: str(inputs.name),
      Path: str(inputs.path),
      Tags: tagList((inputs.tags ?? {}) as Tags),
    });
    return str(InstanceProfile?.InstanceProfileName);
  },
  complete: async ({ iam }, InstanceProfileName, { role }) => {
    const { InstanceProfile } = await iam.getInstanceProfile({ InstanceProfileName });
    const RoleName = InstanceProfile?.Roles?.[0]?.RoleName;
    if (RoleName === (role ?? undefined)) return;
    if (RoleName) await iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
    if (role) await iam.addRoleToInstanceProfile({ InstanceProfileName, RoleName: str(role) });
  },
  read: async ({ iam }, InstanceProfileName) => {
    const { InstanceProfile: profile } = await iam.getInstanceProfile({ InstanceProfileName });
    return (
      profile && {
        arn: profile.Arn ?? "",
        createDate: time(profile.CreateDate),
        name: profile.InstanceProfileName ?? "",
        path: profile.Path ?? "/",
        role: profile.Roles?.[0]?.RoleName ?? "",
        uniqueId: profile.InstanceProfileId ?? "",
        ...tagMap(profile.Tags as { Key: string; Value: string }[] | undefined),
      }
    );
  },
  delete: async ({ iam }, InstanceProfileName) => {
    const { InstanceProfile } = await iam.getInstanceProfile({ InstanceProfileName });
    for (const { RoleName } of InstanceProfile?.Roles ?? []) {
      await iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
    }
    await iam.deleteInstanceProfile({ InstanceProfileName });
  },
  setTags: async ({ iam }, InstanceProfileName, tags, before) => {
    const TagKeys = Object.keys(before).filter((key) => !(key in tags));
    if (TagKeys.length > 0) await iam.untagInstanceProfile({ InstanceProfileName, TagKeys });
    await iam.tagInstanceProfile({ InstanceProfileName, Tags: tagList(tags) });
  },
};

/** Keeps a policy's original text as long as its meaning is the same. */
function document(written: Value | undefined, found: string | undefined): Value {
  const reported = decodeURIComponent(found ?? "");
  try {
    const same = JSON.stringify(JSON.parse(str(written))) === JSON.stringify(JSON.parse(reported));
    return same ? str(written) : reported;
  } catch {
    return reported;
  }
}

const time = (date: Date | undefined) => (date ?? new Date(0)).toISOString().replace(/\.\d+/, "");
