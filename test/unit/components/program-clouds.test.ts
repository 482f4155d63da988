import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import main from "../../../index";
import { amazon } from "./aws";
import { pulumiConfig } from "./config";
import { digitalOcean } from "./digitalocean";
import { inPreviewAndUpdate, PROJECT, promiseOf, type Registered, run, STACK } from "./mocks";
import { SINCE } from "./providers";

const NAME = `${PROJECT}-${STACK}`;
const CLOUDS = [
  { cloud: "digitalocean", call: digitalOcean(), hosts: /droplet:Droplet$/ },
  { cloud: "aws", call: amazon(), hosts: /instance:Instance$/ },
] as const;
const access = { allowFrom: ["198.51.100.7"] };

function configured(given: Record<string, unknown>): ReturnType<typeof main> {
  const keys = Object.entries(pulumiConfig(given));
  pulumi.runtime.setAllConfig(
    Object.fromEntries(keys.map(([key, value]) => [`${PROJECT}:${key}`, value])),
  );
  return main();
}

/** The resources that all clouds share, that is, all except the hosts and their children. */
function common({ registered }: { registered: Registered[] }): string[] {
  const hosts = registered.find(({ type }) => type.startsWith("spark-swarm:hosts:"));
  const images = registered.find(({ type }) => type === "spark-swarm:images:LocalImages");
  const owners = [hosts, images].map((one) => one?.urn);
  return registered
    .filter(({ type }) => !type.startsWith("pulumi:providers:"))
    .filter(({ urn, parentUrn }) => !owners.includes(urn) && !owners.includes(parentUrn))
    .map(({ urn }) => urn);
}

describe("the program on a cloud", () => {
  after(() => pulumi.runtime.setAllConfig({}));

  for (const { cloud, call, hosts } of CLOUDS) {
    describe(cloud, () => {
      inPreviewAndUpdate((preview) => {
        const program = (given: Record<string, unknown> = {}) =>
          run(preview, () => configured({ cloud, access, ...given }), { call });
        const refused = (given: Record<string, unknown>, answer: typeof call) =>
          run(
            preview,
            () =>
              configured({ cloud, access, ...given }).then(
                () => assert.fail("it was accepted"),
                (error: unknown) => error,
              ),
            { call: answer },
          );

        it("checks for unsaved data before anything else is destroyed", async () => {
          const { registered, find } = await program({ notebook: true, connect: true });
          const check = find(`${NAME}-unsaved-check`);
          const others = registered.filter(
            ({ urn, type }) => urn !== check.urn && !/^(spark-swarm|pulumi):/.test(type),
          );
          for (const { name } of others) assert.ok(check.dependsOn.includes(name), name);
          assert.ok(others.length > 20);
          assert.match(`${check.inputs.delete}`, /eval/);
          if (!preview) assert.ok(check.secrets.includes("stdin"));
        });

        it("is the same except for its hosts and the build files of images that these lack", async () => {
          const builds = `$command:remote:CopyToRemote::${NAME}-images-builds`;
          const there = common(await program());
          const here = common(await run(preview, () => configured({ cloud: "local" })));
          assert.deepEqual(
            there.filter((urn) => !urn.endsWith(builds)),
            here,
          );
          assert.equal(there.length, here.length + 1);
          assert.ok(there.length > 10);
        });

        it("returns the outputs for the command-line tool, and the cost", async () => {
          const { result } = await program({ workers: 1 });
          const { cluster, hourlyCost } = result;
          assert.equal(cluster.cloud, cloud);
          assert.ok(hourlyCost.total > 0.07, "a manager and a worker are not that cheap");
          const { value, known, secret } = await promiseOf(pulumi.output(cluster));
          assert.deepEqual([known, secret], [!preview, false]);
          if (preview) return;
          assert.equal(value.since, SINCE);
          assert.equal(value.manager.port, 22);
          assert.equal(value.bastion.port, 2222);
          assert.equal(value.bastion.address, value.manager.address);
          assert.equal(value.workers.length, 1);
        });

        it("records the lifetime before any host, and until the last one is deleted", async () => {
          const { registered, find } = await program({ lifetime: { ttl: "8h" } });
          const machines = registered.filter(({ type }) => hosts.test(type));
          assert.equal(machines.length, 3);
          const before = find(NAME, "spark-swarm:hosts").dependsOn;
          for (const { name, dependsOn } of machines) {
            assert.ok([...before, ...dependsOn].includes(`${NAME}-lifetime-since`), name);
          }
        });

        it("reports the cloud's refusal, without a stack trace, before a host is registered", async () => {
          for (const [given, words] of [
            [{ budget: { maxHourly: 0.01 } }, /^This cluster would cost \$/],
            [{ workers: { size: "no-such" } }, /^workers\.size: .*'no-such'/],
          ] as const) {
            const { result, registered } = await refused(given, call);
            assert.ok(pulumi.RunError.isInstance(result));
            assert.match(result.message, words);
            assert.deepEqual(
              registered.filter(({ type }) => !type.startsWith("pulumi:providers:")),
              [],
            );
          }
        });

        it("reports the cloud's own message when it refuses the credentials", async () => {
          const { result } = await refused({}, () => {
            throw new Error("401 Unable to authenticate you");
          });
          assert.ok(pulumi.RunError.isInstance(result));
          assert.match(result.message, /401 Unable to authenticate you/);
        });
      });
    });
  }
});
