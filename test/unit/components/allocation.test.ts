import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { allocationOf } from "../../../components/spark/allocation";

const host = (cpus: number, memory: number) => ({ cpus, memory });
const small = host(1, 3072);

describe("allocation", () => {
  it("shared sets nothing: Spark's defaults apply", () => {
    const sizes = { manager: small, worker: host(4, 8192) };
    assert.deepEqual(allocationOf("shared", sizes, 3), { mode: "shared", properties: {} });
  });

  it("maximize gives each worker one executor with all its resources", () => {
    const sizes = { manager: host(2, 4096), worker: host(4, 8192) };
    assert.deepEqual(allocationOf("maximize", sizes, 3), {
      mode: "maximize",
      executor: { cpus: 4, memory: 6964 },
      properties: {
        "spark.executor.cores": "4",
        "spark.executor.memory": "6964m",
        "spark.driver.memory": "1280m",
        "spark.default.parallelism": "24",
      },
    });
  });

  it("gives a driver at least Spark's default, and half of a large manager", () => {
    const driver = (memory: number) =>
      allocationOf("maximize", { manager: host(2, memory), worker: small }, 1).properties[
        "spark.driver.memory"
      ];
    assert.equal(driver(2048), "1024m");
    assert.equal(driver(16384), "7424m");
  });

  it("computes the memory of a worker as the worker does", () => {
    const entrypoint = readFileSync(join(__dirname, "../../../images/spark/entrypoint.sh"), "utf8");
    const [rule = ""] = /local reserve=(?:.|\n)*?local memory=.*$/m.exec(entrypoint) ?? [];
    for (const memory of [2048, 3072, 6826, 6827, 8192, 15999, 16384, 65536]) {
      const script = `f() { HOST_MEMORY_MB=$1; ${rule}; echo "$memory"; }; f ${memory}`;
      const offered = execFileSync("bash", ["-euc", script], { encoding: "utf8" });
      const { executor } = allocationOf("maximize", { manager: small, worker: host(1, memory) }, 1);
      assert.equal(executor?.memory, Number(offered), `${memory}`);
    }
  });
});
