import assert from "node:assert/strict";
import { fails, type Rule, runScript, succeeds } from "./shell";

describe("spark/await-workers.sh", () => {
  const alive = (count: number) =>
    `${['{ "workers" : [', ...Array(count).fill('"state" : "ALIVE",'), '"state" : "DEAD" ] }'].join("\n")}\n`;
  const MASTER = "ps --quiet --filter *spark_master";
  const QUESTION = "exec m1 curl *";
  const wait = (rules: Rule[], timeout = 20, store = "") =>
    runScript(
      "spark/await-workers.sh",
      { HOSTS: "w0 w1", WORKERS: "2", STORE: store, TIMEOUT: `${timeout}` },
      rules,
    );

  it("waits for the master, then for each live worker, and reports how many", () => {
    const ended = succeeds(
      wait([
        { when: MASTER, times: 2 },
        { when: MASTER, answer: "m1\nm0\n" },
        { when: QUESTION, status: 7, times: 1 },
        { when: QUESTION, answer: alive(1), times: 2 },
        { when: QUESTION, answer: alive(2) },
      ]),
    );
    assert.deepEqual(ended.stdout.split("\n").slice(-3), [
      "Spark has 1 of 2 workers",
      "Spark has its 2 workers",
      "",
    ]);
    assert.equal(ended.stdout.match(/Spark has 1 of 2/g)?.length, 1);
  });

  const counted: Rule[] = [
    { when: MASTER, answer: "m1\n" },
    { when: QUESTION, answer: alive(2) },
    { when: "ps --quiet --filter *spark_namenode", answer: "n1\n" },
  ];
  const READY = "exec n1 bash /opt/store/ready.sh 2";

  it("waits for the store, if there is one", () => {
    const rules = [
      ...counted,
      { when: READY, status: 1, answer: "1 of 2 DataNodes\n", times: 2 },
      { when: READY },
    ];
    const ended = succeeds(wait(rules, 20, "yes"));
    assert.match(ended.stdout, /\nThe store has its 2 hosts\n$/);
  });

  it("reports what the store lacks after the timeout", () => {
    const rules = [...counted, { when: READY, status: 1, answer: "1 of 2 DataNodes\n" }];
    const ended = fails(wait(rules, 0, "yes"));
    assert.match(
      ended.stderr,
      /^The store is not ready after 0 s: 1 of 2 DataNodes\. The last log/,
    );
  });

  it("counts no worker while the master is recovering", () => {
    const ended = succeeds(
      wait([
        { when: MASTER, answer: "m1\n" },
        { when: QUESTION, answer: `${alive(2)}"status" : "RECOVERING"\n`, times: 2 },
        { when: QUESTION, answer: alive(2) },
      ]),
    );
    assert.equal(ended.stdout, "Spark has its 2 workers\n");
  });

  it("accepts more workers than expected", () => {
    const ended = succeeds(
      wait([
        { when: MASTER, answer: "m1\n" },
        { when: QUESTION, answer: alive(3) },
      ]),
    );
    assert.equal(ended.stdout, "Spark has its 2 workers\n");
  });

  for (const [what, rules, count] of [
    ["no master", [], 0],
    ["a master that does not answer", [{ when: MASTER, answer: "m1\n" }], 0],
    [
      "a worker too few",
      [
        { when: MASTER, answer: "m1\n" },
        { when: QUESTION, answer: alive(1) },
      ],
      1,
    ],
  ] as const) {
    it(`${what}: reports how many there are, and the workers' tasks and log`, () => {
      const ended = fails(
        wait(
          [
            ...rules,
            { when: "service ps * spark_worker", answer: "worker-1: Failed exit (1)\n" },
            { when: "service logs * spark_worker", answer: "out of memory\n" },
          ],
          0,
        ),
      );
      assert.equal(
        ended.stderr,
        [
          `Spark has ${count} of 2 workers after 0 s. The workers' tasks and last log lines:`,
          "worker-1: Failed exit (1)",
          "out of memory\n",
        ].join("\n"),
      );
    });
  }
});
