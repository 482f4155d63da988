import assert from "node:assert/strict";
import { join } from "node:path";
import { ComposeError } from "../../../components/swarm-stack/compose/findings";
import { readCompose } from "../../../components/swarm-stack/compose/read";
import { document } from "./reading";

const CASES = join(__dirname, "fixtures", "cases");
const ours = { stackName: "demo", taken: { spark: ["master"] } };
const caseFile = (path: string) => readCompose(join(CASES, path), ours);

describe("Compose files", () => {
  describe("from users' reports", () => {
    it("a folder beside the file is refused by name", () => {
      assert.throws(
        () => caseFile("06-files-beside/site.yml"),
        (error) =>
          error instanceof ComposeError &&
          error.problems.length === 1 &&
          /site\.yml:11: services\.site\.volumes\[0\]: .*pages is a local folder/.test(
            error.message,
          ),
      );
    });

    it("a service that runs once is unchanged", () => {
      assert.match(caseFile("07-one-shot/shop.yml").compose, /# Prepares the store once/);
    });

    it("in today's format", () => {
      const stack = caseFile("08-compose-of-today/compose.yaml");
      assert.deepEqual(document(stack).services.web, {
        image: "IMAGE",
        entrypoint: ["python3", "-m", "http.server", "8000", "--directory", "/etc"],
        ports: [{ target: 8000, published: 18000 }],
        networks: ["spark"],
      });
      assert.deepEqual(
        stack.notes.map((note) => note.replace(/^.*compose.yaml:(\d+): (\S+):.*$/, "$1 $2")),
        [
          "25 services.debugger",
          "10 services.db.healthcheck.start_interval",
          "15 services.web.depends_on",
          "1 name",
          "19 services.web.ports[0]",
        ],
      );
    });

    it("variables, .env and env_file", () => {
      const stack = caseFile("09-variables/queue.yml");
      assert.deepEqual(document(stack).services.queue?.environment, {
        LEVEL: "info",
        NAME: "first queue",
        REGION: "eu-west-1",
        COST: "5$$",
      });
      assert.equal(document(stack).services.queue?.image, "IMAGE");
    });

    it("a service called master", () => {
      assert.throws(
        () => caseFile("10-a-service-called-master/store.yml"),
        /store\.yml:4: services\.master: master is a name of the cluster's own/,
      );
    });

    it("a service that needs four minutes", () => {
      assert.equal(caseFile("19-slow-start/index.yml").timeout, 180 + 360 + 3 * 5 + 30);
    });

    it("placement by labels is left to the Swarm", () => {
      assert.deepEqual(caseFile("31-node-labels/pinned.yml").notes, []);
    });

    it("build: the builder gets its folder and arguments", () => {
      const asked: unknown[] = [];
      const stack = readCompose(join(CASES, "38-build/app.yml"), {
        ...ours,
        build: (build) => {
          asked.push(build);
          return "manager:5000/app:1";
        },
      });
      assert.deepEqual(asked, [{ context: join(CASES, "38-build/app"), args: { BASE: "IMAGE" } }]);
      assert.equal(document(stack).services.app?.image, "manager:5000/app:1");
    });
  });
});
