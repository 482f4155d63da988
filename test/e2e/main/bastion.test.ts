import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cluster } from "../../../program/outputs";
import { mainCluster } from "../harness/main-cluster";
import { answers, freePort } from "../harness/ports";
import { type Ended, endPrograms, run, succeed } from "../harness/programs";
import { environment, folder, type Stack } from "../harness/stack";

describe("The bastion", function () {
  this.timeout("25m");
  let stack: Stack;
  let cluster: Cluster;
  const key = join(folder, "bastion-key");
  const knownHosts = join(folder, "bastion-known-hosts");
  before("a cluster", async () => {
    stack = await mainCluster();
    cluster = await stack.cluster();
    const privateKey = await stack.pulumi(["stack", "output", "privateKey", "--show-secrets"]);
    writeFileSync(key, `${privateKey.trim()}\n`, { mode: 0o600 });
    writeFileSync(knownHosts, `bastion ${cluster.bastion.hostKey}\n`);
  });
  afterEach(endPrograms);

  /** Runs OpenSSH's client or sftp on the bastion, by default with the right key and host key. */
  function openssh(
    program: "ssh" | "sftp",
    options: string[],
    command: string[] = [],
  ): Promise<Ended> {
    const { address, port, user } = cluster.bastion;
    const settings = {
      Port: port,
      IdentityFile: key,
      IdentitiesOnly: "yes",
      BatchMode: "yes",
      HostKeyAlias: "bastion",
      UserKnownHostsFile: knownHosts,
      StrictHostKeyChecking: "yes",
      ConnectTimeout: 10,
    };
    const given = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    return run([program, "-F", "none", ...options, ...given, `${user}@${address}`, ...command], {
      seconds: 30,
    });
  }

  it("leads to the web UIs of master, workers and history, which link to each other by name", async () => {
    const port = await freePort();
    const tunnel = await stack.sparkSwarm(["tunnel", "--background", "--port", String(port)]);
    equal(tunnel.status, 0, tunnel.output);
    match(tunnel.stdout, /http:\/\/master:8080/);
    const get = (url: string) =>
      succeed(["curl", "-fsS", "--max-time", "20", "--socks5-hostname", `127.0.0.1:${port}`, url], {
        seconds: 30,
      });
    const master = JSON.parse(await get("http://master:8080/json/")) as {
      workers: { state: string; webuiaddress: string }[];
    };
    deepEqual(
      master.workers.map(({ state }) => state),
      ["ALIVE", "ALIVE"],
    );
    for (const { webuiaddress } of master.workers) {
      ok(tunnel.stdout.includes(webuiaddress), `${webuiaddress} is among the addresses`);
      match(await get(webuiaddress), /Spark Worker at/);
    }
    match(await get("http://history:18080/"), /History Server/);

    equal((await stack.sparkSwarm(["tunnel", "--stop"])).status, 0);
    equal(await answers("127.0.0.1", port), false);
  });

  it("forwards plain ports too, until Ctrl-C", async () => {
    const program = stack.start(["tunnel", "--forward", "--json"], { seconds: 60 });
    const [line] = await program.says(/^\{.*\}$/m, 40);
    const { forwards } = JSON.parse(line) as { forwards: { title: string; localPort: number }[] };
    const port = forwards.find(({ title }) => title === "master")?.localPort;
    const page = ["curl", "-fsS", "--max-time", "20", `http://127.0.0.1:${port}/`];
    match(await succeed(page, { seconds: 30 }), /Spark Master at/);
    program.signal("SIGINT");
    await program.ended;
    equal(await answers("127.0.0.1", port ?? 0), false);
  });

  it("refuses passwords, and so does the manager", async () => {
    const options = [
      "-o",
      "PubkeyAuthentication=no",
      "-o",
      "PreferredAuthentications=password,keyboard-interactive",
    ];
    const { status, stderr } = await openssh("ssh", options, ["true"]);
    equal(status, 255);
    // The server lists the methods that it would accept.
    match(stderr, /Permission denied \(publickey\)/);
    const { address, port, hostKey } = cluster.manager;
    writeFileSync(`${knownHosts}-manager`, `manager ${hostKey}\n`);
    const manager = await run(
      [
        ...["ssh", "-F", "none", "-p", String(port), "-o", "BatchMode=yes", ...options],
        ...["-o", "HostKeyAlias=manager", "-o", `UserKnownHostsFile=${knownHosts}-manager`],
        ...[`root@${address}`, "true"],
      ],
      { seconds: 30 },
    );
    equal(manager.status, 255);
    match(manager.stderr, /Permission denied \(publickey\)/);
  });

  it("refuses shells, commands, sftp and forwards to this machine", async () => {
    for (const command of [["true"], []]) {
      const { status, stdout } = await openssh("ssh", ["-tt"], command);
      notEqual(status, 0);
      equal(stdout, "");
    }
    notEqual((await openssh("sftp", [])).status, 0);
    const remote = ["-N", "-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:5555:127.0.0.1:22"];
    const forward = await openssh("ssh", remote);
    notEqual(forward.status, 0);
    match(forward.stderr, /remote port forwarding failed|administratively prohibited/);
  });

  it("with another host key than the stack's is refused by the tool and by ssh", async () => {
    // The stack's record of the bastion's key differs from the bastion's key.
    const tampered = join(folder, "tampered");
    cpSync(join(folder, "state"), tampered, { recursive: true });
    const file = join(tampered, ".pulumi/stacks/spark-swarm", `${stack.name}.json`);
    const { bastion, manager } = cluster;
    const state = readFileSync(file, "utf8");
    ok(state.includes(bastion.hostKey));
    writeFileSync(file, state.replaceAll(bastion.hostKey, manager.hostKey));
    const port = String(await freePort());
    const { status, stderr } = await stack.start(["tunnel", "--port", port], {
      seconds: 60,
      env: { ...environment, PULUMI_BACKEND_URL: `file://${tampered}` },
    }).ended;
    equal(status, 76, stderr);
    match(stderr, /a different host key/);
    rmSync(tampered, { recursive: true });

    writeFileSync(`${knownHosts}-tampered`, `bastion ${manager.hostKey}\n`);
    const plain = await openssh("ssh", ["-N", "-o", `UserKnownHostsFile=${knownHosts}-tampered`]);
    equal(plain.status, 255);
    match(plain.stderr, /Host key verification failed/);
  });
});

describe("The hosts' ports", function () {
  this.timeout("25m");
  let stack: Stack;
  before("a cluster", async () => {
    stack = await mainCluster();
  });

  it("are published only for SSH and the bastion, on the manager, on loopback", async () => {
    const published = async (host: string) => {
      const command = ["docker", "port", stack.container(host)];
      const lines = (await succeed(command, { seconds: 30 })).trim().split("\n").filter(Boolean);
      return lines.map((line) => line.replace(/:\d+$/, "")).sort();
    };
    deepEqual(await published("manager"), ["22/tcp -> 127.0.0.1", "2222/tcp -> 127.0.0.1"]);
    for (const worker of ["worker-0", "worker-1"]) deepEqual(await published(worker), []);
  });

  it("answer other hosts only for SSH, the bastion and Swarm", async () => {
    // Only published ports of containers are ports of the host; a resolver listens on loopback.
    const listening = async (host: string) => {
      const lines = await stack.onHost(host, "ss -Htuln | awk '{ print $1, $5 }'");
      const open = lines
        .trim()
        .split("\n")
        .filter((line) => !/ 127\.|\[::1\]/.test(line))
        .map((line) => line.replace(/ .*:/, " "));
      return [...new Set(open)].sort();
    };
    const swarm = ["tcp 7946", "udp 4789", "udp 7946"];
    deepEqual(await listening("manager"), ["tcp 22", "tcp 2222", "tcp 2377", ...swarm]);
    for (const worker of ["worker-0", "worker-1"]) {
      deepEqual(await listening(worker), ["tcp 22", ...swarm]);
    }
    const { manager, workers } = await stack.cluster();
    ok(await answers(manager.privateAddress, 22), "addresses are reachable from here");
    // Docker's API; Spark's master, worker, driver and history server.
    for (const port of [2375, 2376, 7077, 6066, 8080, 7078, 8081, 4040, 18080]) {
      for (const { privateAddress } of [manager, ...workers]) {
        equal(await answers(privateAddress, port), false, `${privateAddress}:${port}`);
      }
    }
  });
});
