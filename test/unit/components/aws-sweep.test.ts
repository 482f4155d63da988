import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const ROOT = join(__dirname, "../../..");
const TAG = "lab-0a1b2c3d";

/** Lists of this stack's resources, by action: each comes on the second page, and the first is empty. */
const SECOND_PAGES: Record<string, string> = {
  ListRoles: `<Roles><member><Path>/spark-swarm/${TAG}/</Path><RoleName>hosts</RoleName></member></Roles>`,
  ListInstanceProfiles: `<InstanceProfiles><member><Path>/spark-swarm/${TAG}/</Path>
    <InstanceProfileName>hosts</InstanceProfileName></member></InstanceProfiles>`,
  DescribeInstances: `<reservationSet><item><instancesSet><item><instanceId>i-1</instanceId></item></instancesSet>
    </item></reservationSet>`,
  DescribeKeyPairs: "<keySet><item><keyName>client</keyName></item></keySet>",
  DescribeSecurityGroups:
    "<securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo>",
  DescribeSubnets: "<subnetSet><item><subnetId>subnet-1</subnetId></item></subnetSet>",
  DescribeRouteTables: `<routeTableSet><item><routeTableId>rtb-1</routeTableId>
    <routeSet><item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock></item></routeSet>
    <associationSet><item><routeTableAssociationId>rtbassoc-1</routeTableAssociationId></item></associationSet>
  </item></routeTableSet>`,
  DescribeInternetGateways:
    "<internetGatewaySet><item><internetGatewayId>igw-1</internetGatewayId></item></internetGatewaySet>",
  DescribeSecurityGroupRules: `<securityGroupRuleSet>
    <item><securityGroupRuleId>sgr-in</securityGroupRuleId><isEgress>false</isEgress></item>
    <item><securityGroupRuleId>sgr-out</securityGroupRuleId><isEgress>true</isEgress></item>
  </securityGroupRuleSet>`,
  GetSubnetCidrReservations: `<subnetIpv4CidrReservationSet>
    <item><subnetCidrReservationId>scr-1</subnetCidrReservationId></item></subnetIpv4CidrReservationSet>`,
  DescribeVpcs: "<vpcSet><item><vpcId>vpc-1</vpcId></item></vpcSet>",
};
/** EC2 has no pages of key pairs, and a subnet few reservations. */
const WHOLE = ["DescribeKeyPairs", "GetSubnetCidrReservations"];

function answer(query: URLSearchParams): string {
  const action = query.get("Action") ?? "";
  const isLast = WHOLE.includes(action) || query.has("Marker") || query.has("NextToken");
  const list = isLast ? SECOND_PAGES[action] : "";
  if (action.startsWith("List")) {
    const next = isLast ? "" : "<Marker>2</Marker>";
    return `<${action}Response><${action}Result><IsTruncated>${!isLast}</IsTruncated>${next}${list}</${action}Result></${action}Response>`;
  }
  return `<${action}Response>${list}${isLast ? "" : "<nextToken>2</nextToken>"}</${action}Response>`;
}

describe("the sweep of an AWS account", () => {
  let server: Server;
  before(async () => {
    server = createServer(async (request: IncomingMessage, response) => {
      response.setHeader("Content-Type", "text/xml");
      response.end(answer(new URLSearchParams(await text(request))));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  /** What it would delete of a stack whose other resources are `known`. */
  async function found(known: string[]): Promise<string[]> {
    const script = join(ROOT, "components/hosts/aws/sweep.mjs");
    const child = spawn(process.execPath, ["--input-type=module", "-"], {
      cwd: ROOT,
      env: {
        PATH: process.env.PATH,
        TAG,
        KNOWN: known.join("\n"),
        DRY_RUN: "1",
        AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        AWS_REGION: "eu-central-1",
        AWS_ACCESS_KEY_ID: "none",
        AWS_SECRET_ACCESS_KEY: "none",
      },
    });
    child.stdin.end(readFileSync(script));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    assert.equal(stderr, "");
    return stdout.trim().split("\n");
  }

  it("finds what is not on the first page of a list", async () => {
    assert.deepEqual(await found([]), [
      "instance i-1",
      "key pair client",
      "instance profile hosts",
      "role hosts",
      "security group rule sgr-in",
      "security group rule sgr-out",
      "security group sg-1",
      "route table association rtbassoc-1",
      "route rtb-1",
      "reservation of addresses scr-1",
      "subnet subnet-1",
      "route table rtb-1",
      "internet gateway igw-1",
      "VPC vpc-1",
    ]);
  });

  it("leaves a route whose table the plugin's ID contains, in whatever form", async () => {
    for (const id of ["r-rtb-11080289494", "r-rtb-1-0.0.0.0/0", "rtb-1_0.0.0.0/0"]) {
      const left = await found([`aws:ec2/route:Route ${id}`]);
      assert.ok(left.includes("route table rtb-1"));
      assert.ok(!left.includes("route rtb-1"), id);
    }
  });
});
