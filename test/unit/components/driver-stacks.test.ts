import assert from "node:assert/strict";
import { Connect } from "../../../components/connect/connect";
import { Livy } from "../../../components/livy/livy";
import { Notebook } from "../../../components/notebook/notebook";
import { allocationOf } from "../../../components/spark/allocation";
import { Sql } from "../../../components/sql/sql";
import { documentOf, inPreviewAndUpdate, scriptOf, UNKNOWN } from "./mocks";
import { allocation, withSpark } from "./spark";

inPreviewAndUpdate((preview) => {
  describe("Notebook", () => {
    const notebook = (settings = {}) =>
      withSpark(preview, (spark) => {
        const all = { memory: 1024, ...settings };
        new Notebook("notebook", { spark, image: "notebook:1", ...all });
      });

    it("is a token that the manager generates, and a service on the manager with what drivers need", async () => {
      const { find } = await notebook();
      const token = find("notebook-token");
      const deploy = find("notebook-deploy");
      if (preview) return assert.equal(token.inputs.stdin, UNKNOWN);
      assert.deepEqual(scriptOf(token).variables.VALUE, "");
      const { services, secrets } = documentOf(deploy);
      const { server } = services;
      assert.equal(server?.image, "notebook:1");
      assert.deepEqual(server.networks, { spark: { aliases: ["notebook", "driver"] } });
      assert.deepEqual(server.deploy.placement.constraints, ["node.role == manager"]);
      const { SPARK_PROPERTIES = "", ...others } = server.environment ?? {};
      assert.deepEqual(others, { OVERLAY_PREFIX: "10.201." });
      assert.ok(SPARK_PROPERTIES.split("\n").includes("spark.executor.memory 1024m"));
      assert.deepEqual(
        server.secrets?.map(({ target, mode }) => [target, mode]),
        [
          ["spark_secret", 0o440],
          ["notebook_token", 0o440],
        ],
      );
      assert.deepEqual(Object.keys(secrets ?? {}), ["spark_secret", "notebook_token"]);
      assert.deepEqual(
        server.volumes?.map(({ source, target }) => `${source} ${target}`),
        [
          "/var/lib/spark/events /var/lib/spark/events",
          "/var/lib/spark/ivy /var/lib/spark/ivy",
          "/data /data",
          "/var/lib/spark/notebooks /home/spark/notebooks",
        ],
      );
    });

    it("passes a kernel the number of cores, if that is set", async () => {
      const { find } = await notebook({ cores: 3 });
      if (preview) return;
      const { server } = documentOf(find("notebook-deploy")).services;
      assert.equal(server?.environment?.SPARK_CORES, "3");
    });
  });

  describe("Connect", () => {
    it("is a driver at connect:15002 that takes a share, and releases executors", async () => {
      const { find } = await withSpark(preview, (spark) => {
        new Connect("connect", { spark, image: "spark:1", allocation });
      });
      if (preview) return;
      const { server } = documentOf(find("connect-deploy")).services;
      assert.deepEqual(server?.networks, { spark: { aliases: ["connect", "driver"] } });
      assert.equal(server.command?.[1], "/usr/local/bin/spark-submit-share");
      const properties = server.environment?.SPARK_PROPERTIES?.split("\n");
      assert.ok(properties?.includes("spark.dynamicAllocation.enabled true"));
    });

    it("gets everything with maximize, and is not restarted when workers change", async () => {
      const sizes = { manager: { cpus: 2, memory: 4096 }, worker: { cpus: 2, memory: 4096 } };
      const serverOf = async (workers: number) => {
        const all = allocationOf("maximize", sizes, workers);
        const { find } = await withSpark(preview, (spark) => {
          new Connect("connect", { spark, image: "spark:1", allocation: all });
        });
        return preview ? undefined : documentOf(find("connect-deploy")).services.server;
      };
      const few = await serverOf(1);
      if (!preview) {
        assert.equal(few?.command?.[0], "spark-submit");
        const properties = few.environment?.SPARK_PROPERTIES?.split("\n");
        assert.ok(properties?.includes("spark.executor.memory 3072m"));
        assert.ok(properties?.includes("spark.dynamicAllocation.enabled true"));
      }
      assert.deepEqual(await serverOf(5), few);
    });
  });

  describe("Sql", () => {
    const sql = (settings = {}, image = "spark:1") =>
      withSpark(preview, (spark) => {
        new Sql("sql", { spark, image, memory: 1024, ...settings });
      });

    it("is a driver at sql:10000 with its share, without a port on any host, and awaited", async () => {
      const { find } = await sql({ cores: 3 });
      if (preview) return assert.equal(find("sql-answers").inputs.stdin, UNKNOWN);
      const { server } = documentOf(find("sql-deploy")).services;
      assert.deepEqual(server?.networks, { spark: { aliases: ["sql", "driver"] } });
      assert.equal(server.ports, undefined);
      const { SPARK_PROPERTIES = "", ...others } = server.environment ?? {};
      assert.deepEqual(others, { OVERLAY_PREFIX: "10.201.", SPARK_CORES: "3" });
      const properties = SPARK_PROPERTIES.split("\n");
      for (const property of [
        "spark.dynamicAllocation.enabled true",
        "spark.executor.memory 1024m",
        "spark.driver.maxResultSize 256m",
      ]) {
        assert.ok(properties.includes(property), property);
      }
      assert.ok(find("sql-answers").dependsOn.includes("sql-deploy"));
    });

    it("is awaited again after a change", async () => {
      if (preview) return;
      const wait = async (...given: Parameters<typeof sql>) =>
        scriptOf((await sql(...given)).find("sql-answers")).variables.SERVER;
      const first = await wait();
      assert.equal(await wait(), first);
      assert.notEqual(await wait({ memory: 2048 }), first);
      assert.notEqual(await wait({}, "spark:2"), first);
    });
  });

  describe("Livy", () => {
    const livy = (settings = {}) =>
      withSpark(preview, (spark) => {
        const all = { memory: 1024, ...settings };
        new Livy("livy", { spark, image: "livy:1", ...all });
      });

    it("is a service at livy:8998 with what drivers need, and no port on any host", async () => {
      const { registered, find } = await livy();
      assert.deepEqual(
        registered.filter(({ name }) => name.startsWith("livy")).map(({ name }) => name),
        ["livy", "livy", "livy-deploy", "livy-removal"],
      );
      if (preview) return assert.equal(find("livy-deploy").inputs.stdin, UNKNOWN);
      const { server } = documentOf(find("livy-deploy")).services;
      assert.equal(server?.image, "livy:1");
      assert.deepEqual(server.networks, { spark: { aliases: ["livy", "driver"] } });
      assert.equal(server.ports, undefined);
      assert.deepEqual(
        server.secrets?.map(({ target }) => target),
        ["spark_secret"],
      );
      assert.ok(server.volumes?.some(({ source }) => source === "/data"));
    });

    it("passes a session its share, which it releases when idle", async () => {
      const { find } = await livy({ cores: 3, memory: 2048 });
      if (preview) return;
      const { server } = documentOf(find("livy-deploy")).services;
      const { SPARK_PROPERTIES = "", ...others } = server?.environment ?? {};
      assert.deepEqual(others, { OVERLAY_PREFIX: "10.201.", SPARK_CORES: "3" });
      const properties = SPARK_PROPERTIES.split("\n");
      assert.ok(properties.includes("spark.executor.memory 2048m"));
      assert.ok(properties?.includes("spark.dynamicAllocation.enabled true"));
    });

    it("computes a session's default cores when it starts", async () => {
      const { find } = await livy();
      if (preview) return;
      const { server } = documentOf(find("livy-deploy")).services;
      assert.equal(server?.environment?.SPARK_CORES, undefined);
    });
  });
});
