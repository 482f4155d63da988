import { deepEqual, equal } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { leaveOut } from "../suite/measurement";
import { answerOfSpark, expectedAnswer, repository } from "./python";

const JOB = "examples/access_log.py";
const EXPECTED = "test/examples/expected_access_log.py";

/** A line of the log, of which some fields are given and the others are ordinary. */
function line(fields: {
  address?: string;
  user?: string;
  time?: string;
  request?: string;
  status?: string;
  bytes?: string;
  referrer?: string;
  agent?: string;
}): string {
  const { address = "10.0.0.1", user = "-", time = "17/May/2026:10:05:03 +0000" } = fields;
  const { request = "GET / HTTP/1.1", status = "200", bytes = "1" } = fields;
  const { referrer = "-", agent = "curl/8" } = fields;
  return `${address} - ${user} [${time}] "${request}" ${status} ${bytes} "${referrer}" "${agent}"`;
}

const WELL_FORMED = [
  // The path /: 20 requests of 1 to 20 bytes, of which the 19th smallest is the p95.
  ...Array.from({ length: 20 }, (_, i) => line({ bytes: String(20 - i) })),
  line({ request: "GET /q?a=1?b=2 HTTP/1.1", bytes: "-", referrer: String.raw`say \"hi\"` }),
  line({ request: "GET /q HTTP/2.0", bytes: "7", referrer: String.raw`say \"hi\"` }),
  line({ request: "POST /a file.txt HTTP/1.0", bytes: "999999999999999", user: "frank" }),
  line({ request: String.raw`GET /\"x\" HTTP/1.1`, agent: String.raw`ends with \\` }),
  line({ request: "GET /old", agent: "" }),
  line({ request: "OPTIONS * HTTP/1.1", referrer: "" }),
  // Without a path.
  line({ request: "-", status: "408", bytes: "-" }),
  line({ request: "" }),
  line({ request: String.raw`\x16\x03\x01` }),
  line({ request: "GET ?a HTTP/1.1" }),
  line({ request: "get /lower HTTP/1.1" }),
  line({ request: "GET  /two-spaces HTTP/1.1" }),
  // Days and addresses: the written day counts, whatever the zone.
  line({ request: "-", address: "2001:db8::1", time: "31/May/2026:23:59:60 -1200" }),
  line({ request: "-", address: "host.example.com", time: "29/Feb/2024:00:00:00 +1400" }),
  line({ request: "-", address: "käse.example.com", time: "29/Feb/2024:00:00:00 +0000" }),
  // Long enough to overflow the stack of a careless regular expression.
  line({ request: "-", agent: String.raw`\"\\x`.repeat(50_000) }),
];
const MALFORMED = [
  "",
  " ",
  line({}).slice(0, -1),
  `${line({})} `,
  ` ${line({})}`,
  `${line({})} "extra"`,
  line({}).replace(' "curl/8"', ""),
  line({}).replace('" "', '"  "'),
  line({ agent: 'an "unescaped" quote' }),
  line({ agent: "escapes its end \\" }),
  line({ user: "two words" }),
  line({ address: "" }),
  line({ time: "31/Apr/2026:10:05:03 +0000" }),
  line({ time: "29/Feb/2023:10:05:03 +0000" }),
  line({ time: "00/May/2026:10:05:03 +0000" }),
  line({ time: "17/may/2026:10:05:03 +0000" }),
  line({ time: "17/May/0026:10:05:03 +0000" }),
  line({ time: "17/May/2026:24:05:03 +0000" }),
  line({ time: "17/May/2026:10:60:03 +0000" }),
  line({ time: "17/May/2026:10:05:61 +0000" }),
  line({ time: "17/May/2026:10:05:03" }),
  line({ time: "17/May/2026:10:05:03 UTC" }),
  line({ time: "١٧/May/2026:10:05:03 +0000" }),
  line({ status: "20" }),
  line({ status: "OK" }),
  line({ bytes: "" }),
  line({ bytes: "-1" }),
  line({ bytes: "1.5" }),
  line({ bytes: "1000000000000000" }),
];

describe("examples/access_log.py", function () {
  this.timeout("5m");

  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "access-log-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("tells well-formed lines from malformed ones, and reads odd fields", () => {
    const path = join(folder, "odd.log");
    // All three ends of a line; bytes that are not UTF-8 in a malformed line and in a referrer.
    writeFileSync(
      path,
      Buffer.concat([
        Buffer.from(`${WELL_FORMED.join("\n")}\r\n${MALFORMED.join("\r")}\n`),
        Buffer.from([0xff, 0xfe, 0x00, 0x0a]),
        Buffer.from(line({ request: "-", referrer: "caf\xe9" }), "latin1"),
      ]),
    );
    const answer = answerOfSpark(JOB, [path]);
    deepEqual(JSON.parse(answer), {
      requests: WELL_FORMED.length + 1,
      malformed: MALFORMED.length + 1,
      unique_visitors_per_day: { "2024-02-29": 2, "2026-05-17": 1, "2026-05-31": 1 },
      mau: { "2024-02": 2, "2026-05": 2 },
      top_paths: [
        ["/", 20, 19],
        ["/q", 2, 7],
        ["*", 1, 1],
        [String.raw`/\"x\"`, 1, 1],
        ["/a file.txt", 1, 999_999_999_999_999],
        ["/old", 1, 1],
      ],
      top_referrers: [
        [String.raw`say \"hi\"`, 2],
        ["caf\ufffd", 1],
      ],
    });
    equal(expectedAnswer(EXPECTED, path), answer);
  });

  it("answers for a million lines what plain Python answers", () => {
    const path = join(folder, "million.log");
    const output = openSync(path, "w");
    const generator = spawnSync(
      "python3",
      [join(repository, "examples/generate_access_log.py"), "1000000", "--malformed", "5"],
      { encoding: "utf8", stdio: ["ignore", output, "pipe"] },
    );
    closeSync(output);
    equal(generator.status, 0, generator.stderr);
    const answer = answerOfSpark(JOB, [path]);
    equal(answer, expectedAnswer(EXPECTED, path));

    const generated = JSON.parse(generator.stderr) as { lines: number; malformed: number };
    const { requests, malformed } = JSON.parse(answer) as { requests: number; malformed: number };
    deepEqual({ lines: requests + malformed, malformed }, generated);
  });

  it("answers for a real site's log what plain Python answers", function () {
    const path = resolve(repository, "../shared/data/apache_logs");
    if (!existsSync(path)) leaveOut(this, "../shared/data/apache_logs is not there");
    const answer = answerOfSpark(JOB, [path]);
    equal(answer, expectedAnswer(EXPECTED, path));
    const { requests, malformed } = JSON.parse(answer) as { requests: number; malformed: number };
    deepEqual({ requests, malformed }, { requests: 9_999, malformed: 1 });
  });
});

describe("examples/generate_access_log.py", () => {
  const generate = (...args: string[]) =>
    spawnSync("python3", [join(repository, "examples/generate_access_log.py"), ...args], {
      maxBuffer: 64 * 1024 ** 2,
    });

  it("gives the same lines for the same seed, and others for another", () => {
    const first = generate("2000", "--seed", "7").stdout;
    equal(first.equals(generate("2000", "--seed", "7").stdout), true);
    equal(first.equals(generate("2000", "--seed", "8").stdout), false);
    equal(first.toString().split("\n").length, 2001);
  });
});
