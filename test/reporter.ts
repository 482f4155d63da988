import { relative } from "node:path";
import { Hook, type MochaOptions, type Runnable, type Runner, reporters, type Test } from "mocha";
import { type Measurement, measured, onMeasurement, reasonFor } from "./suite/measurement";
import { Report } from "./suite/report";

/**
 * Mocha's own report, and the times of tests and hooks. Where this process is one of several that share the work, it
 * sends them to the one that started it; else they close the report.
 */
export = class Reporter extends reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    runner.on("pass", (test) => measured(of(test, "test", "passed")));
    runner.on("hook end", (hook: Hook) => measured(of(hook, "hook", "passed")));
    runner.on("fail", (failed: Runnable, error: Error) =>
      measured({
        ...of(failed, failed instanceof Hook ? "hook" : "test", "failed"),
        reason: error.stack ?? String(error),
      }),
    );
    runner.on("pending", (test: Test) =>
      measured({ ...of(test, "test", "left out"), reason: reasonFor(test) }),
    );
    if (process.send) {
      onMeasurement((measurement) => process.send?.(measurement));
      runner.on("suite end", (suite) => {
        if (suite.parent?.root) process.send?.("suite end");
      });
      runner.once("end", () => process.send?.("end"));
      // Who started this was killed: what this has made goes as when it is asked to end.
      process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
      process.channel?.unref();
    } else {
      const report = new Report();
      onMeasurement((measurement) => report.add(measurement));
      runner.once("end", () => {
        report.save();
        console.log(report.text());
      });
    }
  }
};

function of(
  runnable: Runnable,
  kind: Measurement["kind"],
  state: Measurement["state"],
): Measurement {
  return {
    kind,
    state,
    file: fileOf(runnable),
    title: runnable.titlePath().join(" › "),
    seconds: (runnable.duration ?? 0) / 1000,
  };
}

/** Hooks have none of their own: that of their suite's first test. */
function fileOf(runnable: Runnable): string {
  let file = runnable.file;
  for (let suite = runnable.parent; !file && suite; suite = suite.parent) file = suite.file;
  return file ? relative(process.cwd(), file) : "";
}
