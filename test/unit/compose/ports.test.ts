import assert from "node:assert/strict";
import { service, serviceProblems } from "./reading";

describe("published ports", () => {
  const options = { takenPorts: { 22: "SSH" }, reach: "hosts reach it" };
  const port = (entry: string) => `ports: [${entry}]`;
  const every = (ports: string) =>
    `compose.yaml:4: services.web.ports[0]: port ${ports} of every host: hosts reach it`;

  const accepted: [entry: string, made: unknown, notes: string[]][] = [
    ["'8080:80'", "8080:80", [every("8080")]],
    ["8080:80", "8080:80", [every("8080")]],
    ["'53:53/udp'", "53:53/udp", [every("53")]],
    ["'8000-8005:8000-8005'", "8000-8005:8000-8005", [every("8000-8005")]],
    ["'0.0.0.0:8080:80'", "8080:80", [every("8080")]],
    ["'[::]:8080:80'", "8080:80", [every("8080")]],
    [
      "'127.0.0.1:8080:80/tcp'",
      "8080:80/tcp",
      [
        "compose.yaml:4: services.web.ports[0]: the address 127.0.0.1 is left out: Swarm publishes on all of a host's addresses",
        every("8080"),
      ],
    ],
    ["{target: 80, published: 8080}", { target: 80, published: 8080 }, [every("8080")]],
    [
      "{target: '80', published: '8080', name: http, app_protocol: http, x-a: 1}",
      { target: 80, published: 8080 },
      [every("8080")],
    ],
    [
      "{target: 80, published: 8080, mode: host, protocol: tcp}",
      { target: 80, published: 8080, mode: "host", protocol: "tcp" },
      [
        "compose.yaml:4: services.web.ports[0]: port 8080 of each host where a task runs: hosts reach it",
      ],
    ],
  ];
  for (const [entry, made, notes] of accepted) {
    it(`${entry}: accepted, with a note on who reaches it`, () => {
      const result = service(port(entry), options);
      assert.deepEqual(result.made.ports, [made]);
      assert.deepEqual(result.notes, notes);
    });
  }

  it("without a port of the hosts: a note that Swarm chooses one", () => {
    for (const entry of ["80", "'80'", "'80/udp'"]) {
      const { notes } = service(port(entry), options);
      assert.match(notes.join(), /ports\[0\]: Swarm chooses the hosts' port/);
    }
  });

  const refused: [entry: string, problem: RegExp][] = [
    ["http", /ports\[0\]: "http" is not a port: write PORT, PUBLISHED:PORT/],
    ["'80:80/http'", /is not a port/],
    ["'0:80'", /0 is not a port: use a number from 1 to 65535/],
    ["'70000:80'", /70000 is not a port/],
    ["'22:22'", /ports\[0\]: the hosts' port 22 is in use by SSH: publish another one/],
    ["'20-25:20-25'", /the hosts' port 22 is in use by SSH/],
    ["{target: 22, published: '22', mode: host}", /in use by SSH/],
    ["{target: 80, published: 8000-8005}", /published: 8000-8005 was given.*short form/],
    ["{published: 80}", /target is missing/],
    [
      "{target: 80, published: 8080, mode: other}",
      /mode: other was given; it must be ingress or host/,
    ],
    ["{target: http}", /target: "http" was given; it must be a number/],
    ["{target: 80, publish: 8080}", /publish: there is no such key here; did you mean published\?/],
  ];
  for (const [entry, problem] of refused) {
    it(`${entry}: refused`, () => {
      const found = serviceProblems(port(entry), options);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", problem);
    });
  }

  it("of all hosts cannot be those of a service without its own address", () => {
    const dnsrr = "deploy: {endpoint_mode: dnsrr}";
    const [problem = ""] = serviceProblems(`${dnsrr}\nports: ['8080:80']`);
    assert.match(
      problem,
      /^compose\.yaml:5: .*ports\[0\]: endpoint_mode dnsrr cannot publish a port on all hosts: write \{target: 80, published: 8080, mode: host\}/,
    );
    service(`${dnsrr}\nports: [{target: 80, published: 8080, mode: host}]`);
  });
});
