import assert from "node:assert/strict";
import { amazon, asked, instances } from "./aws";
import { inPreviewAndUpdate } from "./mocks";

inPreviewAndUpdate((preview) => {
  async function refused(config: Record<string, unknown>, message: string): Promise<void> {
    await assert.rejects(instances(preview, config, { call: amazon() }), { message });
  }
  const zoneOf = ({ find }: Awaited<ReturnType<typeof instances>>) =>
    find("lab-subnet").inputs.availabilityZone;

  describe("requests to AWS before an update", () => {
    it("go to the region of the settings, even if the environment has another", async () => {
      const { registered, calls } = await instances(preview);
      const [provider, ...others] = registered.filter(({ type }) =>
        type.startsWith("pulumi:providers:"),
      );
      assert.deepEqual(others, []);
      assert.equal(provider?.inputs.region, "us-east-1");
      assert.ok(calls.length > 0);
      for (const { token, provider } of calls) assert.match(provider ?? "", /::aws::/, token);
    });

    it("for prices go to a region with the price list", async () => {
      const elsewhere = await instances(preview, { region: "eu-west-1" });
      assert.equal(elsewhere.find("aws").inputs.region, "eu-west-1");
      assert.equal(elsewhere.find("aws-price-list").inputs.region, "us-east-1");
      for (const { token, provider } of elsewhere.calls) {
        const expected = token.includes("pricing") ? /::aws-price-list::/ : /::aws::/;
        assert.match(provider ?? "", expected, token);
      }
    });

    it("refuse an unknown type", async () => {
      const problem = (key: string, name: string) =>
        `${key}: '${name}' is not an instance type in us-east-1 (no matching EC2 Instance Type found). Types: aws.amazon.com/ec2/instance-types. Set it with: pulumi config set --path '${key}' t3.medium`;
      await refused({ workers: { size: "t3.medum" } }, problem("workers.size", "t3.medum"));
      await refused({ manager: { size: "s-2vcpu-4gb" } }, problem("manager.size", "s-2vcpu-4gb"));
    });

    it("refuse an unknown region", async () => {
      await refused(
        { region: "mars-1" },
        "region: 'mars-1' is not an AWS region. Regions: docs.aws.amazon.com/global-infrastructure. Set it with: pulumi config set region us-east-1",
      );
    });

    it("report any other failure in AWS's words, not as an unknown type", async () => {
      const call = () => {
        throw new Error("ExpiredToken: The security token included in the request is expired");
      };
      const failure = await instances(preview, {}, { call }).then(
        () => assert.fail("it was accepted"),
        (error: Error) => error.message,
      );
      assert.match(failure, /ExpiredToken: The security token/);
      assert.doesNotMatch(failure, /manager\.size|workers\.size/);
    });

    it("refuse types of two architectures: they cannot run the same images", async () => {
      await refused(
        { workers: { size: "m7g.large" } },
        "workers.size: m7g.large is arm64, and the manager's t3.medium is amd64: all hosts run the same images. Choose two of the same architecture.",
      );
    });

    it("choose the first zone that has both types", async () => {
      assert.equal(zoneOf(await instances(preview)), "us-east-1a");
      const both = await instances(preview, { workers: { size: "m7i.large" } });
      assert.equal(zoneOf(both), "us-east-1b");
    });

    it("fail without a zone that has both types", async () => {
      await refused(
        { workers: { size: "c7i.large" } },
        "workers.size: no availability zone of us-east-1 has both t3.medium and c7i.large. Choose other sizes or another region.",
      );
    });
  });

  describe("AWS's image of the hosts", () => {
    const debian = (architecture: string) => ({
      owners: ["136693071363"],
      mostRecent: true,
      filters: [{ name: "name", values: [`debian-12-${architecture}-*`] }],
    });

    for (const [architecture, size] of [
      ["amd64", "t3.medium"],
      ["arm64", "t4g.medium"],
    ] as const) {
      it(`is the newest Debian for ${architecture}, and stays when a newer one comes`, async () => {
        const made = await instances(preview, { manager: { size }, workers: { size } });
        assert.deepEqual(asked(made, "getAmi"), [debian(architecture)]);
        for (const name of ["lab-manager", "lab-worker-1"]) {
          const { inputs, ignoreChanges } = made.find(name, "aws:ec2/instance");
          assert.equal(inputs.ami, `ami of debian-12-${architecture}-*`);
          assert.deepEqual(ignoreChanges, ["ami"], name);
        }
      });
    }

    it("is the one of the settings, and changes with them", async () => {
      const made = await instances(preview, { image: "ami-0123" });
      for (const name of ["lab-manager", "lab-worker-1"]) {
        const { inputs, ignoreChanges } = made.find(name, "aws:ec2/instance");
        assert.equal(inputs.ami, "ami-0123");
        assert.deepEqual(ignoreChanges, [], name);
      }
    });

    it("is refused when it does not exist", async () => {
      await refused(
        { image: "ami-4567" },
        "image: AWS has no image 'ami-4567' in us-east-1. Use Debian's own with: pulumi config rm image",
      );
    });
  });
});
