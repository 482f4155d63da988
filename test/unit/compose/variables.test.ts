// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import { document, problems, read, service, withoutFolder } from "./reading";

describe("Compose files", () => {
  it("have `$$` for one dollar sign in the container", () => {
    const { made } = service("environment: {COST: 5$$, PATH: '${X}:$$PATH'}", { env: { X: "$a" } });
    // Docker turns two into one.
    assert.deepEqual(made.environment, { COST: "5$$", PATH: "$$a:$$PATH" });
  });

  describe("variables", () => {
    const file = (value: string) => `services: {web: {image: nginx, hostname: "${value}"}}`;
    const hostname = (files: Record<string, string> | string, env?: Record<string, string>) =>
      document(read(files, { env })).services.web?.hostname;

    it("come from the stack's own, then the environment, then .env", () => {
      const files = {
        "compose.yaml": file("${SPARK_SWARM_TEST}"),
        ".env": "SPARK_SWARM_TEST=file",
      };
      assert.equal(hostname(files), "file");
      process.env.SPARK_SWARM_TEST = "environment";
      try {
        assert.equal(hostname(files), "environment");
        assert.equal(hostname(files, { SPARK_SWARM_TEST: "own" }), "own");
        assert.equal(hostname(files, { SPARK_SWARM_TEST: "" }), "");
      } finally {
        delete process.env.SPARK_SWARM_TEST;
      }
    });

    it("make the document sensitive", () => {
      assert.equal(read(file("${X}"), { env: { X: "x" } }).sensitive, true);
      assert.equal(read(file("${NO_SUCH:-x}"), { env: { X: "x" } }).sensitive, false);
    });

    it("COMPOSE_PROJECT_NAME is the stack", () => {
      assert.equal(hostname(file("${COMPOSE_PROJECT_NAME}")), "demo");
    });

    it("without a value are reported", () => {
      const { notes } = read(`services:\n  web:\n    image: nginx\n    hostname: a$NO_SUCH\n`);
      assert.deepEqual(notes.map(withoutFolder), [
        "compose.yaml:4: services.web.hostname: the variable NO_SUCH has no value, so it is empty here; give it one, or write ${NO_SUCH:-}",
      ]);
    });

    it("that are required but missing are refused, by line; all at once", () => {
      assert.deepEqual(
        problems("services:\n  web:\n    image: ${NO:?which image}\n    hostname: ${NO_TOO?}\n"),
        [
          "compose.yaml:3: services.web.image: the variable NO is not set: which image",
          "compose.yaml:4: services.web.hostname: the variable NO_TOO is not set: it is required",
        ],
      );
    });

    it("in .env that are wrong are refused, by line", () => {
      const files = { "compose.yaml": file("x"), ".env": 'A=1\nB"C\n' };
      assert.match(problems(files).join(), /^\.env:2: NAME=value is expected here$/);
    });

    it("as numbers and booleans get the key's type", () => {
      const { made } = service("deploy: {replicas: '${N}'}\ninit: ${T}", {
        env: { N: "3", T: "true" },
      });
      assert.deepEqual(made, { deploy: { replicas: 3 }, init: true });
    });
  });
});
