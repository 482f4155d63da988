import assert from "node:assert/strict";
import { pages } from "../../../cli/pages/pages";
import { tunnelText } from "../../../cli/pages/tunnel-text";
import { parseFacts } from "../../../cli/status/facts";
import { type HostAnswers, report } from "../../../cli/status/report";
import { statusText } from "../../../cli/status/text";
import { cluster, factLines } from "./fixtures";

const GB = 1024 ** 3;
const answers = (failed: Record<string, Error> = {}): HostAnswers =>
  new Map(
    ["manager", "worker-0", "worker-1"].map((host) => [
      host,
      failed[host] ?? [{ mount: "/", size: 100 * GB, free: 40 * GB }],
    ]),
  );
const facts = (change: (line: string) => string | undefined = (line) => line) =>
  parseFacts(
    factLines()
      .flatMap((line) => change(line) ?? [])
      .join("\n"),
  );

describe("status", () => {
  it("shows a healthy cluster", () => {
    const state = report(cluster, facts(), answers());
    assert.equal(state.healthy, true);
    assert.equal(
      statusText(state),
      `Stack dev (local)

Hosts
  manager   172.18.0.2  node ready  40 GB of 100 GB disk left
  worker-0  172.18.0.3  node ready  40 GB of 100 GB disk left
  worker-1  172.18.0.4  node ready  40 GB of 100 GB disk left

Services
  spark_master   1/1 running
  spark_worker   2/2 running
  spark_history  1/1 running
  bastion_sshd   1/1 running

Spark workers
  worker-0  ALIVE  1 of 2 cores in use  1 GB of 4 GB in use
  worker-1  ALIVE  1 of 2 cores in use  1 GB of 4 GB in use

Allocation
  shared  executors of 1 GB unless a program asks for more, on all cores that are free

Applications
  pi  app-1  RUNNING  2 cores  for 1m 5s

Drivers
  pi.py  20261121-120000-abcd  since 2026-11-21T12:00:00Z

All is well.`,
    );
  });

  it("shows what an application gets with `maximize`", () => {
    const executor = { cpus: 4, memory: 6348 };
    const allocation = {
      mode: "maximize" as const,
      executor,
      properties: { "spark.executor.cores": "4" },
    };
    const state = report({ ...cluster, allocation }, facts(), answers());
    assert.deepEqual(state.allocation, { mode: "maximize", executor });
    assert.match(
      statusText(state),
      /\nAllocation\n {2}maximize {2}1 executor per worker of 4 cores, 6\.2 GB\n/,
    );
  });

  it("shows where memory ran out, and which application asks for more than a worker has", () => {
    const asking = facts((line) =>
      line.startsWith("spark ")
        ? line.replace('"cores":2,"memoryperexecutor":1024', '"cores":0,"memoryperexecutor":51200')
        : line,
    );
    const kills = new Map([
      ["worker-0", 1],
      ["worker-1", 0],
    ]);
    const text = statusText(report(cluster, asking, answers(), kills));
    assert.match(
      text,
      /\n {2}worker-0 .* in use {2}memory ran out: 1 process killed since it started\n {2}worker-1 .* in use\n/,
    );
    assert.match(
      text,
      /\n {2}pi +app-1 .* No worker is large enough for executors of 50 GB\. .*spark\.executor\.memory=4096m/,
    );
  });

  it("names a host whose node is down", () => {
    const down = facts((line) =>
      line.includes('"node-1"') && line.startsWith("node ") ? line.replace("ready", "down") : line,
    );
    const state = report(cluster, down, answers({ "worker-1": new Error("no route") }));
    assert.equal(state.healthy, false);
    assert.deepEqual(state.problems, [
      "Host worker-1 does not answer and its node is down: `pulumi up --refresh` replaces it.",
    ]);
    assert.match(statusText(state), /worker-1 +172\.18\.0\.4 +node down +does not answer/);
  });

  it("names a host that joined but takes no work", () => {
    const paused = facts((line) =>
      line.includes('"node-1"') && line.startsWith("node ")
        ? line.replace('"availability":"active"', '"availability":"pause"')
        : line,
    );
    assert.deepEqual(report(cluster, paused, answers()).problems, [
      "Host worker-1 answers but is paused and gets no work: `pulumi up` activates it.",
    ]);
  });

  it("names a host without a node, and a node without a host", () => {
    const other = facts((line) => line.replace('"instance":"id-1"', '"instance":"id-9"'));
    assert.deepEqual(report(cluster, other, answers()).problems, [
      "Node node-1 (ready) belongs to no host of the stack: `pulumi up` removes it.",
      "Host worker-1 answers but is not a node of the Swarm: it should join by itself, otherwise `pulumi up --refresh` replaces it.",
    ]);
  });

  it("shows a service's last error", () => {
    const lines = [
      ...factLines().map((line) =>
        line.replace(
          'spark_worker","mode":"global","replicas":"2/2',
          'spark_worker","mode":"global","replicas":"1/2',
        ),
      ),
      'task {"name":"spark_worker.x","node":"worker-1","desired":"Ready","current":"Rejected","error":"\\"No such image\\""}',
    ];
    assert.deepEqual(report(cluster, parseFacts(lines.join("\n")), answers()).problems, [
      "Service spark_worker runs 1 of 2 tasks: No such image (on worker-1)",
    ]);
  });

  it("notices a missing service, Spark worker and Spark master", () => {
    const noHistory = facts((line) => (line.includes("spark_history") ? undefined : line));
    assert.match(report(cluster, noHistory, answers()).problems.join(), /spark_history is missing/);
    const dead = facts((line) => line.replace('"state":"ALIVE"', '"state":"DEAD"'));
    assert.match(report(cluster, dead, answers()).problems.join(), /Spark has 1 of 2 workers/);
    const noSpark = facts((line) => (line.startsWith("spark ") ? undefined : line));
    assert.match(report(cluster, noSpark, answers()).problems.join(), /master does not answer/);
  });

  it("notices a full disk", () => {
    const full = answers();
    full.set("worker-0", [{ mount: "/", size: 100 * GB, free: 1000 }]);
    assert.deepEqual(report(cluster, facts(), full).problems, [
      "Host worker-0 has less than 1 GB left on /.",
    ]);
  });

  it("shows the state of the store", () => {
    const stored = { ...cluster, storage: "hdfs" as const };
    const state = { CapacityTotal: 90 * GB, CapacityUsed: 10 * GB, CapacityRemaining: 80 * GB };
    const blocks = { UnderReplicatedBlocks: 0, NumLiveDataNodes: 2 };
    const asked = (changed: object = {}, NumberOfMissingBlocks = 0) => {
      const beans = {
        store: { ...state, ...blocks, ...changed },
        missing: { NumberOfMissingBlocks },
      };
      const lines = Object.entries(beans).map(
        ([kind, bean]) => `${kind} ${JSON.stringify({ beans: [bean] })}`,
      );
      return report(stored, parseFacts([...factLines(), ...lines].join("\n")), answers());
    };
    const well = asked();
    assert.deepEqual([well.healthy, well.problems], [true, []]);
    assert.match(statusText(well), /\n\nStore\n {2}10 GB used {2}80 GB left {2}on 2 hosts\n/);
    for (const [changed, missing, problem] of [
      [{}, 3, /^The store is missing 3 blocks: /],
      [{ NumLiveDataNodes: 1 }, 0, /^The store has 1 of 2 hosts\.$/],
      [{ CapacityRemaining: GB / 2 }, 0, /^The store has 512 MB left: remove files /],
    ] as const) {
      const { healthy, problems } = asked(changed, missing);
      assert.deepEqual([healthy, problems.length], [false, 1]);
      assert.match(problems[0] ?? "", problem);
    }
    const silent = report(stored, facts(), answers());
    assert.deepEqual(
      [silent.healthy, silent.problems],
      [false, ["The store does not answer: jobs wait for it, or fail."]],
    );
  });

  it("shows how long the cluster lives", () => {
    const now = new Date("2026-11-21T12:00:00Z");
    const ends = now.getTime() / 1000 + 7200;
    const seen = (lifetime: object, ...more: string[]) => {
      const line = {
        now: 0,
        ends: null,
        idleLimit: null,
        idleFor: 100,
        ending: false,
        ...lifetime,
      };
      const lines = [...factLines(), `lifetime ${JSON.stringify(line)}`, ...more].join("\n");
      const state = report(cluster, parseFacts(lines), answers());
      const [, text] = /\n\nLifetime\n(.*?)\n\n/s.exec(statusText(state, now)) ?? [];
      return { text, state };
    };
    const { state, text } = seen({ ends, idleLimit: 1800 });
    assert.deepEqual(state.lifetime, {
      ...{ ends: "2026-11-21T14:00:00.000Z", idleLimit: 1800, idleFor: 100, ending: false },
      loses: [],
    });
    assert.match(
      text ?? "",
      /^ {2}until 2026-11-2\d \d\d:\d\d:00 \S+, in 2h\n {2}until idle for 30m: now idle for 1m 40s$/,
    );
    assert.match(seen({ ends: ends - 7201 }).text ?? "", /^ {2}until [^\n]*: over$/);
    assert.equal(seen({ ends, ending: true }).text, "  it is ending itself");
    const files = ["/data/keep", "/data/out"].map(
      (place) => `unsaved ${JSON.stringify({ place, files: 2, size: 3_000_000 })}`,
    );
    const lost = (place: string) =>
      `${place} is deleted with it: 2 files, 2.9 MB, without another copy`;
    assert.match(
      seen({ ends }, ...files).text ?? "",
      new RegExp(`\\n +${lost("/data/keep")}\\n +${lost("/data/out")}$`),
    );
    const archive = "s3a://my-bucket/kept/dev-1";
    const kept = seen({ ends, archive }, ...files);
    assert.match(
      kept.text ?? "",
      new RegExp(`\\n +/data/keep is copied to ${archive} first\\n +${lost("/data/out")}$`),
    );
    assert.deepEqual(kept.state.problems, state.problems);
    const failing = seen({ ends, archive, archiveError: "There is no bucket." });
    assert.equal(failing.state.healthy, false);
    assert.match(
      failing.state.problems.at(-1) ?? "",
      /^The cluster keeps running, and costs money, because \/data\/keep cannot be copied to s3a:\S+: There is no bucket\.$/,
    );
    const unknown = seen({ ends }, "unlisted {}").state;
    assert.equal(unknown.healthy, false);
    assert.match(
      unknown.problems.at(-1) ?? "",
      /^The files that will be deleted with the cluster could not be listed/,
    );
    assert.equal(report(cluster, facts(), answers()).lifetime, undefined);
  });

  it("shows what is known when the manager does not answer", () => {
    const gone = new Error("manager does not answer");
    const state = report(
      cluster,
      undefined,
      answers({ manager: gone, "worker-0": gone, "worker-1": gone }),
    );
    assert.deepEqual(
      state.hosts.map(({ node }) => node),
      ["unknown", "unknown", "unknown"],
    );
    assert.deepEqual(state.services, []);
    assert.match(
      state.problems.join("\n"),
      /^Host manager does not answer, so the state of the other hosts is unknown\. If it is lost, [^\n]*$/,
    );
  });
});

describe("the pages of a cluster", () => {
  it("are those of master, history, every worker alive and every driver", () => {
    assert.deepEqual(
      pages(cluster, facts()).map(({ title, host, port }) => `${title} ${host}:${port}`),
      [
        "master master:8080",
        "history history:18080",
        "worker-0 10.201.0.5:8081",
        "worker-1 10.201.0.6:8081",
        "driver of pi.py 10.201.0.9:4040",
      ],
    );
  });

  it("begin with those that the configuration adds", () => {
    const { service, ...others } = facts();
    const added = ["notebook_server", "livy_server", "monitoring_prometheus"].map((name) => ({
      ...{ name, mode: "replicated", replicas: "1/1" },
    }));
    const found = pages(cluster, { ...others, service: [...service, ...added] });
    assert.deepEqual(
      found.slice(0, 4).map(({ host, port, path = "" }) => `${host}:${port}${path}`),
      ["notebook:8888", "livy:8998", "monitoring:9090/consoles/cluster.html", "master:8080"],
    );
    const tunnel = { forwards: found.map((page) => ({ ...page, localPort: page.port + 1 })) };
    assert.match(
      tunnelText("dev", tunnel, [], false),
      /http:\/\/localhost:9091\/consoles\/cluster\.html +monitoring\n/,
    );
  });
});
