import assert from "node:assert/strict";
import { digitalOcean, droplets } from "./digitalocean";

const lab = (id: number, name: string) => ({ id, name: `lab-${name}`, tags: ["lab"] });
const known = [lab(100, "manager"), lab(101, "worker-0")];
const others = { id: 7, name: "other-manager", tags: ["other", "lab-manager"] };
const asked = ({ calls }: Awaited<ReturnType<typeof droplets>>) =>
  calls.filter(({ token }) => token.includes("getDroplets")).length;

describe("droplets that nobody knows", () => {
  const cluster = (preview: boolean, exists: boolean, call = digitalOcean([...known, others])) =>
    droplets(preview, { workers: 1 }, { exists, call });
  const orphaned = digitalOcean([...known, lab(999, "worker-0"), others]);

  it("are named in a preview, by name and number", async () => {
    const { warnings } = await cluster(true, true, orphaned);
    assert.deepEqual(warnings, [
      "The machine lab-worker-0 (999) carries this stack's tag, but Pulumi does not know it: a failed creation may have left it. It costs money until you delete it; 'pulumi destroy' will.",
    ]);
  });

  it("are not those that it does know, nor other stacks'", async () => {
    const run = await cluster(true, true);
    assert.deepEqual(run.warnings, []);
    assert.equal(asked(run), 1);
  });

  it("are not looked for while hosts are to be made", async () => {
    const run = await cluster(true, false, orphaned);
    assert.deepEqual([run.warnings, asked(run)], [[], 0]);
  });

  it("are not looked for in an update, in which machines that were replaced still exist", async () => {
    const run = await cluster(false, true, orphaned);
    assert.deepEqual([run.warnings, asked(run)], [[], 0]);
  });
});
