import assert from "node:assert/strict";
import { runsByItself, scriptOf } from "../../../../cli/jobs/script";
import { sandbox } from "./sandbox";

describe("a shell without a terminal", () => {
  const { put, path, test } = sandbox();

  test("runs a program as a whole", () => {
    put({ program: "" });
    const script = (shell: "pyspark" | "spark-shell" | "spark-sql") => {
      const { command, args, parcel } = scriptOf(shell, ["a=b"], ["--verbose"], "program");
      const sent = parcel.files.map((file) => file.sent);
      return { words: [...command, ...args].slice(2), sent: sent.slice(1) };
    };
    assert.deepEqual(script("pyspark"), {
      words: [
        ...["spark-submit", "--name", "PySparkShell", "--conf", "a=b", "--verbose"],
        ...["/job/tool/run_program.py", "/job/main/program"],
      ],
      sent: ["main/program", "tool/run_program.py"],
    });
    assert.deepEqual(script("spark-shell"), {
      words: [
        ...["env", "SPARK_SWARM_SCRIPT=/job/main/program", "spark-shell"],
        ...["--conf", "a=b", "--verbose", "-i", "/job/tool/run-program.scala"],
      ],
      sent: ["main/program", "tool/run-program.scala"],
    });
    assert.deepEqual(script("spark-sql"), {
      words: ["spark-sql", "--conf", "a=b", "--verbose", "-f", "/job/main/program"],
      sent: ["main/program"],
    });
  });

  test("sends the file that spark-sql runs", () => {
    put({ "report of 日本.sql": "" });
    const words = ["-f", "report of 日本.sql", "--verbose"];
    assert.ok(runsByItself("spark-sql", words));
    assert.ok(!runsByItself("spark-shell", words));
    const { args, parcel } = scriptOf("spark-sql", [], words);
    assert.deepEqual(args, ["-f", "/job/main/file-1", "--verbose"]);
    assert.deepEqual(parcel.files.at(-1), {
      local: path("report of 日本.sql"),
      sent: "main/file-1",
    });
    assert.throws(() => scriptOf("spark-sql", [], ["-f", "none.sql"]), {
      code: "missingFile",
      message: "spark-sql -f: there is no file none.sql here.",
    });
  });
});
