import assert from "node:assert/strict";
import { eventually } from "../e2e/harness/programs";
import { awsClient } from "./aws-client";
import { cluster, SPEC, type Spec } from "./aws-program";
import { type EmulatedCloud, startCloud } from "./daemon";
import { TestStack } from "./pulumi";

describe("the aws stand-in under Pulumi's engine", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  let test: TestStack;
  let spec: Spec = SPEC;
  const change = (changed: Partial<Spec>) => {
    spec = { ...spec, withFunctions: false, ...changed };
  };

  before(async () => {
    cloud = await startCloud("aws", { machines: "simulated", boot: 0, provision: 0.6 });
    test = await TestStack.create(cloud.env, () => cluster(spec));
  });
  after(async () => {
    test?.remove();
    await cloud?.stop();
  });

  const names = async (kind: string) =>
    (await cloud.state()).filter((each) => each.kind === kind).map(({ name }) => name);

  it("previews without creating anything", async () => {
    const { changeSummary } = await test.stack.preview();
    assert.deepEqual(changeSummary, { create: 20 });
    assert.deepEqual(await cloud.state(), []);
  });

  it("creates all resource types, and answers all functions", async () => {
    const { summary, outputs } = await test.stack.up();
    assert.deepEqual(summary.resourceChanges, { create: 20 });
    const { manager, workers, ...others } = Object.fromEntries(
      Object.entries(outputs).map(([name, { value }]) => [name, value]),
    );
    assert.match(manager.id, /^i-[0-9a-f]{17}$/);
    assert.equal(manager.address, "10.203.0.10");
    assert.equal(manager.state, "running");
    assert.equal(manager.region, "us-east-1");
    const { volumeType, volumeSize, iops, throughput, encrypted } = manager.disk;
    assert.deepEqual(
      { volumeType, volumeSize, iops, throughput, encrypted },
      { volumeType: "gp3", volumeSize: 30, iops: 3000, throughput: 125, encrypted: true },
    );
    assert.equal(workers[0].lifecycle, "spot");
    assert.equal(others.image, "debian-12-amd64-20250115-1993");
    assert.equal(others.memory, 8192);
    assert.deepEqual(others.architectures, ["arm64"]);
    assert(others.offered.includes("us-east-1a"));
    assert(others.zones.includes("us-east-1a"));
    assert.equal(Number(others.spot), 0.01456);
    assert.equal(others.range, "172.31.0.0/16");
    assert.equal(others.zone, "us-east-1a");
    assert.deepEqual(others.instances, []);
    const [term] = Object.values<{ priceDimensions: object }>(others.product.terms.OnDemand);
    const [dimension] = Object.values(term?.priceDimensions ?? {});
    assert.deepEqual(dimension.pricePerUnit, { USD: "0.0416000000" });
  });

  it("shows no change, also after a refresh", async () => {
    change({});
    assert.deepEqual(await test.up(), { same: 20 });
    await test.stack.refresh();
    assert.deepEqual(await test.up(), { same: 20 });
  });

  it("changes tags, type and rules in place", async () => {
    change({ size: "t3.large", tag: "second", allowFrom: "203.0.113.7/32" });
    const tagged = ["vpc", "gateway", "table", "subnet", "group", "key", "role", "profile"];
    const changed = [...tagged, "ssh", "manager", "worker-0", "address"];
    assert.deepEqual(await test.up(), { same: 20 - changed.length, update: changed.length });
    const { Reservations = [] } = await awsClient(cloud).describeInstances();
    for (const instance of Reservations.flatMap(({ Instances = [] }) => Instances)) {
      assert.equal(instance.InstanceType, "t3.large");
      assert.equal(instance.State?.Name, "running");
    }
  });

  it("replaces an instance whose user data changes, if configured", async () => {
    change({ userData: "#!/bin/sh\necho second" });
    assert.deepEqual(await test.up(), { same: 19, replace: 1 });
    assert.deepEqual((await names("instance")).sort(), ["manager", "worker-0"]);
  });

  it("detects by a refresh what was deleted, and creates it again", async () => {
    await cloud.control("machines/worker-0/spot-notice", { seconds: 0 });
    await eventually(10, async () => assert(!(await names("instance")).includes("worker-0")));
    assert.deepEqual(await test.up({ refresh: true }), { create: 1, same: 19 });
  });

  it("retries requests that are throttled or answered with a server error", async () => {
    change({ workers: 2 });
    await cloud.control("faults", { action: "RunInstances", code: "RequestLimitExceeded" });
    await cloud.control("faults", { action: "RunInstances", status: 500, after: true });
    assert.deepEqual(await test.up(), { create: 1, same: 20 });
    // The same token with both requests: one instance.
    assert.deepEqual((await names("instance")).sort(), ["manager", "worker-0", "worker-1"]);
  });

  it("shows what AWS refused", async () => {
    change({ workers: 3 });
    await cloud.control("faults", { action: "RunInstances", code: "InsufficientInstanceCapacity" });
    assert.match(
      await test.failure(),
      /creating EC2 Instance: operation error EC2: RunInstances, .*StatusCode: 500.*InsufficientInstanceCapacity/,
    );
    await cloud.control("limits", { instances: 3 });
    assert.match(await test.failure(), /VcpuLimitExceeded/);
    await cloud.clearFaults();
  });

  it("keeps an instance that was created but did not run in the state", async () => {
    const failure = test.failure();
    await eventually(20, () => cloud.control("machines/worker-2/off"));
    assert.match(
      await failure,
      /unexpected state '(shutting-down|terminated)', wanted target 'running'.*Instance initiated shutdown/,
    );
    const { deployment } = await test.stack.exportStack();
    assert.match(JSON.stringify(deployment), /"worker-2"/);
    assert.deepEqual(await test.up({ refresh: true }), { create: 1, same: 21 });
  });

  it("refuses wrong and missing credentials, and to serve anything but the emulated cloud", async () => {
    const { workspace } = test.stack;
    const { envVars } = workspace;
    try {
      workspace.envVars = { ...envVars, AWS_SECRET_ACCESS_KEY: "wrong" };
      assert.match(await test.failure(), /Invalid credentials configured/);
      workspace.envVars = { ...envVars, AWS_SECRET_ACCESS_KEY: "" };
      assert.match(await test.failure(), /No valid credential sources found/);
      workspace.envVars = { ...envVars, AWS_ENDPOINT_URL: "" };
      assert.match(await test.failure(), /serves the emulated cloud only/);
    } finally {
      workspace.envVars = envVars;
    }
  });

  it("destroys everything in AWS's order, though the API is limited", async () => {
    await cloud.control("limits", { requestsPerMinute: 100 });
    await cloud.control("faults", { action: "TerminateInstances", code: "RequestLimitExceeded" });
    await test.stack.destroy();
    assert.deepEqual(await cloud.state(), []);
  });
});
