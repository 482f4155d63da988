import assert from "node:assert/strict";
import { document, problems, read, service, serviceProblems, withoutFolder } from "./reading";

describe("networks", () => {
  const taken = { spark: ["master", "worker"] };
  const spark = "networks: {spark: {external: true}}";
  const onSpark = (name: string, lines = "") =>
    `services:\n  ${name}:\n    image: nginx\n    networks: [spark]\n${lines}${spark}\n`;

  it("a service may not have one of the cluster's own names on the cluster's network", () => {
    assert.deepEqual(problems(onSpark("master"), { taken }), [
      "compose.yaml:2: services.master: master is a name of the cluster's own on the network spark, and would be ambiguous: give the service another one, such as my-master, or take it off that network",
    ]);
  });

  it("nor may an alias or a container's name", () => {
    const alias = serviceProblems("networks: {spark: {aliases: [fine, worker]}}", { taken }, spark);
    assert.match(
      alias.join(),
      /^compose\.yaml:4: services\.web\.networks: worker is a name of the cluster's own.*give the alias another one/,
    );
    const container = serviceProblems(
      "container_name: worker\nnetworks: [spark]",
      { taken },
      spark,
    );
    assert.match(container.join(), /web\.container_name: worker is a name/);
  });

  for (const [how, network] of [
    ["by another name in the file", "networks: {back: {external: true, name: spark}}"],
    ["in the old form", "networks: {back: {external: {name: spark}}}"],
    ["as the default network", "networks: {default: {external: true, name: spark}}"],
  ] as const) {
    it(`nor when that network is meant ${how}`, () => {
      const joins = network.includes("default") ? "" : "\n    networks: [back]";
      const text = `services:\n  master:\n    image: nginx${joins}\n${network}\n`;
      assert.match(problems(text, { taken }).join(), /services\.master: master is a name/);
    });
  }

  it("on its own network it may, and other names are free", () => {
    read("services: {master: {image: nginx}, worker: {image: nginx}}", { taken });
    read(onSpark("master"), {});
    read(onSpark("store"), { taken });
  });

  it("a bridge becomes an overlay, with a note", () => {
    const stack = read(
      "services: {web: {image: nginx, networks: [back]}}\nnetworks:\n  back:\n    driver: bridge\n    enable_ipv6: true\n    internal: 'true'\n    ipam:\n      config:\n        - subnet: 10.9.0.0/24\n          gateway: 10.9.0.1\n",
    );
    assert.deepEqual(document(stack).networks, {
      back: { internal: true, ipam: { config: [{ subnet: "10.9.0.0/24" }] } },
    });
    assert.deepEqual(stack.notes.map(withoutFolder), [
      "compose.yaml:4: networks.back.driver: left out: a bridge is on one host; this one is an overlay of all hosts",
      "compose.yaml:5: networks.back.enable_ipv6: left out: Swarm networks here support only IPv4",
      "compose.yaml:10: networks.back.ipam.config[0].gateway: left out: Swarm supports only subnet",
    ]);
  });

  it("of another driver are refused", () => {
    const text = "services: {web: {image: nginx}}\nnetworks: {default: {driver: macvlan}}";
    assert.match(problems(text).join(), /^compose\.yaml:2: networks\.default\.driver: .*macvlan/);
  });

  it("of a service: addresses are left out", () => {
    const { made, notes } = service(
      "networks: {back: {ipv4_address: 10.9.0.5, priority: 5, aliases: [a]}}",
      {},
      "networks: {back: {}}",
    );
    assert.deepEqual(made.networks, { back: { aliases: ["a"] } });
    // Of two on one line with the same remedy, only the first is reported.
    assert.equal(notes.length, 1);
    assert.match(notes[0] ?? "", /networks\.back\.ipv4_address: left out: .*names/);
  });

  it("a container's name is an alias on each of them", () => {
    const { made } = service(
      "container_name: front\nnetworks: [a, b]",
      {},
      "networks: {a: {}, b: {}}",
    );
    assert.deepEqual(made.networks, { a: { aliases: ["front"] }, b: { aliases: ["front"] } });
  });
});
