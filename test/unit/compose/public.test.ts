import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ComposeError } from "../../../components/swarm-stack/compose/findings";
import { type ComposeStack, readCompose } from "../../../components/swarm-stack/compose/read";
import { folderWith } from "./reading";

const FILES = join(__dirname, "fixtures", "public");
const options = {
  stackName: "demo",
  taken: { spark: ["master", "worker", "notebook"] },
  takenPorts: { 5000: "the registry" },
  build: () => "manager:5000/built:1",
};

/** The line and key of each finding. */
const places = (findings: string[]) =>
  findings.map((text) =>
    text.replace(/^.*\/([\w.]+):(\d+): ([\w.-]+(?:\[\d+\])?\S*): .*$/, "$2 $3"),
  );

/** The expected results for Compose files of common services beside Spark. */
const FATES: Record<string, { refused?: string[]; said?: string[] }> = {
  airflow: { refused: ["8 services.webserver.volumes[0]", "9 services.webserver.volumes[1]"] },
  cassandra: { refused: ["4 services.cassandra.privileged", "5 services.cassandra.network_mode"] },
  clickhouse: {
    said: [
      "10 services.clickhouse.depends_on",
      "4 services.keeper.volumes",
      "11 services.clickhouse.ports[0]",
    ],
  },
  elasticsearch: {
    said: [
      "13 services.search.volumes",
      "20 services.kibana.depends_on",
      "12 services.search.ports[0]",
      "21 services.kibana.ports[0]",
    ],
  },
  grafana: { refused: ["12 services.grafana.volumes[1]"] },
  jupyter: {
    refused: [
      "6 services.notebook.group_add",
      "7 services.notebook.gpus",
      "9 services.notebook.volumes[0]",
      "2 services.notebook",
    ],
  },
  kafka: { said: ["17 services.topics.depends_on", "7 services.kafka.ports[0]"] },
  metabase: { said: ["22 networks.metanet1.driver", "9 services.metabase.ports[0]"] },
  minio: {
    said: [
      "10 services.minio1.healthcheck.start_interval",
      "16 services.minio1.volumes",
      "23 services.minio2.volumes",
      "28 services.nginx.depends_on",
      "27 services.nginx.ports[0]",
      "27 services.nginx.ports[1]",
    ],
  },
  mlflow: { refused: ["11 services.mlflow.ports[0]"] },
  mongo: { said: ["13 services.mongo-express.ports[0]"] },
  mysql: {
    said: [
      "7 services.db.cpu_shares",
      "12 services.db.volumes",
      "15 services.db.networks.back.ipv4_address",
      "22 networks.back.ipam.config[0].gateway",
    ],
  },
  nginx: { refused: ["9 services.web.volumes[0]"] },
  postgres: {
    said: [
      "10 services.db.volumes",
      "21 services.adminer.depends_on",
      "23 services.adminer.ports[0]",
    ],
  },
  rabbitmq: {
    said: [
      "8 services.rabbitmq.ports[1]",
      "6 services.rabbitmq.ports[0]",
      "8 services.rabbitmq.ports[1]",
    ],
  },
  redis: { said: [] },
  superset: { said: ["11 services.superset.ports[0]"] },
  traefik: {
    said: [
      "7 services.traefik.ports[1]",
      "6 services.traefik.ports[0]",
      "7 services.traefik.ports[1]",
    ],
  },
  trino: {
    refused: [
      "5 services.coordinator.volumes[0]",
      "8 services.worker.deploy.mode",
      "6 services.worker",
    ],
  },
  zookeeper: { said: [] },
};

/** Docker's client reads and checks a document before it contacts an engine: here one that does not answer. */
function assertDockerTakes({ compose, files }: ComposeStack): void {
  const folder = folderWith({ "compose.yml": compose });
  for (const { name, content } of files) writeFileSync(join(folder, name), content);
  const { stderr } = spawnSync(
    "docker",
    ["stack", "deploy", "--compose-file", join(folder, "compose.yml"), "demo"],
    { encoding: "utf8", env: { PATH: process.env.PATH, DOCKER_HOST: "tcp://127.0.0.1:1" } },
  );
  assert.match(stderr, /cannot connect to the docker daemon/i);
  assert.doesNotMatch(stderr, /not allowed|must be|unsupported|invalid/i);
}

describe("Compose files of common services beside Spark", () => {
  it("are these", () => {
    assert.deepEqual(readdirSync(FILES), Object.keys(FATES));
  });

  for (const [name, { refused, said }] of Object.entries(FATES)) {
    const file = join(FILES, name, "compose.yaml");
    if (refused) {
      it(`${name}: refused for ${refused.join(", ")}`, () => {
        assert.throws(
          () => readCompose(file, options),
          (error) => {
            assert.ok(error instanceof ComposeError);
            assert.deepEqual(places(error.problems), refused);
            return true;
          },
        );
      });
    } else {
      it(`${name}: accepted, and Docker accepts the result`, () => {
        const stack = readCompose(file, options);
        assert.deepEqual(places(stack.notes), said);
        assertDockerTakes(stack);
      });
    }
  }
});
