import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SUBNET } from "../../../components/facts";
import { asked, instances } from "./aws";
import { inPreviewAndUpdate, type Registered, UNKNOWN } from "./mocks";
import { TAG_SUFFIX } from "./providers";

const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";
const GROUP = "aws:ec2/securityGroup";

inPreviewAndUpdate((preview) => {
  const unlessPreview = (value: string) => (preview ? UNKNOWN : value);
  const tags = { Name: "lab", "spark-swarm": preview ? UNKNOWN : `lab${TAG_SUFFIX}` };
  const ofType = (registered: Registered[], type: string) =>
    registered.filter((one) => one.type === type);

  describe("security groups", () => {
    const access = {
      // A repeated CIDR is one rule.
      allowFrom: ["198.51.100.7", "203.0.113.0/24", "198.51.100.7/32"],
    };
    const hosts = unlessPreview("id-of-lab-hosts");
    const manager = unlessPreview("id-of-lab-manager");
    /** All ingress rules. */
    const rules = async (config: Record<string, unknown>) =>
      ofType((await instances(preview, config)).registered, INGRESS).map(({ inputs }) => inputs);

    it("allow only this ingress", async () => {
      const rule = (
        securityGroupId: string,
        ipProtocol: string,
        port: number,
        source: Record<string, string>,
      ) => ({ securityGroupId, ipProtocol, fromPort: port, toPort: port, ...source, tags });
      const fromHosts = { referencedSecurityGroupId: hosts };
      const expected = [
        rule(hosts, "tcp", 7946, fromHosts),
        rule(hosts, "udp", 7946, fromHosts),
        rule(hosts, "udp", 4789, fromHosts),
        rule(hosts, "tcp", 22, { referencedSecurityGroupId: manager }),
        rule(manager, "tcp", 22, fromHosts),
        rule(manager, "tcp", 2377, fromHosts),
        rule(manager, "tcp", 5000, fromHosts),
        ...["198.51.100.7/32", "203.0.113.0/24"].flatMap((cidrIpv4) => [
          rule(manager, "tcp", 22, { cidrIpv4 }),
          rule(manager, "tcp", 2222, { cidrIpv4 }),
        ]),
      ];
      const sorted = (list: object[]) => list.map((one) => JSON.stringify(sortedKeys(one))).sort();
      assert.deepEqual(sorted(await rules({ access })), sorted(expected));
    });

    it("allow all egress", async () => {
      const { registered } = await instances(preview, { access });
      assert.deepEqual(
        ofType(registered, EGRESS).map(({ inputs }) => inputs),
        [{ securityGroupId: hosts, ipProtocol: "-1", cidrIpv4: "0.0.0.0/0", tags }],
      );
    });

    it("are two, of the VPC, without inline rules, which would conflict with the separate ones", async () => {
      const { registered, find } = await instances(preview, { access });
      const groups = registered.filter(({ type }) => type.startsWith(GROUP));
      assert.deepEqual(
        groups.map(({ name }) => name),
        ["lab-hosts", "lab-manager"],
      );
      for (const { inputs } of groups) {
        const { description, ...others } = inputs;
        assert.deepEqual(others, { vpcId: unlessPreview("id-of-lab-vpc"), tags });
        assert.equal(typeof description, "string");
      }
      const groupsOf = (name: string) => find(name, "aws:ec2/instance").inputs.vpcSecurityGroupIds;
      assert.deepEqual(groupsOf("lab-manager"), [hosts, manager]);
      assert.deepEqual(groupsOf("lab-worker-0"), [hosts]);
    });
  });

  describe("an own network on AWS", () => {
    it("is a VPC with one public subnet, in one zone", async () => {
      const { find } = await instances(preview);
      const vpcId = unlessPreview("id-of-lab-vpc");
      const table = unlessPreview("id-of-lab-routes");
      const cidrBlock = "10.203.0.0/24";
      assert.deepEqual(find("lab-vpc").inputs, { cidrBlock, enableDnsHostnames: true, tags });
      assert.deepEqual(find("lab-subnet").inputs, {
        vpcId,
        cidrBlock,
        availabilityZone: "us-east-1a",
        tags,
      });
      assert.deepEqual(find("lab-gateway").inputs, { vpcId, tags });
      assert.deepEqual(find("lab-routes", "aws:ec2/routeTable:").inputs, { vpcId, tags });
      assert.deepEqual(find("lab-default-route").inputs, {
        routeTableId: table,
        destinationCidrBlock: "0.0.0.0/0",
        gatewayId: unlessPreview("id-of-lab-gateway"),
      });
      assert.deepEqual(find("lab-routes", "aws:ec2/routeTableAssociation:").inputs, {
        subnetId: unlessPreview("id-of-lab-subnet"),
        routeTableId: table,
      });
    });

    it("has its route out before a host boots in it", async () => {
      const { find } = await instances(preview);
      const association = find("lab-routes", "aws:ec2/routeTableAssociation:");
      assert.ok(association.dependsOn.includes("lab-default-route"));
      for (const name of ["lab-manager", "lab-worker-0"]) {
        const { inputs, dependsOn } = find(name, "aws:ec2/instance");
        assert.equal(inputs.subnetId, unlessPreview("id-of-lab-subnet"));
        assert.ok(dependsOn.includes("lab-routes"), name);
      }
    });

    it("gives the manager a fixed address, so that nothing waits for it", async () => {
      const { find } = await instances(preview);
      const manager = find("lab-manager", "aws:ec2/instance");
      const worker = find("lab-worker-0", "aws:ec2/instance");
      assert.equal(manager.inputs.privateIp, "10.203.0.10");
      // Two machines cannot have one address.
      assert.equal(manager.deleteBeforeReplace, true);
      assert.equal(worker.inputs.privateIp, undefined);
      assert.equal(worker.deleteBeforeReplace, false);
      assert.ok(!worker.dependsOn.includes("lab-manager"));
    });

    it("has addresses apart from the overlays'", async () => {
      const { find } = await instances(preview);
      const userDataScript = join(__dirname, "../../../components/hosts/user-data.sh");
      const [, pool = ""] =
        /--default-addr-pool (\S+)/.exec(readFileSync(userDataScript, "utf8")) ?? [];
      const second = (range: unknown) => `${range}`.split(".").slice(0, 2).join(".");
      const range = second(find("lab-vpc").inputs.cidrBlock);
      assert.ok(![second(SUBNET), second(pool)].includes(range), range);
    });
  });

  describe("an existing subnet", () => {
    const config = { aws: { subnet: "subnet-theirs" }, workers: { size: "m7i.large", spot: true } };

    it("is used with its VPC, and nothing is made around it", async () => {
      const made = await instances(preview, config);
      const network = /ec2\/(vpc|subnet|internetGateway|route\w*):/;
      assert.deepEqual(
        made.registered.filter(({ type }) => network.test(type)),
        [],
      );
      for (const name of ["lab-manager", "lab-worker-0"]) {
        assert.equal(made.find(name, "aws:ec2/instance").inputs.subnetId, "subnet-theirs");
      }
      assert.equal(made.find("lab-hosts").inputs.vpcId, "vpc-theirs");
      assert.equal(made.find("lab-manager", GROUP).inputs.vpcId, "vpc-theirs");
    });

    it("determines the zone of spot prices", async () => {
      const made = await instances(preview, config);
      const [question] = asked(made, "getSpotPrice");
      assert.equal(question.availabilityZone, "us-east-1d");
      assert.deepEqual(asked(made, "getInstanceTypeOfferings"), []);
      assert.equal(made.result.cloud.hourlyCost.parts[1]?.each, 0.099);
    });

    it("gives the manager any free address, and passes it to the workers", async () => {
      const { find } = await instances(preview, config);
      const manager = find("lab-manager", "aws:ec2/instance");
      assert.equal(manager.inputs.privateIp, undefined);
      assert.equal(manager.deleteBeforeReplace, true);
      const { inputs, dependsOn } = find("lab-worker-0", "aws:ec2/instance");
      assert.ok(dependsOn.includes("lab-manager"));
      if (preview) return assert.equal(inputs.userData, UNKNOWN);
      const data = inputs.userData as string;
      assert.match(data, /^MANAGER='private address of lab-manager'$/m);
      assert.match(data, /^PRIVATE_RANGE='172\.31\.16\.0\/20'$/m);
    });
  });
});

function sortedKeys(given: object): object {
  return Object.fromEntries(Object.entries(given).sort());
}
