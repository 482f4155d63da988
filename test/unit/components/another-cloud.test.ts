import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { cloneConfig } from "../../../cli/stacks/clone-config";
import { LOCAL_SWEEP, LocalHosts } from "../../../components/hosts/local";
import main from "../../../index";
import { CLOUD_NAMES, type CloudName, clouds } from "../../../program/clouds";
import type { CloudDefinition } from "../../../program/clouds/cloud";
import { hourlyCost } from "../../../program/clouds/cost";
import { namedSizes } from "../../../program/clouds/sizes";
import { access, budget, lifetime, size, workers } from "../../../program/settings/hosts";
import { common } from "../../../program/settings/schema";
import { ALWAYS, needs } from "../../../program/settings/services";
import { problemsOf, pulumiConfig } from "./config";
import { inPreviewAndUpdate, PROJECT, run } from "./mocks";

const schema = z
  .strictObject({
    cloud: z.literal("moon"),
    workers: workers({ size: size("crater").default("crater") }, "{count: 2, size: crater}"),
    manager: z.strictObject({ size: size("crater").default("crater") }).prefault({}),
    access,
    ...common,
    lifetime: lifetime.prefault({}),
    budget,
  })
  .superRefine(needs(), ALWAYS);

const CRATER = { cpus: 2, memory: 4096 };

/** Its machines are containers, and each costs a dollar. */
const moon: CloudDefinition<z.infer<typeof schema>> = {
  schema,
  examples: { "workers.size": "crater", "manager.size": "crater" },
  sizes: namedSizes(["crater"], (name) => (name === "crater" ? CRATER : undefined)),
  hostType: "docker:index/container:Container",
  open: async (settings) => ({
    hourlyCost: hourlyCost([
      { what: "compute", item: "hosts", count: 1 + settings.workers.count, each: 1 },
    ]),
    sizes: { manager: CRATER, worker: CRATER },
    sweep: LOCAL_SWEEP,
    createHosts: (name, { images }, opts) => {
      const sized = { manager: CRATER, workers: { ...CRATER, count: settings.workers.count } };
      return new LocalHosts(name, { ...settings, ...sized, notebooks: false, images }, opts);
    },
  }),
};

describe("a new cloud, with a folder and a line in the registry", () => {
  const registry: Record<string, unknown> = clouds;
  const name = "moon" as CloudName;
  before(() => {
    registry[name] = moon;
    CLOUD_NAMES.push(name);
  });
  after(() => {
    delete registry[name];
    CLOUD_NAMES.pop();
    pulumi.runtime.setAllConfig({});
  });

  const program = (given: Record<string, unknown>) => {
    const config = pulumiConfig({ cloud: name, access: { allowFrom: ["198.51.100.7"] }, ...given });
    pulumi.runtime.setAllConfig(
      Object.fromEntries(
        Object.entries(config).map(([key, value]) => [`${PROJECT}:${key}`, value]),
      ),
    );
    return main();
  };

  inPreviewAndUpdate((preview) => {
    it("works in the program", async () => {
      const { result, registered } = await run(preview, () => program({ workers: 3 }));
      assert.equal(result.hourlyCost.total, 4);
      assert.equal(registered.filter(({ type }) => type === moon.hostType).length, 4);
    });

    it("keeps to the budget", async () => {
      await run(preview, () =>
        assert.rejects(program({ budget: { maxHourly: 2 } }), /would cost \$3 an hour/),
      );
    });
  });

  it("has its own settings, with its own examples", () => {
    assert.deepEqual(
      problemsOf({ cloud: name, access: '{"allowFrom":["198.51.100.7"]}', workers: '{"size":5}' }),
      [
        "workers.size: 5 was given; it must be the name of one of the cloud's sizes, such as crater. Set it with: pulumi config set --path 'workers.size' crater",
      ],
    );
    assert.deepEqual(problemsOf({ cloud: "mars" }), [
      `cloud: "mars" was given; it must be one of: local, digitalocean, aws, moon. Set it with: pulumi config set 'cloud' local`,
    ]);
  });

  it("works for the tool's clones, in both directions", () => {
    const file = "config:\n  spark-swarm:cloud: aws\n  spark-swarm:workers: {size: t3.medium}\n";
    const there = cloneConfig(file, { target: "big", cloud: name });
    assert.match(there.text, /workers:\n +size: crater\n/);
    const back = cloneConfig(there.text, { target: "small", cloud: "digitalocean" });
    assert.match(back.text, /workers:\n +size: s-2vcpu-4gb\n/);
  });
});
