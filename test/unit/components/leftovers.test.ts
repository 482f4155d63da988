import assert from "node:assert/strict";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sweep } from "../../../components/hosts/sweep";
import { RUN } from "../../../components/script";
import { removeLeftovers } from "../../../program/leftovers";
import { type Inputs, inPreviewAndUpdate, PROJECT, run, STACK } from "./mocks";
import { callsIn, FAKES, folderOf, type Rule } from "./shell";

const TAG = "lab-0a1b2c3d";
const CONTAINER = "docker:index/container:Container";
const ID = "command:local:Command ";
const COMPONENT = "spark-swarm:hosts:LocalHosts ";
const prefix = `urn:pulumi:${STACK}::${PROJECT}::spark-swarm:hosts:LocalHosts$`;
const STATE: Record<string, Inputs> = {
  [`${prefix}command:local:Command::${PROJECT}-${STACK}-id`]: { stdout: TAG },
  [`${prefix}docker:index/container:Container::${PROJECT}-${STACK}-manager`]: { id: "c1" },
  // Without an id, like components.
  [`urn:pulumi:${STACK}::${PROJECT}::spark-swarm:hosts:LocalHosts::lab`]: {},
};
/** Pulumi's export, with a replaced host that is not deleted yet. */
const EXPORT = JSON.stringify({
  deployment: {
    resources: [
      { type: "pulumi:pulumi:Stack" },
      { type: "docker:index/container:Container", id: "c1" },
      { type: "docker:index/container:Container", id: "c0", delete: true },
    ],
  },
});
const EXPORTS: Rule = {
  when: `pulumi stack export --stack organization/${PROJECT}/${STACK}`,
  answer: EXPORT,
};
/** What the sweep finds, whether or not it removes it. */
const LEFT: Rule = { when: "sweeper *", answer: "container lab-worker-0\n" };

describe("resources that a failed or interrupted update left", () => {
  const { PATH } = process.env;
  let folder: string;
  let asked: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "leftovers-"));
    for (const name of ["pulumi", "sweeper"])
      symlinkSync(join(FAKES, "docker"), join(folder, name));
    const script = 'sweeper "$MORE, $TAG, $DRY_RUN: $(echo "$KNOWN" | grep . | paste -s -d ,)"\n';
    writeFileSync(join(folder, "sweep.sh"), script);
  });
  afterEach(() => {
    process.env.PATH = PATH;
    delete process.env.FAKE_DOCKER;
    rmSync(folder, { recursive: true });
    rmSync(asked, { recursive: true });
  });

  async function remove(preview: boolean, rules: Rule[], state = STATE) {
    asked = folderOf(rules);
    Object.assign(process.env, { PATH: `${folder}:${PATH}`, FAKE_DOCKER: asked });
    const script = join(folder, "sweep.sh");
    const sweep: Sweep = { command: RUN, script, environment: { MORE: "more" } };
    const { warnings } = await run(preview, () => removeLeftovers(sweep), { state });
    return { warnings, calls: callsIn(asked) };
  }
  const LOOK = `sweeper more, ${TAG}, yes: ${ID},${CONTAINER} c1,${COMPONENT}`;

  it("are removed before an update and named, except pending deletions", async () => {
    const { calls, warnings } = await remove(false, [EXPORTS, LEFT]);
    assert.deepEqual(calls, [
      LOOK,
      EXPORTS.when,
      `sweeper more, ${TAG}, : ${ID},${CONTAINER} c1,${COMPONENT},${CONTAINER} c0`,
    ]);
    assert.deepEqual(warnings, [
      "The container lab-worker-0 was removed. A failed or interrupted update had left it.",
    ]);
  });

  it("are only named in a preview, except pending deletions", async () => {
    const { calls, warnings } = await remove(true, [EXPORTS, LEFT]);
    assert.deepEqual(calls, [LOOK, EXPORTS.when, `${LOOK},${CONTAINER} c0`]);
    assert.deepEqual(warnings, [
      "The container lab-worker-0 carries this stack's tag, but is not in Pulumi's state. A failed or interrupted update may have left it. The next update or destroy removes it.",
    ]);
  });

  inPreviewAndUpdate((preview) => {
    it("usually do not exist", async () => {
      assert.deepEqual(await remove(preview, []), { calls: [LOOK], warnings: [] });
    });

    it("are not looked for before the first update", async () => {
      assert.deepEqual(await remove(preview, [LEFT], {}), { calls: [], warnings: [] });
    });

    it("fail the program with the sweep's message when they cannot be listed", async () => {
      const broken = { when: "sweeper *", status: 1, answer: "401 Unauthorized\n" };
      await assert.rejects(remove(preview, [broken]), /^Error: 401 Unauthorized$/);
    });
  });

  it("stay when Pulumi cannot list pending deletions", async () => {
    const broken = { ...EXPORTS, status: 1, answer: "passphrase must be set\n" };
    await assert.rejects(
      remove(false, [broken, LEFT]),
      /may be left over, .*\(passphrase must be set\)\. Nothing was removed\./,
    );
    assert.equal(callsIn(asked).length, 2);
  });
});
