// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import { deepEqual, doesNotMatch, equal, match, notEqual } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mainCluster } from "../harness/main-cluster";
import { folder, type Stack } from "../harness/stack";

const SITE = `
name: tracker
x-common: &common
  image: \${IMAGE:?which image}
  networks: [spark]
services:
  init:
    <<: *common
    entrypoint: [bash, -c, "grep -q not-a-real-key /run/secrets/api_key"]
    secrets: [api_key]
  site:
    <<: *common
    container_name: front
    entrypoint: [python3, -m, http.server, "\${PORT:-8000}", --directory, /pages]
    env_file: [site.env]
    environment: { COST: "5$$" }
    configs: [{ source: motd, target: /pages/motd.txt }]
    volumes: ["./page.html:/pages/index.html:ro"]
    restart: unless-stopped
    healthcheck:
      test: [CMD, curl, -fsS, "http://localhost:8000/"]
      interval: 1s
      start_interval: 1s
      start_period: 20s
    depends_on:
      init: { condition: service_completed_successfully }
    ports: [{ target: 8000, published: "18000", mode: host }]
    # Some machines' kernels lack IPVS.
    deploy: { endpoint_mode: dnsrr }
  debugger:
    <<: *common
    entrypoint: [sleep, infinity]
    profiles: [debug]
configs:
  motd: { file: ./conf/motd.conf }
secrets:
  api_key: { file: ./conf/api_key.txt }
networks:
  spark: { external: true }
`;

describe("Compose files of users", function () {
  this.timeout("25m");
  let stack: Stack;
  let image: string;
  before("a cluster", async () => {
    stack = await mainCluster();
    ({ image } = await stack.cluster());
  });
  afterEach("without stacks", async () => {
    await stack.pulumi(["config", "rm", "stacks"]);
  });

  async function withStack(files: Record<string, string>): Promise<string> {
    const at = join(folder, "compose-files");
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(at, name, ".."), { recursive: true });
      writeFileSync(join(at, name), text);
    }
    await stack.configure("stacks[0].name", "shop");
    await stack.configure("stacks[0].file", join(at, "compose.yaml"));
    await stack.configure("stacks[0].env.IMAGE", image);
    return at;
  }
  const fetch = (path: string) =>
    stack.onHost(
      "manager",
      `docker exec $(docker ps -qf name=spark_master) curl -fsS http://front:8000/${path}`,
    );
  const inSwarm = async (kind: string) =>
    (await stack.onHost("manager", `docker ${kind} ls --format '{{.Name}}' | grep ^shop_ || true`))
      .trim()
      .split("\n");

  it("are deployed with all that they need, and again after a change", async () => {
    const at = await withStack({
      "compose.yaml": SITE,
      "page.html": "<p>served from my file</p>",
      "site.env": "LEVEL=info\nNAME='first site'\n",
      "conf/motd.conf": "greeting = hello",
      "conf/api_key.txt": "not-a-real-key",
    });
    const output = await stack.up();
    match(output, /compose\.yaml:\d+: services\.debugger: left out/);
    match(
      output,
      /port 18000 of each host where a task runs: the cluster's hosts and this machine can reach it/,
    );
    match(await fetch(""), /served from my file/);
    match(await fetch("motd.txt"), /greeting = hello/);
    const spec = await stack.onHost(
      "manager",
      "docker service inspect --format '{{json .Spec.TaskTemplate.ContainerSpec.Env}}' shop_site",
    );
    deepEqual(JSON.parse(spec).sort(), ["COST=5$", "LEVEL=info", "NAME=first site"]);
    doesNotMatch(output, /not-a-real-key/);
    doesNotMatch(await stack.pulumi(["stack", "export"]), /not-a-real-key|bm90LWEtcmVhbC1rZXk/);
    await stack.up("--expect-no-changes");

    const before = await inSwarm("config");
    equal(before.length, 2, before.join());
    writeFileSync(join(at, "conf/motd.conf"), "greeting = hello again");
    await stack.up();
    match(await fetch("motd.txt"), /hello again/);
    const after = await inSwarm("config");
    equal(after.length, 2, "the old one has gone");
    notEqual(after.join(), before.join());
    await stack.up("--expect-no-changes");
  });

  it("with errors are refused in the preview, with all errors at once", async () => {
    await withStack({
      "compose.yaml": `services:
  master:
    image: \${NO_SUCH_IMAGE?name one}
    networks: [spark]
networks: { spark: { external: true } }
`,
    });
    const first = await stack.tryPulumi(["preview"]);
    notEqual(first.status, 0);
    match(
      first.output,
      /compose\.yaml:3: services\.master\.image: .*NO_SUCH_IMAGE is not set: name one/,
    );
    await stack.configure("stacks[0].env.NO_SUCH_IMAGE", image);
    const second = await stack.tryPulumi(["preview"]);
    match(
      second.output,
      /compose\.yaml:2: services\.master: master is a name of the cluster's own/,
    );
    match(second.output, /Nothing was created or changed/);
  });

  const failing = async (service: string) => {
    await withStack({ "compose.yaml": `services:\n  agent:\n    image: \${IMAGE}\n${service}` });
    await stack.configure("stacks[0].timeout", "1m");
    const { status, output } = await stack.tryPulumi(["up", "--yes", "--skip-preview"]);
    notEqual(status, 0);
    return output;
  };

  it("fail up soon if a service fails for good, with its log", async () => {
    const output = await failing(
      '    restart: "no"\n    entrypoint: [bash, -c, "echo no tables; exit 1"]\n',
    );
    match(output, /a task failed, and is not started again/);
    match(output, /no tables/);
  });

  it("are not up while a service restarts repeatedly", async () => {
    const output = await failing('    entrypoint: [bash, -c, "echo once more; sleep 7; exit 0"]\n');
    match(output, /did not come up within 60 s/);
    match(output, /once more/);
  });

  it("fail up soon if no host fits a service, with the hosts' properties", async () => {
    const output = await failing(
      "    entrypoint: [sleep, infinity]\n    deploy: {placement: {constraints: [node.labels.disk == ssd]}}\n",
    );
    match(output, /no host fits/);
    match(output, /asks for \["node\.labels\.disk == ssd"\]/);
    match(output, /worker-0: node\.role worker/);
  });
});
