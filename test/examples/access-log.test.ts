import { deepEqual, equal, match } from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { leaveOut } from "../suite/measurement";
import { answerOfSpark, expectedAnswer, onSpark, repository } from "./python";

const JOB = "examples/access_log.py";
const EXPECTED = "test/examples/expected_access_log.py";

/** A line of the log with some given fields; the others are ordinary. */
function line(fields: {
  address?: string;
  user?: string;
  time?: string;
  request?: string;
  status?: string;
  bytes?: string;
  referrer?: string;
  agent?: string;
  /** The text after the bytes. */
  rest?: string;
}): string {
  const { address = "10.0.0.1", user = "-", time = "17/May/2026:10:05:03 +0000" } = fields;
  const { request = "GET / HTTP/1.1", status = "200", bytes = "1" } = fields;
  const { referrer = "-", agent = "curl/8", rest = ` "${referrer}" "${agent}"` } = fields;
  return `${address} - ${user} [${time}] "${request}" ${status} ${bytes}${rest}`;
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
  // Other formats: common, with forwarded addresses, with a virtual host.
  line({ address: "2001:db8::2", request: "", rest: "" }),
  line({ request: "-", bytes: "-", rest: "" }),
  `${line({ request: "" })} "203.0.113.44"`,
  `${line({ request: "-" })} "203.0.113.44, 10.0.0.9"`,
  `${line({ request: "-" })} "2001:db8::3"`,
  `${line({ request: "-" })} "::ffff:203.0.113.45, 10.0.0.9"`,
  // Nothing forwarded, or no address in the field.
  ...["-", "", "extra", "unknown", "203.0.113.44:80", String.raw`' or \"1`].map(
    (forwarded) => `${line({ request: "-" })} "${forwarded}"`,
  ),
  `shop.example.org:443 ${line({ request: "-" })}`,
  `[2001:db8::9]:443 ${line({ request: "-", address: "2001:db8::2", rest: "" })}`,
  `192.0.2.1:65535 ${line({ request: "-" })} "203.0.113.44"`,
  `shop.example.org:443 ${line({ address: "shop.example.org:443", request: "-" })}`,
  // Requests of another protocol, raw and escaped.
  line({ request: "\u0016\u0003\u0001" }),
  line({ request: "SSH-2.0-Go" }),
  line({ request: String.raw`get /\xe4` }),
  // Long enough to overflow the stack of a careless regular expression.
  line({ request: "-", agent: String.raw`\"\\x`.repeat(50_000) }),
];
const MALFORMED = [
  "",
  " ",
  line({}).slice(0, -1),
  `${line({})} `,
  ` ${line({})}`,
  `${line({})} extra`,
  `${line({})} "203.0.113.44" "extra"`,
  `${line({})} "203.0.113.44`,
  `${line({})} `,
  line({ rest: " " }),
  line({ rest: ' "-"' }),
  line({ rest: " - -" }),
  line({ rest: '"-" "-"' }),
  `shop.example.org ${line({})}`,
  `shop.example.org: ${line({})}`,
  `shop.example.org:123456 ${line({})}`,
  `:443 ${line({})}`,
  `[]:443 ${line({})}`,
  `2001:db8::1 ${line({})}`,
  `blog:80 shop.example.org:443 ${line({})}`,
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

  it("distinguishes well-formed lines from malformed ones, and reads odd fields", () => {
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
      empty_requests: 23,
      binary_requests: 3,
      // On 17 May: 10.0.0.1, two IPv6 addresses, that of a virtual host, and three forwarded ones.
      unique_visitors_per_day: { "2024-02-29": 2, "2026-05-17": 6, "2026-05-31": 1 },
      mau: { "2024-02": 2, "2026-05": 7 },
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

  it("reads the formats of other servers, compressed or not, as it reads the combined one, and lines on which a careless regular expression never ends", () => {
    const generated = spawnSync(
      "python3",
      [join(repository, "examples/generate_access_log.py"), "3000", "--malformed", "0"],
      { encoding: "utf8" },
    ).stdout.trimEnd();
    const formats: Record<string, (line: string) => string> = {
      combined: (line) => line,
      common: (line) => line.replace(/ "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"$/, ""),
      virtual: (line) => `shop.example.org:443 ${line}`,
      forwarded: (line) =>
        `10.9.8.7${line.slice(line.indexOf(" "))} "${line.split(" ", 1)[0]}, ::1"`,
    };
    const logs = join(folder, "formats");
    mkdirSync(logs);
    const together = join(folder, "together.log");
    const answers = Object.entries(formats).map(([name, convert]) => {
      const text = `${generated.split("\n").map(convert).join("\n")}\n`;
      const path = join(folder, `${name}.log`);
      writeFileSync(path, text);
      writeFileSync(together, text, { flag: "a" });
      const sent = name === "combined" ? text : gzipSync(text);
      writeFileSync(join(logs, name === "combined" ? "access.log" : `${name}.log.gz`), sent);
      return JSON.parse(expectedAnswer(EXPECTED, path)) as object;
    });
    // A careless regular expression never ends on these.
    const long = ['"', "\\", " ", '" "', "[", "A", "A ", " HTTP/1.", '\\"', "a:1 "].map((text) =>
      text.repeat(8192 / text.length),
    );
    const texts = long.flatMap((text) => [
      text,
      line({ request: text }),
      line({ referrer: text }),
      line({ agent: text }),
      `${line({})} "${text}"`,
      `${line({})} "${text}`,
      `${text}:443 ${line({})}`,
      line({ address: text }),
      line({ bytes: text }),
      line({ rest: text }),
    ]);
    const endless = texts.join("\n");
    writeFileSync(join(logs, "long.log"), endless);
    writeFileSync(together, endless, { flag: "a" });
    equal(answerOfSpark(JOB, [logs]), expectedAnswer(EXPECTED, together));
    const [combined, common, virtual, forwarded] = answers;
    deepEqual(common, { ...combined, top_referrers: [] });
    deepEqual(virtual, combined);
    deepEqual(forwarded, combined);
    const { requests, malformed } = combined as { requests: number; malformed: number };
    deepEqual([requests, malformed], [3000, 0]);
  });

  it("reports why all lines are malformed", () => {
    const path = join(folder, "other.log");
    writeFileSync(path, `\n${line({ status: "OK" })}\n${line({ time: "yesterday" })}\n`);
    match(
      onSpark(JOB, [path]),
      /All lines are malformed.*\nThe first one is malformed from its status on:\n {4}10\.0\.0\.1 - /,
    );
  });

  it("prints the same for two hundred thousand lines as plain Python", () => {
    const path = join(folder, "many.log");
    const output = openSync(path, "w");
    const generator = spawnSync(
      "python3",
      [join(repository, "examples/generate_access_log.py"), "200000", "--malformed", "5"],
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

  it("prints the same for a real site's log as plain Python", function () {
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
