// The sweep (../sweep.ts) of an AWS account, for `node --input-type=module -` in the project's folder. It uses the
// region AWS_REGION and the credentials of the plugin. EC2's resources carry the tag; IAM's are in a path with the
// tag's name.

// The SDK's warning about Node's age is not about this stack.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
const {
  EC2,
  paginateDescribeInstances,
  paginateDescribeInternetGateways,
  paginateDescribeRouteTables,
  paginateDescribeSecurityGroupRules,
  paginateDescribeSecurityGroups,
  paginateDescribeSubnets,
  paginateDescribeVpcs,
} = await import("@aws-sdk/client-ec2");
const { IAM, paginateListInstanceProfiles, paginateListRolePolicies, paginateListRoles } =
  await import("@aws-sdk/client-iam");

const { TAG, KNOWN, DRY_RUN } = process.env;
// As many attempts as the plugin makes when requests are throttled.
const ec2 = new EC2({ maxAttempts: 25 });
const iam = new IAM({ maxAttempts: 25 });
const known = new Set(KNOWN.split("\n"));
const deadline = Date.now() + 300_000;

const Filters = [{ Name: "tag:spark-swarm", Values: [TAG] }];
const PathPrefix = `/spark-swarm/${TAG}/`;
/** Not every service with IAM's API honours the prefix. */
const own = ({ Path }) => Path === PathPrefix;

/** What all pages of a list have under `key`: a page can be empty although more pages follow. */
async function all(paginate, client, input, key) {
  const found = [];
  for await (const page of paginate({ client }, input)) found.push(...(page[key] ?? []));
  return found;
}

async function instances() {
  const states = ["pending", "running", "stopping", "stopped", "shutting-down"];
  const input = { Filters: [...Filters, { Name: "instance-state-name", Values: states }] };
  const reservations = await all(paginateDescribeInstances, ec2, input, "Reservations");
  return reservations.flatMap(({ Instances = [] }) => Instances);
}

/** Groups name each other in their rules, so the rules must be deleted first. */
async function deleteGroup(GroupId) {
  const input = { Filters: [{ Name: "group-id", Values: [GroupId] }] };
  const found = await all(paginateDescribeSecurityGroupRules, ec2, input, "SecurityGroupRules");
  const rules = (egress) =>
    found
      .filter(({ IsEgress }) => IsEgress === egress)
      .map(({ SecurityGroupRuleId }) => SecurityGroupRuleId);
  const [inbound, outbound] = [rules(false), rules(true)];
  if (inbound.length > 0)
    await ec2.revokeSecurityGroupIngress({ GroupId, SecurityGroupRuleIds: inbound });
  if (outbound.length > 0)
    await ec2.revokeSecurityGroupEgress({ GroupId, SecurityGroupRuleIds: outbound });
  await ec2.deleteSecurityGroup({ GroupId });
}

const routeTables = () => all(paginateDescribeRouteTables, ec2, { Filters }, "RouteTables");
const subnets = () => all(paginateDescribeSubnets, ec2, { Filters }, "Subnets");

/** A rule that exists keeps an equal one from being created. */
const ruleKind = (type, egress) => ({
  kind: "security group rule",
  type,
  find: async () =>
    (await all(paginateDescribeSecurityGroupRules, ec2, { Filters }, "SecurityGroupRules"))
      .filter(({ IsEgress }) => IsEgress === egress)
      .map(({ SecurityGroupRuleId }) => SecurityGroupRuleId),
  remove: async (id) => {
    const SecurityGroupRuleIds = [id];
    const { SecurityGroupRules } = await ec2.describeSecurityGroupRules({ SecurityGroupRuleIds });
    const order = { GroupId: SecurityGroupRules?.[0]?.GroupId, SecurityGroupRuleIds };
    if (egress) await ec2.revokeSecurityGroupEgress(order);
    else await ec2.revokeSecurityGroupIngress(order);
  },
});

const DestinationCidrBlock = "0.0.0.0/0";
/** EC2 gives routes no ID; the plugin's contains the table's. */
const isKnownRoute = (table) =>
  [...known].some((line) => line.startsWith("aws:ec2/route:Route ") && line.includes(table));

/** In the order in which they can be deleted. What cannot carry a tag is in something that does. */
const KINDS = [
  {
    kind: "instance",
    type: "ec2/instance:Instance",
    find: async () => (await instances()).map(({ InstanceId }) => InstanceId),
    remove: (id) => ec2.terminateInstances({ InstanceIds: [id] }),
  },
  {
    kind: "key pair",
    type: "ec2/keyPair:KeyPair",
    find: async () =>
      ((await ec2.describeKeyPairs({ Filters })).KeyPairs ?? []).map(({ KeyName }) => KeyName),
    remove: (KeyName) => ec2.deleteKeyPair({ KeyName }),
  },
  {
    kind: "instance profile",
    type: "iam/instanceProfile:InstanceProfile",
    find: async () =>
      (await all(paginateListInstanceProfiles, iam, { PathPrefix }, "InstanceProfiles"))
        .filter(own)
        .map(({ InstanceProfileName }) => InstanceProfileName),
    remove: async (InstanceProfileName) => {
      const { InstanceProfile } = await iam.getInstanceProfile({ InstanceProfileName });
      for (const { RoleName } of InstanceProfile?.Roles ?? [])
        await iam.removeRoleFromInstanceProfile({ InstanceProfileName, RoleName });
      await iam.deleteInstanceProfile({ InstanceProfileName });
    },
  },
  {
    kind: "role",
    type: "iam/role:Role",
    find: async () =>
      (await all(paginateListRoles, iam, { PathPrefix }, "Roles"))
        .filter(own)
        .map(({ RoleName }) => RoleName),
    remove: async (RoleName) => {
      for (const PolicyName of await all(
        paginateListRolePolicies,
        iam,
        { RoleName },
        "PolicyNames",
      ))
        await iam.deleteRolePolicy({ RoleName, PolicyName });
      await iam.deleteRole({ RoleName });
    },
  },
  ruleKind("vpc/securityGroupIngressRule:SecurityGroupIngressRule", false),
  ruleKind("vpc/securityGroupEgressRule:SecurityGroupEgressRule", true),
  {
    kind: "security group",
    type: "ec2/securityGroup:SecurityGroup",
    find: async () =>
      (await all(paginateDescribeSecurityGroups, ec2, { Filters }, "SecurityGroups")).map(
        ({ GroupId }) => GroupId,
      ),
    remove: deleteGroup,
  },
  {
    kind: "route table association",
    type: "ec2/routeTableAssociation:RouteTableAssociation",
    find: async () =>
      (await routeTables())
        .flatMap(({ Associations = [] }) => Associations)
        .map(({ RouteTableAssociationId }) => RouteTableAssociationId),
    remove: (AssociationId) => ec2.disassociateRouteTable({ AssociationId }),
  },
  {
    kind: "route",
    type: "ec2/route:Route",
    find: async () =>
      (await routeTables())
        .filter(({ Routes = [] }) =>
          Routes.some((route) => route.DestinationCidrBlock === DestinationCidrBlock),
        )
        .map(({ RouteTableId }) => RouteTableId)
        .filter((table) => !isKnownRoute(table)),
    remove: (RouteTableId) => ec2.deleteRoute({ RouteTableId, DestinationCidrBlock }),
  },
  {
    kind: "reservation of addresses",
    type: "ec2/subnetCidrReservation:SubnetCidrReservation",
    find: async () => {
      const found = (await subnets()).map(({ SubnetId }) =>
        ec2.getSubnetCidrReservations({ SubnetId }),
      );
      return (await Promise.all(found))
        .flatMap(({ SubnetIpv4CidrReservations = [] }) => SubnetIpv4CidrReservations)
        .map(({ SubnetCidrReservationId }) => SubnetCidrReservationId);
    },
    remove: (SubnetCidrReservationId) =>
      ec2.deleteSubnetCidrReservation({ SubnetCidrReservationId }),
  },
  {
    kind: "subnet",
    type: "ec2/subnet:Subnet",
    find: async () => (await subnets()).map(({ SubnetId }) => SubnetId),
    remove: (SubnetId) => ec2.deleteSubnet({ SubnetId }),
  },
  {
    kind: "route table",
    type: "ec2/routeTable:RouteTable",
    find: async () => (await routeTables()).map(({ RouteTableId }) => RouteTableId),
    remove: (RouteTableId) => ec2.deleteRouteTable({ RouteTableId }),
  },
  {
    kind: "internet gateway",
    type: "ec2/internetGateway:InternetGateway",
    find: async () =>
      (await all(paginateDescribeInternetGateways, ec2, { Filters }, "InternetGateways")).map(
        ({ InternetGatewayId }) => InternetGatewayId,
      ),
    remove: async (InternetGatewayId) => {
      const ids = { InternetGatewayIds: [InternetGatewayId] };
      const { InternetGateways = [] } = await ec2.describeInternetGateways(ids);
      for (const { VpcId } of InternetGateways.flatMap(({ Attachments = [] }) => Attachments))
        await ec2.detachInternetGateway({ InternetGatewayId, VpcId });
      await ec2.deleteInternetGateway({ InternetGatewayId });
    },
  },
  {
    kind: "VPC",
    type: "ec2/vpc:Vpc",
    find: async () =>
      (await all(paginateDescribeVpcs, ec2, { Filters }, "Vpcs")).map(({ VpcId }) => VpcId),
    remove: (VpcId) => ec2.deleteVpc({ VpcId }),
  },
];

async function unknown({ type, find }) {
  return (await find()).filter((id) => !known.has(`aws:${type} ${id}`));
}

/** Whatever still uses it may be about to be deleted; and a deleted resource is no longer found. */
const PASSING = /DependencyViolation|DeleteConflict|InUse|NotFound|NoSuchEntity/;

async function sweep(kind, found) {
  const seen = new Set();
  let refusal;
  let left = found;
  while (left.length > 0) {
    for (const id of left) {
      if (!seen.has(id)) console.log(`${kind.kind} ${id}`);
      // One request terminates an instance, which takes a while.
      if (DRY_RUN || (seen.has(id) && kind.kind === "instance")) continue;
      seen.add(id);
      await kind.remove(id).catch((error) => {
        if (!PASSING.test(error.name)) throw error;
        refusal = error;
      });
    }
    if (DRY_RUN) return;
    left = await unknown(kind);
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`still there: ${kind.kind} ${[...seen].join(", ")}`, { cause: refusal });
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const found = await Promise.all(KINDS.map(unknown));
for (const [index, kind] of KINDS.entries()) await sweep(kind, found[index]);
