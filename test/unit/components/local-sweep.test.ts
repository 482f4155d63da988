import assert from "node:assert/strict";
import { fails, type Rule, runScript, succeeds } from "./shell";

const TAG = "lab-0a1b2c3d";
const FILTER = `--filter label=spark-swarm.id=${TAG}`;
const CONTAINERS = `ps --all --no-trunc ${FILTER} *`;
const VOLUMES = `volume ls ${FILTER} *`;
const NETWORKS = `network ls --no-trunc ${FILTER} *`;

const EVERYTHING: Rule[] = [
  { when: CONTAINERS, answer: "c1 lab-manager\nc2 lab-worker-0\n" },
  { when: VOLUMES, answer: "lab-manager-disk lab-manager-disk\n" },
  { when: NETWORKS, answer: "n1 lab-hosts\n" },
];

function sweep(rules: Rule[], variables: Record<string, string> = {}) {
  const all = { TAG, KNOWN: "", DRY_RUN: "", ...variables };
  return runScript("hosts/local-sweep.sh", all, rules);
}
const removals = (calls: string[]) => calls.filter((call) => /(^| )rm /.test(call));

describe("the sweep of this machine's engine", () => {
  it("removes and names resources with the tag, each before those that it uses", () => {
    const { calls, stdout } = succeeds(sweep(EVERYTHING));
    assert.deepEqual(removals(calls), [
      "rm --force --volumes c1",
      "rm --force --volumes c2",
      "volume rm lab-manager-disk",
      "network rm n1",
    ]);
    assert.equal(
      stdout,
      "container lab-manager\ncontainer lab-worker-0\nvolume lab-manager-disk\nnetwork lab-hosts\n",
    );
  });

  it("keeps resources with a known id, but not those with only a known name", () => {
    const KNOWN = [
      "docker:index/container:Container c2",
      "docker:index/network:Network lab-hosts",
      "docker:index/volume:Volume lab-manager-disk",
    ].join("\n");
    const { calls } = succeeds(sweep(EVERYTHING, { KNOWN }));
    assert.deepEqual(removals(calls), ["rm --force --volumes c1", "network rm n1"]);
  });

  it("only names them in a dry run", () => {
    const { calls, stdout } = succeeds(sweep(EVERYTHING, { DRY_RUN: "yes" }));
    assert.deepEqual(removals(calls), []);
    assert.match(stdout, /^container lab-manager$/m);
  });

  it("does nothing if there is nothing", () => {
    const { calls, stdout } = succeeds(sweep([]));
    assert.deepEqual([removals(calls), stdout], [[], ""]);
  });

  it("succeeds when the engine has removed a resource meanwhile", () => {
    const busy = { when: "rm --force --volumes c1", status: 1, answer: "already in progress" };
    const gone = { when: "container inspect c1", status: 1 };
    const { calls } = succeeds(sweep([busy, gone, ...EVERYTHING]));
    assert.ok(removals(calls).includes("network rm n1"));
  });

  it("retries while a resource is in use, then fails with Docker's message", () => {
    const used: Rule = { when: "network rm n1", status: 1, answer: "has active endpoints" };
    succeeds(sweep([{ ...used, times: 2 }, ...EVERYTHING]));
    const { stderr, calls } = fails(sweep([used, ...EVERYTHING]));
    assert.match(stderr, /has active endpoints/);
    assert.equal(calls.filter((call) => call === "network rm n1").length, 10);
  });

  it("fails when the engine does not answer", () => {
    fails(sweep([{ when: CONTAINERS, status: 1 }]));
  });
});
