import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Input, secret } from "@pulumi/pulumi";
import { Lifetime, type LifetimeArgs } from "../../../components/lifetime/lifetime";
import { LifetimeWatch, type LifetimeWatchArgs } from "../../../components/lifetime/watch";
import {
  fakeHosts,
  inPreviewAndUpdate,
  promiseOf,
  removedBy,
  run,
  scriptOf,
  UNKNOWN,
} from "./mocks";
import { SINCE } from "./providers";

const script = (name: string) =>
  readFileSync(join(__dirname, "../../../components/lifetime", name), "utf8");

inPreviewAndUpdate((preview) => {
  describe("Lifetime", () => {
    const recorded = (args: LifetimeArgs) => run(preview, () => new Lifetime("life", args));

    it("is recorded in seconds, for the reaper", async () => {
      const since = preview ? UNKNOWN : SINCE;
      for (const [args, outputs] of [
        [
          { ttl: 28800, idle: 1800 },
          { since, ttl: 28800, idle: 1800 },
        ],
        [{ ttl: 60 }, { since, ttl: 60, idle: null }],
        [{}, { since, ttl: null, idle: null }],
      ] as const) {
        const { find } = await recorded(args);
        assert.deepEqual(find("life").outputs, outputs);
      }
    });

    it("counts from the cluster's creation", async () => {
      const { result, find } = await recorded({ ttl: 60 });
      const clock = find("life-since");
      assert.equal(clock.type, "command:local:Command");
      assert.equal(scriptOf(clock).text, script("since.sh"));
      // Another script or TTL does not restart the clock.
      assert.deepEqual(clock.ignoreChanges, [
        "create",
        "update",
        "stdin",
        "addPreviousOutputInEnv",
      ]);
      const { value, known, secret: isSecret } = await promiseOf(result.since);
      assert.deepEqual([known, isSecret], [!preview, false]);
      if (!preview) assert.equal(value, SINCE);
    });
  });

  describe("LifetimeWatch", () => {
    const watched = (args: Omit<LifetimeWatchArgs, "hosts">, end?: Input<string>) =>
      run(preview, () => new LifetimeWatch("life", { hosts: { ...fakeHosts(1), end }, ...args }));

    it("does nothing when the cluster has no limit", async () => {
      const { registered, warnings } = await watched({}, undefined);
      assert.ok(!registered.some(({ name }) => name === "life-watch"));
      assert.deepEqual(warnings, []);
    });

    it("records the manager's creation: a new manager restarts the time", async () => {
      for (const args of [{}, { ttl: 60 }]) {
        const { result, find } = await watched(args);
        const clock = find("life-manager-since");
        assert.equal(scriptOf(clock).text, script("since.sh"));
        assert.deepEqual(clock.inputs.triggers, [preview ? UNKNOWN : "id-of-manager"]);
        assert.deepEqual(clock.ignoreChanges, [
          "create",
          "update",
          "stdin",
          "addPreviousOutputInEnv",
        ]);
        const { value, known } = await promiseOf(result.since);
        assert.deepEqual([value, known], preview ? [undefined, false] : [SINCE, true]);
        const outputs = find("life", "spark-swarm:lifetime:LifetimeWatch").outputs;
        assert.deepEqual(outputs, { since: preview ? UNKNOWN : SINCE });
      }
    });

    it("gets the limits and the command that ends the cluster", async () => {
      for (const [args, TTL, IDLE] of [
        [{ ttl: 28800, idle: 1800 }, "28800", "1800"],
        [{ ttl: 28800 }, "28800", ""],
        [{ idle: 1800 }, "", "1800"],
      ] as const) {
        const { find, warnings } = await watched(args, "systemctl poweroff");
        assert.deepEqual(warnings, []);
        const watch = find("life-watch");
        if (preview) {
          assert.equal(watch.inputs.stdin, UNKNOWN);
          continue;
        }
        assert.deepEqual(scriptOf(watch), {
          variables: {
            // It is installed again on another manager.
            MANAGER: "id-of-manager",
            TTL,
            IDLE,
            END: "systemctl poweroff",
            ARCHIVE: "",
            LIFETIME: script("lifetime.sh"),
          },
          text: script("install.sh"),
        });
      }
    });

    it("archives to this cluster's own folder", async () => {
      const { find } = await watched({ ttl: 60, archive: "s3a://my-bucket/kept" }, "true");
      const watch = find("life-watch");
      if (preview) return assert.equal(watch.inputs.stdin, UNKNOWN);
      const { ARCHIVE } = scriptOf(watch).variables;
      assert.equal(ARCHIVE, `s3a://my-bucket/kept/test-${SINCE.replaceAll(":", "")}`);
    });

    it("is installed once the manager has booted, and removed with it or when it is unset", async () => {
      const { find } = await watched({ ttl: 60 }, "true");
      const watch = find("life-watch");
      assert.ok(watch.dependsOn.includes("manager-boot"));
      const removal = find("life-watch-removal");
      assert.ok(removal.dependsOn.includes("life-watch"));
      // The manager itself may have left the state by then, after a refresh found it deleted.
      assert.equal(removal.deletedWith, "manager-boot");
      assert.equal(removedBy(removal).text, script("remove.sh"));
    });

    it("keeps the command that ends the machines secret if it has a token", async () => {
      const { find } = await watched({ ttl: 60 }, secret("curl with a token"));
      const { inputs, secrets } = find("life-watch");
      const { stdin, ...others } = inputs;
      assert.ok(!JSON.stringify(others).includes("token"));
      // An unknown value is not marked as secret.
      if (preview) return assert.equal(stdin, UNKNOWN);
      assert.ok(secrets.includes("stdin"));
    });

    it("warns of machines that it cannot end, and suggests the reaper", async () => {
      for (const args of [{ ttl: 60 }, { idle: 60 }]) {
        const { warnings, find } = await watched(args);
        assert.equal(warnings.length, 1);
        assert.match(warnings[0] ?? "", /^lifetime: without lifetime\.token, .* keep costing/);
        assert.match(warnings[0] ?? "", /npx spark-swarm reap/);
        assert.match(warnings[0] ?? "", /pulumi config set --secret --path lifetime\.token TOKEN$/);
        // It still shows the remaining time, but ends nothing.
        if (!preview) assert.equal(scriptOf(find("life-watch")).variables.END, "");
      }
    });
  });
});

describe("since.sh", () => {
  it("prints the time in ISO 8601", () => {
    const before = Math.floor(Date.now() / 1000) * 1000;
    const { stdout } = spawnSync("sh", [], { input: script("since.sh"), encoding: "utf8" });
    assert.match(stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
    const moment = Date.parse(stdout.trim());
    assert.ok(moment >= before && moment <= Date.now(), stdout);
  });
});
