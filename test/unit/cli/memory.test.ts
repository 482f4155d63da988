import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { explainShortages, type Shortage, shortageIn } from "../../../cli/jobs/memory";
import { watchMemory } from "../../../cli/jobs/watch-memory";

const task = "26/11/29 01:00:00 WARN TaskSetManager: Lost task 0.0 in stage 0.0 (TID 0)";
const scheduler = "26/11/29 01:00:00 ERROR TaskSchedulerImpl: Lost executor 0 on 10.201.0.5";
const killed = `${scheduler}: Command exited with code 137`;

describe("a job's log", () => {
  it("distinguishes a killed process from a full heap, of an executor or of the driver", () => {
    const crashed = "org.apache.spark.SparkException: Python worker exited unexpectedly (crashed)";
    const lines: [string, Shortage | undefined][] = [
      [killed, "killed"],
      [`${task} (10.201.0.5 executor 1): ${crashed}`, "killed"],
      [
        `${task} (10.201.0.5 executor 1): ExecutorLostFailure (executor 1 exited caused by one of the running tasks) Reason: Command exited with code 137`,
        "killed",
      ],
      [
        `${task} (10.201.0.5 executor 1): java.lang.OutOfMemoryError: Java heap space`,
        "executorHeap",
      ],
      [`${scheduler}: Command exited with code 52`, "executorHeap"],
      ['Exception in thread "main" java.lang.OutOfMemoryError: Java heap space', "driverHeap"],
      [": java.lang.OutOfMemoryError: Java heap space", "driverHeap"],
      ["Caused by: java.lang.OutOfMemoryError: Java heap space", undefined],
      [`${scheduler}: Command exited with code 1`, undefined],
      [`${scheduler}: worker lost`, undefined],
      [`${task} (10.201.0.5 executor 1): java.lang.ArithmeticException: / by zero`, undefined],
      ["my program: exited with code 137", undefined],
    ];
    assert.deepEqual(
      lines.map(([line]) => shortageIn(line)),
      lines.map(([, shortage]) => shortage),
    );
  });

  it("is read to its end, however late", async () => {
    const stderr = new PassThrough();
    const found = watchMemory({ stdout: null, stderr });
    stderr.write("Traceback\n");
    await new Promise(setImmediate);
    stderr.end(`${killed}\n`);
    assert.deepEqual([...(await found)], ["killed"]);
  });

  it("is read on standard output too, where Spark puts the errors of a Python job", async () => {
    const stdout = new PassThrough();
    const found = watchMemory({ stdout, stderr: null });
    stdout.end(
      "py4j.protocol.Py4JJavaError: o1.x\n: java.lang.OutOfMemoryError: Java heap space\n",
    );
    assert.deepEqual([...(await found)], ["driverHeap"]);
  });
});

describe("memory that ran out", () => {
  const explain = (shortage: Shortage, kills: [string, number][] = []) =>
    explainShortages(new Set([shortage]), {
      executor: "512m",
      kills: new Map(kills),
      largestWorker: 3072,
    }).join("\n");

  it("on a host is reported with the hosts, and the settings of hosts and tasks", () => {
    assert.match(
      explain("killed", [
        ["worker-0", 2],
        ["worker-1", 0],
        ["worker-2", 1],
      ]),
      /^Memory ran out on worker-0 \(2 processes so far\), worker-2 \(1 process so far\): .*\n.*\n.*workers\.memory.*spark\.task\.cpus/,
    );
  });

  it("is not reported if no kernel has killed anything: Python crashed for another reason", () => {
    assert.equal(explain("killed", [["worker-0", 0]]), "");
  });

  it("in an executor's heap is reported with its size and the largest one", () => {
    assert.match(
      explain("executorHeap"),
      /spark\.executor\.memory=512m\.\n.*--conf spark\.executor\.memory.*offers 3 GB/,
    );
  });

  it("in the driver's heap is reported with Spark's own default", () => {
    assert.match(
      explain("driverHeap"),
      /spark\.driver\.memory=1g\.\n.*--conf spark\.driver\.memory/,
    );
  });
});
