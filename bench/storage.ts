import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { clusterName, createStack, destroy, folder, pulumi, root, stack, up } from "./cluster";
import { byTurns, type Comparison, say } from "./measure";
import { run } from "./run";

const ROUNDS = 2;
/** Megabytes of Parquet that are written and read. */
const MEGABYTES = 2048;
/** Megabytes of the file that is fetched. */
const FETCHED = 1024;
/** Two gigabytes on one core. */
const LIMIT = 600;

/** The cluster's store, against the hosts' own disks and programs. It creates its own clusters. */
export async function compareStorage(): Promise<Comparison[]> {
  const starts = await compareStarts();
  await create("hdfs");
  const compared = [...(await compareParquet()), await compareGet(), starts];
  await destroy();
  return compared;
}

async function create(storage: "hdfs" | "none"): Promise<number> {
  await createStack();
  await pulumi(["config", "set", "storage", storage]);
  return (await up()).seconds;
}

async function compareStarts(): Promise<Comparison> {
  say(`storage: a new cluster with a store and without, ${ROUNDS} rounds`);
  const timed = (storage: "hdfs" | "none") => async () => {
    const seconds = await create(storage);
    await destroy();
    return seconds;
  };
  return {
    what: "storage: a new cluster with a store against one without",
    ...(await byTurns(ROUNDS, timed("hdfs"), timed("none"))),
    aim: 1.1,
    notes: ["images and seed were there before"],
  };
}

const measured = z.object({ write: z.number(), read: z.number(), checksum: z.number() });

/** With Spark on one worker, so that only the store differs. */
async function compareParquet(): Promise<Comparison[]> {
  say(`storage: ${MEGABYTES} MB of Parquet, ${ROUNDS} rounds`);
  const writes = { ours: [] as number[], other: [] as number[] };
  const reads = { ours: [] as number[], other: [] as number[] };
  const checksums = new Set<number>();
  const program = readFileSync(join(root, "bench", "storage.py"), "utf8");
  const timed = (side: "ours" | "other", place: string) => async () => {
    const script = `set -eu
      worker=$(docker ps --quiet --filter label=com.docker.swarm.service.name=spark_worker)
      docker exec --interactive "$worker" sh -c 'cat >/tmp/storage.py' <<'END'
${program}
END
      docker exec "$worker" /opt/spark/bin/spark-submit --master 'local[1]' --driver-memory 700m \\
        --conf spark.eventLog.enabled=false /tmp/storage.py ${place} ${MEGABYTES}`;
    const { stdout } = await onWorker(script);
    const line = stdout.split("\n").find((text) => text.startsWith("{")) ?? "{}";
    const { write, read, checksum } = measured.parse(JSON.parse(line));
    writes[side].push(write);
    reads[side].push(read);
    checksums.add(checksum);
    return write;
  };
  await byTurns(
    ROUNDS,
    timed("ours", "hdfs:///bench"),
    timed("other", "file:///var/lib/spark/local/bench"),
  );
  if (checksums.size !== 1) throw new Error(`the two sides disagree: ${[...checksums].join(", ")}`);
  const notes = [`${MEGABYTES} MB, by one core of one worker; two copies in the store`];
  return [
    { what: "storage: writing Parquet against the host's own disk", ...writes, aim: 1.3, notes },
    { what: "storage: reading it", ...reads, aim: 1.1, notes: [] },
  ];
}

function onWorker(script: string) {
  return run("docker", ["exec", `${clusterName}-worker-0`, "bash", "-c", script], { limit: LIMIT });
}

async function compareGet(): Promise<Comparison> {
  say(`storage: a file of ${FETCHED} MB, ${ROUNDS} rounds`);
  const file = join(folder, "large");
  const sparkSwarm = (...words: string[]) =>
    run("node", ["cli/spark-swarm.js", ...words, "--stack", stack], { folder: root, limit: LIMIT });
  await run("openssl", ["rand", "-out", file, `${FETCHED * 1024 ** 2}`], { limit: LIMIT });
  await sparkSwarm("copy", file);
  // Not by `docker cp`: the host has mounted /data itself.
  const put = `docker exec --interactive ${clusterName}-manager sh -c 'cat >/data/large' <"$0"`;
  await run("sh", ["-c", put, file], { limit: LIMIT });
  const arrived = async (fetched: Promise<{ seconds: number }>, path: string) => {
    const { seconds } = await fetched;
    if (statSync(path).size !== FETCHED * 1024 ** 2) throw new Error(`${path} is not whole`);
    rmSync(path);
    return seconds;
  };
  const here = join(folder, "here");
  return {
    what: "storage: get against cat through ssh",
    ...(await byTurns(
      ROUNDS,
      () => arrived(sparkSwarm("get", "/data/large", "--to", here), join(here, "large")),
      () => {
        const words = ["cli/spark-swarm.js", "ssh", "manager", "--stack", stack, "--", "cat"];
        const command = ["-c", `node ${words.join(" ")} /data/large >"$0"`, `${file}-2`];
        return arrived(run("sh", command, { folder: root, limit: LIMIT }), `${file}-2`);
      },
    )),
    aim: 1.2,
    notes: ["the other is the same host's file by the same tool and ssh, without a store"],
  };
}
