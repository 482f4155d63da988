import assert from "node:assert/strict";
import { fails, type Rule, runScript, succeeds } from "./shell";

describe("sql/await-server.sh", () => {
  const SERVER = "ps --quiet --filter *sql_server";
  const QUESTION = "exec s1 bash *";
  const wait = (rules: Rule[], timeout = 20) =>
    runScript("sql/await-server.sh", { TIMEOUT: `${timeout}` }, rules);

  it("waits for the container, then until its port is open", () => {
    const ended = succeeds(
      wait([
        { when: SERVER, times: 1 },
        { when: SERVER, answer: "s1\n" },
        { when: QUESTION, status: 1, times: 1 },
        { when: QUESTION },
      ]),
    );
    assert.equal(ended.stdout, "The SQL server answers\n");
  });

  it("reports the state of its tasks and its log after the timeout", () => {
    const ended = fails(
      wait(
        [
          { when: SERVER, answer: "s1\n" },
          { when: QUESTION, status: 1 },
          { when: "service ps *", answer: "manager: Running 9 seconds ago\n" },
          { when: "service logs *", answer: "OutOfMemoryError\n" },
        ],
        0,
      ),
    );
    assert.match(
      ended.stderr,
      /^The SQL server does not answer after 0 s\..*\nmanager: Running.*\nOutOfMemoryError\n$/,
    );
  });
});
