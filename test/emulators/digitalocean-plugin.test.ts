import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as digitalocean from "@pulumi/digitalocean";
import { type Properties, SIGNATURE } from "../../emulators/plugins/lib/values";
import { PluginProcess } from "../contract/plugin-process";
import type { Recording } from "../contract/recordings";
import { type EmulatedCloud, startCloud } from "./daemon";
import { TestClient } from "./digitalocean-api";
import { COUNT, cluster, questions, SPEC, type Spec } from "./digitalocean-program";
import { TestStack } from "./pulumi";

describe("the digitalocean stand-in as a process", function () {
  this.timeout("5m");
  const endpoint = process.env.DIGITALOCEAN_API_URL;
  let plugin: PluginProcess;
  afterEach(async () => {
    await plugin.stop();
    if (endpoint === undefined) delete process.env.DIGITALOCEAN_API_URL;
    else process.env.DIGITALOCEAN_API_URL = endpoint;
  });

  it("refuses to work except for the emulated cloud", async () => {
    delete process.env.DIGITALOCEAN_API_URL;
    plugin = await PluginProcess.start("digitalocean");
    await assert.rejects(
      plugin.call("Configure", { args: {} }),
      /serves the emulated cloud only.*install the official plugin/,
    );
  });

  /** Recorded with the official plugin 4.80, upstream's version 2.99, against the emulated cloud. */
  it("answers as the official plugin was recorded to", async () => {
    process.env.DIGITALOCEAN_API_URL = "http://127.0.0.1:9";
    plugin = await PluginProcess.start("digitalocean");
    const recordings = readFileSync(join(__dirname, "recordings/digitalocean.jsonl"), "utf8");
    for (const line of recordings.trimEnd().split("\n")) {
      const { method, type, request, response, errors } = JSON.parse(line) as Recording;
      if (errors) {
        const [message = ""] = errors;
        await assert.rejects(plugin.call(method, request), (error: { details: string }) =>
          message.endsWith(error.details),
        );
        continue;
      }
      const answer = await plugin.call(method, request);
      // A generated name differs each time.
      const name = (answer.inputs as Properties | undefined)?.name;
      const expected = JSON.parse(
        JSON.stringify(response ?? {}).replace(/auto\w+-[0-9a-f]{7}/, String(name)),
      );
      assert.deepEqual(unordered(answer), unordered(expected), `${method} ${type}: ${line}`);
    }
  });
});

/** Lists of names come in any order. */
function unordered<Response extends object>(response: Response): Response {
  const entries = Object.entries(response).map(([key, value]) => [
    key,
    ["diffs", "replaces", "stables"].includes(key) ? [...value].sort() : value,
  ]);
  return Object.fromEntries(entries);
}

describe("the digitalocean stand-in under Pulumi's engine", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  let api: TestClient;
  let test: TestStack;
  let spec: Spec = SPEC;
  let program = () => cluster(spec);

  before(async () => {
    cloud = await startCloud("digitalocean", { machines: "simulated", boot: 0, provision: 0.2 });
    api = new TestClient(cloud.env);
    const variables = { ...cloud.env, DIGITALOCEAN_HTTP_RETRY_WAIT_MIN: "0.05" };
    test = await TestStack.create(variables, () => program());
  });
  after(async () => {
    test?.remove();
    await cloud?.stop();
  });
  afterEach(() => cloud.clearFaults());

  const change = (changed: Partial<Spec>) => {
    spec = { ...spec, ...changed };
  };
  const kinds = async () => (await cloud.state()).map(({ kind }) => kind);
  const dropletIds = async (name: string) =>
    (await api.get(`/droplets?name=${name}`)).body.droplets.map(({ id }) => id);
  async function outputs(): Promise<Record<string, unknown>> {
    const outputs = Object.entries(await test.stack.outputs());
    return Object.fromEntries(outputs.map(([name, { value }]) => [name, value]));
  }
  /** A resource in the stack's state. */
  async function kept(name: string): Promise<{ inputs: Properties; outputs: Properties }> {
    const { deployment } = await test.stack.exportStack();
    return deployment.resources.find(({ urn }: { urn: string }) => urn.endsWith(`::${name}`));
  }

  it("previews without creating anything", async () => {
    const { changeSummary } = await test.stack.preview();
    assert.deepEqual(changeSummary, { create: COUNT });
    assert.deepEqual(await cloud.state(), []);
  });

  it("creates all resource types", async () => {
    assert.deepEqual(await test.up(), { create: COUNT });
    const { id, address, vpcUrn, reserved, ...others } = await outputs();
    assert.match(String(address), /^10\.60\./);
    assert.match(String(vpcUrn), /^do:vpc:[0-9a-f-]{36}$/);
    assert.deepEqual(others, {
      price: 0.03571,
      memory: 4096,
      status: "active",
      urn: `do:droplet:${id}`,
      userData: createHash("sha1").update(SPEC.userData).digest("hex"),
    });
    const [manager] = await dropletIds("manager");
    const assigned = (await api.get(`/reserved_ips/${reserved}`)).body.reserved_ip;
    assert.equal(assigned.droplet?.id, manager);
    const loner = await kept("loner");
    assert.match(String(loner.outputs.name), /^loner-[0-9a-f]{7}$/);
    assert(SIGNATURE in Object((await kept("manager")).inputs.userData));
  });

  it("shows no change, also after a refresh, and answers all functions", async () => {
    program = async () => ({ ...(await cluster(spec)), answers: await questions() });
    const { summary, outputs: answered } = await test.stack.up({ refresh: true });
    assert.deepEqual(summary.resourceChanges, { same: COUNT });
    const answers = answered.answers?.value;
    assert.deepEqual(answers, {
      sizes: [
        "c-4 0.125",
        "m-2vcpu-16gb 0.125",
        "g-2vcpu-8gb 0.09375",
        "s-4vcpu-8gb 0.07143",
        "c-2 0.0625",
        "s-2vcpu-4gb 0.03571",
        "s-2vcpu-2gb 0.02679",
      ],
      image: { id: 134311443, name: "Docker on Ubuntu 22.04", private: false },
      snapshot: { name: "spark-swarm", private: true },
      region: { name: "Frankfurt 1", hasSize: true },
      regions: ["nyc1", "nyc3", "nyc2"],
      vpc: { name: "default-fra1", default: true },
      droplets: ["manager", "worker"].map((name) => ({ name, status: "active", tags: ["spark"] })),
    });
    program = () => cluster(spec);
  });

  it("changes size, name, tags and rules in place", async () => {
    const [id] = await dropletIds("worker");
    change({ name: "renamed", size: "s-4vcpu-8gb", tags: ["more"], ports: ["22", "443"] });
    change({ description: "described" });
    const { update, create, replace } = await test.up();
    assert.deepEqual({ update, create, replace }, { update: 4, create: 1, replace: undefined });
    const { droplet } = (await api.get(`/droplets/${id}`)).body;
    const { name, size, tags, status, disk } = droplet;
    assert.deepEqual(
      { name, size: size.slug, tags: tags.sort(), status, disk },
      {
        name: "renamed",
        size: "s-4vcpu-8gb",
        tags: ["more", "spark"],
        status: "active",
        disk: 160,
      },
    );
    assert.equal((await outputs()).price, 0.07143);
  });

  it("replaces a droplet whose user data changes", async () => {
    const [id] = await dropletIds("renamed");
    change({ userData: "#!/bin/sh\n" });
    const { replace, update } = await test.up();
    assert.deepEqual({ replace, update }, { replace: 1, update: 1 });
    const [other, ...more] = await dropletIds("renamed");
    assert.notEqual(other, id);
    assert.deepEqual(more, []);
  });

  it("detects what was deleted or renamed outside Pulumi", async () => {
    const [id] = await dropletIds("renamed");
    await api.delete(`/droplets/${id}`);
    await api.isGone(`/droplets/${id}`);
    const [manager] = await dropletIds("manager");
    await api.post(`/droplets/${manager}/actions`, { type: "rename", name: "odd" });
    const { summary } = await test.stack.refresh();
    assert.equal(summary.resourceChanges?.delete, 1);
    const { create, update } = await test.up();
    assert.deepEqual({ create, update }, { create: 1, update: 2 });
    assert.deepEqual(await dropletIds("manager"), [manager]);
  });

  it("reports the cloud's refusals, in its words", async () => {
    program = async () => {
      new digitalocean.Droplet("small", SMALL);
      return cluster(spec);
    };
    await cloud.control("limits", { droplets: 0 });
    assert.match(
      await test.failure(),
      /Error creating droplet: POST http:.*\/v2\/droplets: 422 \(request "[0-9a-f-]+"\) creating this\/these droplet\(s\) will exceed/,
    );
  });

  it("continues with a droplet that it could not read after its creation", async () => {
    // An up without changes reads nothing else.
    const order = { method: "GET", path: "^/v2/droplets/[0-9]+$", status: 500 };
    await cloud.control("faults", { ...order, times: 5 });
    assert.match(
      await test.failure(),
      /Error waiting for droplet \(\d+\) to become ready: .* 500 .*; giving up after 5 attempt\(s\)/,
    );
    const [id] = await dropletIds("small");
    const { update } = await test.up();
    assert.equal(update, 1);
    assert.deepEqual(await dropletIds("small"), [id]);
    assert.equal((await kept("small")).outputs.status, "active");
  });

  it("reports a wrong token in the cloud's words", async () => {
    await test.stack.setConfig("digitalocean:token", { value: "wrong", secret: true });
    program = questions;
    assert.match(await test.failure(), /401 \(request "[0-9a-f-]+"\) Unable to authenticate you/);
    await test.stack.removeConfig("digitalocean:token");
  });

  it("retries failed requests, so that a droplet may exist twice", async () => {
    await cloud.control("faults", {
      method: "POST",
      path: "^/v2/droplets$",
      status: 500,
      after: true,
    });
    program = async () => {
      new digitalocean.Droplet("twice", { ...SMALL, name: "twice" });
      return cluster(spec);
    };
    await test.up();
    const ids = await dropletIds("twice");
    assert.equal(ids.length, 2);
    const { outputs } = await kept("twice");
    const orphan = ids.find((id) => String(id) !== outputs.id);
    await api.delete(`/droplets/${orphan}`);
  });

  it("destroys everything in spite of rate limits", async () => {
    await cloud.control("faults", { method: "DELETE", status: 429, times: 6 });
    await test.stack.destroy();
    assert.deepEqual(await kinds(), []);
  });
});

const SMALL = { name: "small", region: "fra1", size: "s-1vcpu-1gb", image: "docker-20-04" };
