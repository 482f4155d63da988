import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClusterImages } from "../../../components/images/cluster";
import { registryImage, swarmImages } from "../../../components/images/images";
import { shellQuote } from "../../../components/script";
import { parseSettings } from "../../../program/settings/settings";
import { fakeHosts, inPreviewAndUpdate, type Registered, run, scriptOf, UNKNOWN } from "./mocks";
import { type Ended, fails, type Rule, runScript, succeeds } from "./shell";

const ROOT = join(__dirname, "../../..");
const { spark, bastion } = swarmImages(parseSettings({}));
const images = [spark, bastion];
const archived = { ...bastion, archive: __filename };
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const made = (preview: boolean, wanted = images) =>
  run(preview, () => new ClusterImages("images", { hosts: fakeHosts(2), images: wanted }));

async function provided(preview: boolean, wanted = images): Promise<Registered> {
  return (await made(preview, wanted)).find("images-provide");
}

inPreviewAndUpdate((preview) => {
  describe("ClusterImages", () => {
    it("is a command on the manager, once it has booted, whether or not workers have", async () => {
      const { type, parent, dependsOn, inputs } = await provided(preview);
      assert.deepEqual([type, parent], ["command:remote:Command", "images"]);
      assert.ok(dependsOn.includes("manager-boot"));
      assert.ok(!dependsOn.some((name) => name.startsWith("worker")));
      // What is on the manager goes with it.
      assert.equal(inputs.delete, undefined);
    });

    it("tells which images, and what to build them from", async () => {
      const command = await provided(preview);
      if (preview) return assert.equal(command.inputs.stdin, UNKNOWN);
      const { variables, text } = scriptOf(command);
      const { IMAGES = "", REGISTRY = "", EXTRA_CA, ...others } = variables;
      const words = (line: string) => line.split(" ").slice(0, 4);
      assert.deepEqual([...IMAGES.split("\n"), REGISTRY].map(words), [
        [spark.reference, "debian:bookworm-slim", btoa("PACKAGES=\nPIP=\n"), "-"],
        [bastion.reference, "debian:bookworm-slim", "Cg==", "-"],
        [registryImage().reference, "debian:bookworm-slim", "Cg==", "-"],
      ]);
      assert.deepEqual(others, {
        MANAGER: "id-of-manager",
        BUILD: read("components/images/build.sh"),
        TIMEOUT: "300",
      });
      assert.equal(text, read("components/images/provide.sh"));
    });

    it("brings an archive to the manager first, and to another manager again", async () => {
      const { find } = await made(preview, [spark, archived]);
      const copy = find("images-bastion-archive");
      assert.equal(copy.type, "command:remote:CopyToRemote");
      assert.equal(copy.inputs.remotePath, "/root/bastion.zip");
      assert.ok(copy.dependsOn.includes("manager-boot"));
      const provide = find("images-provide");
      assert.ok(provide.dependsOn.includes("images-bastion-archive"));
      if (preview) return;
      assert.deepEqual(copy.inputs.triggers, ["id-of-manager"]);
      const [, line = ""] = scriptOf(provide).variables.IMAGES?.split("\n") ?? [];
      assert.equal(line.split(" ")[3], "/root/bastion.zip");
    });
  });
});

describe("images/provide.sh", () => {
  let variables: Record<string, string>;
  let folder: string;
  before(async () => {
    ({ variables } = scriptOf(await provided(false)));
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "built-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const SPARK = `image inspect ${spark.reference}`;
  const BASTION = `image inspect ${bastion.reference}`;
  const REGISTRY = "container inspect registry";
  const lacks = (when: string, times?: number): Rule => ({ when, status: 1, times });
  const FORMED: Rule = { when: "info --format {{.Swarm.NodeAddr}}", answer: "10.108.0.100\n" };

  const provide = (rules: Rule[], { timeout = "20", build = variables.BUILD ?? "" } = {}) =>
    runScript("images/provide.sh", { ...variables, EXTRA_CA: "", TIMEOUT: timeout, BUILD: build }, [
      ...rules,
      FORMED,
    ]);
  /** The calls that change something, each by its image. */
  const changes = ({ calls }: Ended) =>
    calls
      .filter((call) => /^(build|run|push) /.test(call))
      .map((call) => `${call.split(" ")[0]} ${/manager:5000\/(\w+):/.exec(call)?.[1]}`);
  const ALL = [
    ...["build registry", "run registry", "build spark", "build bastion"],
    ...["push spark", "push bastion"],
  ];

  it("does nothing on a manager that has them, from a snapshot or the seed", () => {
    const ended = succeeds(provide([lacks(REGISTRY)]));
    assert.deepEqual(changes(ended), []);
    assert.equal(ended.stdout, "the hosts have the images already\n");
  });

  for (const [what, missing] of [
    ["all", ["image inspect manager:5000/*"]],
    ["Spark's", [SPARK, "image inspect manager:5000/registry:*"]],
    ["the bastion's", [BASTION, "image inspect manager:5000/registry:*"]],
  ] as const) {
    it(`builds what is missing: ${what}, and serves both`, () => {
      const ended = succeeds(provide([...missing.map((when) => lacks(when)), lacks(REGISTRY)]));
      assert.deepEqual(
        changes(ended),
        ALL.filter((step) => {
          const [verb, image = ""] = step.split(" ");
          return (
            verb !== "build" ||
            missing.some((when) => when.includes(`/${image}:`) || /\/\*$/.test(when))
          );
        }),
      );
    });
  }

  it("has the registry answer on the private address alone, and after each boot", () => {
    const { calls } = succeeds(provide([lacks(SPARK), lacks(REGISTRY)]));
    assert.deepEqual(
      calls.filter((call) => call.startsWith("run ")),
      [
        `run --detach --name registry --restart always --publish 10.108.0.100:5000:5000 --volume registry:/var/lib/docker-registry ${registryImage().reference}`,
      ],
    );
  });

  it("begins no second registry", () => {
    assert.deepEqual(changes(succeeds(provide([lacks(SPARK)]))), [
      ...["build spark", "push spark", "push bastion"],
    ]);
  });

  it("serves what an interrupted run had built but not served", () => {
    assert.deepEqual(changes(succeeds(provide([]))), ["push spark", "push bastion"]);
  });

  it("builds from the files of the images' folders, as they are", () => {
    const build = `#!/bin/sh\nset -eu\nname=\${IMAGE%:*}\ncp -r "$CONTEXT" ${shellQuote(folder)}/"\${name##*/}"\necho "$BASE" >${shellQuote(folder)}/base\n`;
    succeeds(provide([lacks(SPARK)], { build }));
    for (const image of ["spark", "bastion", "registry"]) {
      const names = readdirSync(join(ROOT, "images", image)).sort();
      assert.deepEqual(readdirSync(join(folder, image)).sort(), names);
      for (const name of names) {
        const built = readFileSync(join(folder, image, name), "utf8");
        assert.equal(built, read(`images/${image}/${name}`), name);
      }
    }
    assert.equal(readFileSync(join(folder, "base"), "utf8"), "debian:bookworm-slim\n");
  });

  it("builds with the archive that was brought", async () => {
    const archive = join(folder, "brought.zip");
    writeFileSync(archive, "a zip");
    const { variables: given } = scriptOf(await provided(false, [spark, archived]));
    const IMAGES = given.IMAGES?.replace("/root/bastion.zip", archive) ?? "";
    // What Docker's client is given is gone when it ends.
    const build = (given.BUILD ?? "").replace(
      'echo "building',
      `if [ -e "$CONTEXT/archive.zip" ]; then cp -R "$CONTEXT" ${shellQuote(join(folder, "context"))}; fi\necho "building`,
    );
    const rules = [lacks("image inspect manager:5000/*"), FORMED];
    const { calls } = succeeds(
      runScript("images/provide.sh", { ...given, IMAGES, EXTRA_CA: "", BUILD: build }, rules),
    );
    const names = [...readdirSync(join(ROOT, "images/bastion")), "archive.zip"].sort();
    assert.deepEqual(readdirSync(join(folder, "context")).sort(), names);
    assert.equal(readFileSync(join(folder, "context/archive.zip"), "utf8"), "a zip");
    const contexts = calls.flatMap((call) => (/^build .* (\S+)$/.exec(call) ?? []).slice(1));
    assert.equal(contexts.length, 3);
    for (const context of contexts) assert.equal(existsSync(context), false, context);
  });

  it("leaves no copy of them behind", () => {
    const { calls } = succeeds(provide([lacks("image inspect manager:5000/*")]));
    const contexts = calls.flatMap((call) => (/^build .* (\S+)$/.exec(call) ?? []).slice(1));
    assert.equal(contexts.length, 3);
    for (const context of contexts) assert.equal(existsSync(context), false, context);
  });

  it("waits for the manager's Swarm, whose address it takes", () => {
    const ended = succeeds(
      provide([
        { when: FORMED.when, status: 1, times: 2 },
        { when: FORMED.when, answer: "\n", times: 2 },
        lacks(REGISTRY),
      ]),
    );
    assert.equal(ended.calls.filter((call) => call === FORMED.when).length, 5);
  });

  it("says so when the manager formed none", () => {
    const ended = fails(provide([{ when: FORMED.when, status: 1 }], { timeout: "0" }));
    assert.match(ended.stderr, /^The manager did not form a Swarm within 0 s\. /);
    assert.deepEqual(changes(ended), []);
  });

  it("fails when one cannot be built or served", () => {
    const unbuilt = fails(provide([lacks(SPARK), { when: "build *spark:*", status: 1 }]));
    assert.ok(!changes(unbuilt).some((step) => step.startsWith("push")));
    fails(provide([{ when: "push *bastion:*", status: 1 }]));
  });
});
