import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { RULES } from "../../../components/swarm-stack/compose/service";
import { service, serviceProblems } from "./reading";

describe("a service's keys", () => {
  const same: string[] = [
    "cap_add: [NET_ADMIN]",
    "cap_drop: [ALL]",
    "command: [a, b]",
    "credential_spec: {config: x}",
    "dns: [1.1.1.1]",
    "dns_search: example.com",
    "entrypoint: /run.sh",
    "expose: [80]",
    "hostname: web",
    "init: true",
    "isolation: default",
    "labels: {a: b}",
    "logging: {driver: json-file, options: {max-size: 10m}}",
    "read_only: true",
    "stdin_open: true",
    "stop_grace_period: 1m30s",
    "stop_signal: SIGTERM",
    "sysctls: {net.core.somaxconn: 1024}",
    "tty: true",
    "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}",
    "user: '1000:1000'",
    "working_dir: /app",
    "environment: {A: b, M: 5}",
    "environment: [A=b]",
    "extra_hosts: ['db:192.0.2.1']",
    "extra_hosts: {db: 192.0.2.1}",
    "healthcheck: {test: [CMD, 'true'], interval: 1s, timeout: 2s, retries: 3, start_period: 1m}",
    "healthcheck: {disable: true}",
    "deploy: {mode: global}",
    "deploy: {replicas: 2, endpoint_mode: vip, labels: {a: b}}",
    "deploy: {update_config: {order: start-first, delay: 10s}, rollback_config: {parallelism: 1}}",
    "deploy: {restart_policy: {condition: on-failure, delay: 5s, max_attempts: 3, window: 2m}}",
    "deploy: {resources: {limits: {cpus: '0.5', memory: 512M}, reservations: {memory: 1gb}}}",
    "deploy: {placement: {constraints: [node.role == manager, 'engine.labels.a!=b'], preferences: [{spread: node.labels.zone}], max_replicas_per_node: 1}}",
    "ports: ['80']",
    "volumes: [/data:/data:ro]",
    "volumes: [/cache]",
    "volumes: [{type: tmpfs, target: /run, tmpfs: {size: 1000}}]",
    "volumes: [{type: bind, source: /data, target: /data, bind: {propagation: rslave}}]",
    "x-mine: {a: 1}",
  ];
  for (const lines of same) {
    it(`${lines} stays`, () => {
      assert.deepEqual(service(lines).made, parse(lines, { version: "1.1" }));
    });
  }

  const changed: [lines: string, made: object, notes: RegExp[]][] = [
    ["restart: always", { deploy: { restart_policy: { condition: "any" } } }, []],
    ["restart: unless-stopped", { deploy: { restart_policy: { condition: "any" } } }, []],
    ["restart: 'no'", { deploy: { restart_policy: { condition: "none" } } }, []],
    ["restart: no", { deploy: { restart_policy: { condition: "none" } } }, []],
    ["restart: on-failure", { deploy: { restart_policy: { condition: "on-failure" } } }, []],
    [
      "restart: on-failure:3",
      { deploy: { restart_policy: { condition: "on-failure", max_attempts: 3 } } },
      [],
    ],
    [
      "restart: always\ndeploy: {restart_policy: {condition: none}}",
      { deploy: { restart_policy: { condition: "none" } } },
      [],
    ],
    ["scale: 3", { deploy: { replicas: 3 } }, []],
    ["cpus: 0.5", { deploy: { resources: { limits: { cpus: "0.5" } } } }, []],
    ["mem_limit: 1g", { deploy: { resources: { limits: { memory: "1073741824" } } } }, []],
    [
      "mem_reservation: 512m\nmem_limit: 1g",
      {
        deploy: {
          resources: { limits: { memory: "1073741824" }, reservations: { memory: "536870912" } },
        },
      },
      [],
    ],
    ["pids_limit: 100", { deploy: { resources: { limits: { pids: 100 } } } }, []],
    ["pids_limit: -1", {}, []],
    [
      "platform: linux/amd64",
      {
        deploy: {
          placement: { constraints: ["node.platform.os == linux", "node.platform.arch == x86_64"] },
        },
      },
      [],
    ],
    [
      "shm_size: 64m",
      { volumes: [{ type: "tmpfs", target: "/dev/shm", tmpfs: { size: 67108864 } }] },
      [],
    ],
    [
      "tmpfs: [/run:size=1k, /tmp]",
      {
        volumes: [
          { type: "tmpfs", target: "/run", tmpfs: { size: 1024 } },
          { type: "tmpfs", target: "/tmp" },
        ],
      },
      [],
    ],
    [
      "tmpfs: /run:mode=755,size=1k",
      { volumes: [{ type: "tmpfs", target: "/run", tmpfs: { size: 1024 } }] },
      [/tmpfs: of mode=755,size=1k, Docker's stacks support only size/],
    ],
    ["container_name: front", { networks: { default: { aliases: ["front"] } } }, []],
    ["container_name: web", {}, []],
    [
      "deploy: {resources: {limits: {cpus: 0.5}}}",
      { deploy: { resources: { limits: { cpus: "0.5" } } } },
      [],
    ],
    ["deploy: {replicas: '2'}", { deploy: { replicas: 2 } }, []],
    ["init: 'true'", { init: true }, []],
    ["environment: {A: true}", { environment: { A: "true" } }, []],
    ["ulimits: {nofile: '5'}", { ulimits: { nofile: 5 } }, []],
    ["privileged: false", {}, []],
    ["devices: []", {}, []],
    ["attach: false", {}, []],
    ["develop: {watch: [{path: ., action: rebuild}]}", {}, []],
    ["pull_policy: always", {}, []],
    ["network_mode: bridge", {}, []],
    ["links: [web]", {}, []],
    ["extra_hosts: [db=192.0.2.1]", { extra_hosts: ["db:192.0.2.1"] }, []],
    [
      "extra_hosts: {db: [192.0.2.1, 192.0.2.2]}",
      { extra_hosts: ["db:192.0.2.1", "db:192.0.2.2"] },
      [],
    ],
    [
      "healthcheck: {test: x, start_interval: 1s, x-a: 1}",
      { healthcheck: { test: "x" } },
      [/web\.healthcheck\.start_interval: left out/],
    ],
    ["deploy: {replicas: 1, x-a: 1}", { deploy: { replicas: 1 } }, []],
    [
      "depends_on: {web: {condition: service_healthy}}",
      {},
      [
        /web\.depends_on: left out: Swarm starts all services at once\. web must retry until web answers/,
      ],
    ],
    ["depends_on: [web]", { depends_on: ["web"] }, [/web\.depends_on: left out/]],
    ["security_opt: ['no-new-privileges:true']", {}, [/security_opt: left out/]],
    ["mac_address: 02:42:ac:11:65:43", {}, [/mac_address: left out/]],
    ["domainname: example.com", {}, [/domainname: left out/]],
    ["annotations: {a: b}", {}, [/annotations: left out/]],
    ["userns_mode: host", {}, [/userns_mode: left out/]],
    ["cgroup_parent: x", {}, [/cgroup_parent: left out/]],
    ["cgroup: host", {}, [/cgroup: left out/]],
    ["dns_opt: [a]", {}, [/dns_opt: left out/]],
    ["storage_opt: {size: 1G}", {}, [/storage_opt: left out/]],
    ["blkio_config: {weight: 300}", {}, [/blkio_config: left out/]],
    ["oom_kill_disable: true", {}, [/oom_kill_disable: left out/]],
    ["oom_score_adj: 5", {}, [/oom_score_adj: left out/]],
    ...[
      "cpu_count",
      "cpu_percent",
      "cpu_shares",
      "cpu_quota",
      "cpu_period",
      "cpu_rt_period",
      "cpu_rt_runtime",
    ].map((key): [string, object, RegExp[]] => [
      `${key}: 50`,
      {},
      [new RegExp(`${key}: left out: .*deploy\\.resources\\.limits\\.cpus`)],
    ]),
    ["cpuset: 0-1", {}, [/cpuset: left out/]],
    ["mem_swappiness: 5", {}, [/mem_swappiness: left out/]],
    ["memswap_limit: 1g", {}, [/memswap_limit: left out/]],
  ];
  for (const [lines, made, notes] of changed) {
    it(`${lines} becomes ${JSON.stringify(made)}`, () => {
      const result = service(lines);
      assert.deepEqual(result.made, made);
      assert.equal(result.notes.length, notes.length, result.notes.join("\n"));
      for (const [index, note] of notes.entries()) assert.match(result.notes[index] ?? "", note);
    });
  }

  const refused: [lines: string, problem: RegExp][] = [
    ["privileged: true", /^compose\.yaml:4: services\.web\.privileged: .*cap_add/],
    ["devices: [/dev/fuse]", /services\.web\.devices: Swarm has no access to the hosts' devices/],
    ["device_cgroup_rules: ['c 1:3 mr']", /device_cgroup_rules: /],
    ["gpus: all", /services\.web\.gpus: .*the hosts' devices/],
    [
      "deploy: {resources: {reservations: {devices: [{capabilities: [gpu]}]}}}",
      /deploy\.resources\.reservations\.devices: .*GPUs/,
    ],
    ["network_mode: host", /network_mode: .*networks: \{host: \{external: true, name: host\}\}/],
    ["network_mode: none", /network_mode: Swarm does not support this/],
    ["network_mode: service:web", /network_mode: /],
    ["pid: host", /pid: /],
    ["ipc: host", /ipc: /],
    ["uts: host", /uts: /],
    ["volumes_from: [web]", /volumes_from: .*under volumes of both/],
    ["external_links: [db]", /external_links: .*network/],
    ["links: ['web:alias']", /links\[0\]: .*aliases/],
    ["group_add: [docker]", /group_add: .*user/],
    ["runtime: nvidia", /runtime: /],
    ["post_start: [{command: x}]", /post_start: .*entrypoint/],
    ["pre_stop: [{command: x}]", /pre_stop: .*entrypoint/],
    ["provider: {type: x}", /provider: .*image/],
    ["models: [llm]", /models: /],
    ["use_api_socket: true", /use_api_socket: .*docker\.sock/],
    ["restart: sometimes", /restart: sometimes was given; it must be one of: no, always/],
    ["restart: on-failure:x", /restart: /],
    ["mem_limit: lots", /mem_limit: "lots" was given; it must be a size such as 512m/],
    ["shm_size: x", /shm_size: .*size/],
    ["tmpfs: /run:size=x", /tmpfs: .*size/],
    ["stop_grace_period: [1]", /stop_grace_period: .*it must be text/],
    [
      "healthcheck: {test: x, interval: 5}",
      /healthcheck\.interval: 5 was given; it must be text: write "5"/,
    ],
    ["healthcheck: {test: x, interval: 5 minutes}", /healthcheck\.interval: .*90s or 1m30s/],
    ["deploy: {mode: replicated-job}", /deploy\.mode: .*condition: on-failure/],
    ["deploy: {mode: other}", /deploy\.mode: other was given/],
    ["deploy: {mode: global, replicas: 2}", /deploy\.replicas: a global service/],
    ["deploy: {endpoint_mode: x}", /deploy\.endpoint_mode: .*vip or dnsrr/],
    [
      "deploy: {restart_policy: {condition: always}}",
      /restart_policy\.condition: always was given.*none, on-failure, any/,
    ],
    ["deploy: {restart_policy: {delay: soon}}", /restart_policy\.delay: .*duration/],
    [
      "deploy: {placement: {constraints: [disk=ssd]}}",
      /constraints\[0\]: disk=ssd is not a constraint/,
    ],
    ["deploy: {resources: {limits: {memory: much}}}", /limits\.memory: .*size/],
    ["deploy: {replicas: many}", /deploy\.replicas: "many" was given; it must be a number/],
    ["init: maybe", /init: "maybe" was given; it must be true or false/],
    ["depends_on: [db]", /depends_on: there is no service db in this file/],
    [
      "networks: [back]",
      /networks: the network back is not in this file: add `networks: \{back: \{\}\}`/,
    ],
    ["volumes: [data:/data]", /volumes\[0\]: the volume data is not in this file.*\.\/data/],
    ["volumes: [{type: image, source: x, target: /x}]", /volumes\[0\]\.type: image was given/],
    ["volumes: [{type: npipe, source: x, target: /x}]", /volumes\[0\]\.type: npipe/],
    ["volumes: [{type: bind, source: /data}]", /volumes\[0\]: target is missing/],
    ["volumes: [{type: volume, target: /x, volume: {subpath: a}}]", /volume\.subpath: /],
    ["configs: [motd]", /configs\[0\]: motd is not in this file: add it under configs/],
    ["secrets: [{source: key}]", /secrets\[0\]: key is not in this file/],
    ["build: .", /services\.web\.build: images cannot be built here/],
  ];
  for (const [lines, problem] of refused) {
    it(`${lines} is refused`, () => {
      const found = serviceProblems(lines);
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", problem);
    });
  }

  it("are all known: each is accepted, changed, left out or refused on purpose", () => {
    const folder = dirname(require.resolve("dclint/package.json"));
    const text = readFileSync(join(folder, "schemas", "compose.schema.json"), "utf8");
    const keys = Object.keys(JSON.parse(text).definitions.service.properties);
    const tried = [...same, ...changed.map(([lines]) => lines), ...refused.map(([lines]) => lines)]
      .flatMap((lines) => lines.split("\n"))
      .map((line) => line.split(":")[0]);
    const elsewhere = [
      "image",
      "extends",
      "env_file",
      "label_file",
      "profiles",
      "pull_refresh_after",
    ];
    assert.deepEqual(
      keys.filter((key) => !tried.includes(key) && !elsewhere.includes(key)),
      [],
    );
    assert.deepEqual(
      Object.keys(RULES).filter((key) => !keys.includes(key)),
      [],
    );
  });

  it("all wrong ones are reported at once", () => {
    const found = serviceProblems("privileged: true\nrestart: x\ngpus: all");
    assert.deepEqual(
      found.map((problem) => problem.split(": ")[1]),
      ["services.web.privileged", "services.web.restart", "services.web.gpus"],
    );
    assert.deepEqual(
      found.map((problem) => problem.split(":")[1]),
      ["4", "5", "6"],
    );
  });
});
