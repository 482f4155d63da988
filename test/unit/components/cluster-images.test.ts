import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildArchive } from "../../../components/images/archive";
import { ClusterImages } from "../../../components/images/cluster";
import { type Image, registryImage, sha256, swarmImages } from "../../../components/images/images";
import { shellQuote } from "../../../components/script";
import { parseSettings } from "../../../program/settings/settings";
import { filesBelow } from "./files";
import { fakeHosts, inPreviewAndUpdate, type Registered, run, scriptOf, UNKNOWN } from "./mocks";
import { type Ended, FAKES, fails, type Rule, runScript, succeeds } from "./shell";

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
    it("is a command on the manager after its boot, without a wait for workers", async () => {
      const { type, parent, dependsOn, inputs } = await provided(preview);
      assert.deepEqual([type, parent], ["command:remote:Command", "images"]);
      assert.ok(dependsOn.includes("manager-boot"));
      assert.ok(!dependsOn.some((name) => name.startsWith("worker")));
      // What is on the manager is deleted with it.
      assert.equal(inputs.delete, undefined);
    });

    it("has the wanted images and the archive that they are built from", async () => {
      const { find } = await made(preview);
      const copied = find("images-builds");
      const provide = find("images-provide");
      assert.equal(copied.type, "command:remote:CopyToRemote");
      assert.equal(copied.inputs.remotePath, "/root/images.tar");
      assert.ok(copied.dependsOn.includes("manager-boot"));
      assert.ok(provide.dependsOn.includes("images-builds"));
      if (preview) return assert.equal(provide.inputs.stdin, UNKNOWN);
      assert.deepEqual(copied.inputs.triggers, ["id-of-manager"]);
      const { variables, text } = scriptOf(provide);
      assert.deepEqual(variables, {
        MANAGER: "id-of-manager",
        IMAGES: `${spark.reference} ${bastion.reference}`,
        REGISTRY: registryImage().reference,
        BUILDS: "/root/images.tar",
        DIGEST: sha256(readFileSync(pathOf(copied))),
        TIMEOUT: "300",
      });
      assert.equal(text, read("components/images/provide.sh"));
    });

    it("copies an archive to the manager first, and again to a new manager", async () => {
      const { find } = await made(preview, [spark, archived]);
      const copied = find("images-bastion-archive");
      assert.equal(copied.type, "command:remote:CopyToRemote");
      assert.equal(copied.inputs.remotePath, "/root/bastion.zip");
      assert.equal(pathOf(copied), __filename);
      assert.ok(copied.dependsOn.includes("manager-boot"));
      assert.ok(find("images-provide").dependsOn.includes("images-bastion-archive"));
      if (!preview) assert.deepEqual(copied.inputs.triggers, ["id-of-manager"]);
    });

    it("copies nothing to hosts that are created with the images", async () => {
      const hosts = { ...fakeHosts(2), haveImages: true };
      const { registered, find } = await run(
        preview,
        () => new ClusterImages("images", { hosts, images: [spark, archived] }),
      );
      assert.ok(!registered.some(({ type }) => type === "command:remote:CopyToRemote"));
      if (preview) return;
      const { variables } = scriptOf(find("images-provide"));
      assert.deepEqual([variables.BUILDS, variables.DIGEST], ["", undefined]);
    });
  });
});

/** The file that is copied. */
function pathOf({ inputs }: Registered): string {
  return (inputs.source as { path: string }).path;
}

describe("images/provide.sh", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "built-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const SPARK = `image inspect ${spark.reference}`;
  const BASTION = `image inspect ${bastion.reference}`;
  const REGISTRY = "container inspect registry";
  const lacks = (when: string, times?: number): Rule => ({ when, status: 1, times });
  const FORMED: Rule = { when: "info --format {{.Swarm.NodeAddr}}", answer: "10.108.0.100\n" };

  /** The script's variables for the archive of these images on the manager. */
  async function builds(wanted: Image[] = images): Promise<Record<string, string>> {
    const { path, sha256 } = await buildArchive([registryImage(), ...wanted], () =>
      join(folder, "brought.zip"),
    );
    const IMAGES = wanted.map(({ reference }) => reference).join(" ");
    return { IMAGES, REGISTRY: registryImage().reference, BUILDS: path, DIGEST: sha256 };
  }
  const provide = async (rules: Rule[], given: Record<string, string> = {}) =>
    runScript("images/provide.sh", { ...(await builds()), TIMEOUT: "20", ...given }, [
      ...rules,
      FORMED,
    ]);
  /** The calls that change something, with the image of each. */
  const changes = ({ calls }: Ended) =>
    calls
      .filter((call) => /^(build|run|push) /.test(call))
      .map((call) => `${call.split(" ")[0]} ${/manager:5000\/(\w+):/.exec(call)?.[1]}`);
  const ALL = [
    ...["build registry", "run registry", "build spark", "build bastion"],
    ...["push spark", "push bastion"],
  ];

  it("does nothing on a manager that has the images, from a snapshot or the seed", async () => {
    const ended = succeeds(await provide([lacks(REGISTRY)]));
    assert.deepEqual(changes(ended), []);
    assert.equal(ended.stdout, "the hosts have the images already\n");
  });

  for (const [what, missing] of [
    ["all", ["image inspect manager:5000/*"]],
    ["Spark's", [SPARK, "image inspect manager:5000/registry:*"]],
    ["the bastion's", [BASTION, "image inspect manager:5000/registry:*"]],
  ] as const) {
    it(`builds what is missing: ${what}, and serves both`, async () => {
      const ended = succeeds(
        await provide([...missing.map((when) => lacks(when)), lacks(REGISTRY)]),
      );
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

  it("publishes the registry only on the private address, and after each boot", async () => {
    const { calls } = succeeds(await provide([lacks(SPARK), lacks(REGISTRY)]));
    assert.deepEqual(
      calls.filter((call) => call.startsWith("run ")),
      [
        `run --detach --name registry --restart always --publish 10.108.0.100:5000:5000 --volume registry:/var/lib/docker-registry ${registryImage().reference}`,
      ],
    );
  });

  it("starts no second registry", async () => {
    assert.deepEqual(changes(succeeds(await provide([lacks(SPARK)]))), [
      ...["build spark", "push spark", "push bastion"],
    ]);
  });

  it("serves images that an interrupted run had only built", async () => {
    assert.deepEqual(changes(succeeds(await provide([]))), ["push spark", "push bastion"]);
  });

  /** A fake Docker client that keeps its build contexts and records its working directories. */
  function keepingContexts(): Record<string, string> {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    const text = `#!/bin/sh
for context; do :; done
if [ "$1" = build ]; then
  pwd >>${shellQuote(join(folder, "places"))}
  cp -R "$context" ${shellQuote(folder)}/"$(echo "$*" | tr '\\n' ' ' | sed 's|.*--tag manager:5000/||; s|:.*||')"
fi
exec ${shellQuote(join(FAKES, "docker"))} "$@"\n`;
    writeFileSync(join(bin, "docker"), text, { mode: 0o755 });
    return { PATH: `${bin}:${FAKES}:${process.env.PATH}` };
  }

  it("builds from the files of the images' folders, as they are", async () => {
    succeeds(await provide([lacks("image inspect manager:5000/*")], keepingContexts()));
    for (const image of ["spark", "bastion", "registry"]) {
      const names = filesBelow(join(ROOT, "images", image));
      assert.deepEqual(filesBelow(join(folder, image)), names);
      for (const name of names) {
        const built = readFileSync(join(folder, image, name), "utf8");
        assert.equal(built, read(`images/${image}/${name}`), name);
        const modes = [join(folder, image, name), join(ROOT, "images", image, name)].map(
          (path) => statSync(path).mode & 0o111,
        );
        assert.equal(modes[0], modes[1], name);
      }
    }
  });

  it("builds with the arguments of each image, on its base", async () => {
    const { calls } = succeeds(await provide([lacks("image inspect manager:5000/*")]));
    const build = calls.find((call) => /^build .*spark:/.test(call)) ?? "";
    assert.match(build, / --build-arg BASE=debian:bookworm-slim .* --build-arg PACKAGES= /);
  });

  it("builds with the copied archive", async () => {
    writeFileSync(join(folder, "brought.zip"), "a zip");
    const given = { ...(await builds([spark, archived])), ...keepingContexts() };
    succeeds(await provide([lacks("image inspect manager:5000/*")], given));
    const names = [...readdirSync(join(ROOT, "images/bastion")), "archive.zip"].sort();
    assert.deepEqual(readdirSync(join(folder, "bastion")).sort(), names);
    assert.equal(readFileSync(join(folder, "bastion/archive.zip"), "utf8"), "a zip");
    assert.ok(!existsSync(join(folder, "spark/archive.zip")));
  });

  it("builds only from the archive that was copied", async () => {
    const { BUILDS = "" } = await builds();
    writeFileSync(BUILDS, "half of it");
    const ended = fails(await provide([lacks(SPARK)], { BUILDS }));
    assert.match(ended.stderr, /is not what was copied there.*pulumi up --replace/);
    assert.deepEqual(changes(ended), []);
  });

  it("names the images that hosts should have been created with if they lack one", async () => {
    const ended = fails(await provide([lacks(SPARK), lacks(REGISTRY)], { BUILDS: "" }));
    assert.ok(ended.stderr.includes(`They are: ${spark.reference} `), ended.stderr);
    assert.deepEqual(changes(ended), []);
  });

  it("leaves no copy of the contexts behind", async () => {
    succeeds(await provide([lacks("image inspect manager:5000/*")], keepingContexts()));
    const places = readFileSync(join(folder, "places"), "utf8").trim().split("\n");
    assert.equal(places.length, 3);
    for (const place of places) assert.equal(existsSync(place), false, place);
  });

  it("waits for the manager's Swarm, and uses its address", async () => {
    const ended = succeeds(
      await provide([
        { when: FORMED.when, status: 1, times: 2 },
        { when: FORMED.when, answer: "\n", times: 2 },
        lacks(REGISTRY),
      ]),
    );
    assert.equal(ended.calls.filter((call) => call === FORMED.when).length, 5);
  });

  it("reports when the manager formed none", async () => {
    const ended = fails(await provide([{ when: FORMED.when, status: 1 }], { TIMEOUT: "0" }));
    assert.match(ended.stderr, /^The manager did not form a Swarm within 0 s\. /);
    assert.deepEqual(changes(ended), []);
  });

  it("fails when an image cannot be built or served", async () => {
    const unbuilt = fails(await provide([lacks(SPARK), { when: "build *spark:*", status: 1 }]));
    assert.ok(!changes(unbuilt).some((step) => step.startsWith("push")));
    fails(await provide([{ when: "push *bastion:*", status: 1 }]));
  });
});
