import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { Client } from "ssh2";
import type { Firewall, Machine } from "../../emulators/clouds/contract";
import { answers } from "../e2e/harness/ports";
import { eventually, run, succeed } from "../e2e/harness/programs";
import { call, create, startBareCloud } from "./bare-client";
import type { EmulatedCloud } from "./daemon";
import { probe } from "./probe";

const VPC = "10.77.0.0/24";

/** Runs a shell command on a machine, without its network. */
function onMachine(cloud: EmulatedCloud, id: string, command: string): Promise<string> {
  const container = `${cloud.network}-machine-${id}-${id}`;
  return succeed(["docker", "exec", container, "bash", "-euc", command], { seconds: 20 });
}

/** Runs a command that may end its machine. */
function order(cloud: EmulatedCloud, id: string, command: string): Promise<string> {
  const container = `${cloud.network}-machine-${id}-${id}`;
  return succeed(["docker", "exec", "--detach", container, "bash", "-c", command], {
    seconds: 20,
  });
}

const booted = (cloud: EmulatedCloud, id: string) =>
  eventually(20, () =>
    onMachine(cloud, id, "for unit in cloud-final docker ssh; do systemctl is-active $unit; done"),
  );

const whoWentOff = async (cloud: EmulatedCloud) =>
  (await (await fetch(`${cloud.env.ENDPOINT}/off`)).json()) as string[];

/** Listens on a port of the machine and closes every connection. */
const listener = (port: number) =>
  `perl -MIO::Socket::INET -e '
    $server = IO::Socket::INET->new(LocalPort => ${port}, Listen => 9, ReuseAddr => 1) or die;
    close $server->accept while 1'`;

const connects = (address: string, port: number) =>
  `timeout 1 bash -c ': </dev/tcp/${address}/${port}' && echo yes || echo no`;

const inbound = (...rules: [number, string][]): Firewall => ({
  inbound: rules.map(([port, address]) => ({
    protocol: "tcp",
    ports: [port, port],
    addresses: [address],
  })),
});

describe("Machines of an emulated cloud", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  let one: Machine;
  let two: Machine;

  before("a cloud with two machines", async function () {
    // The first run on a machine builds the machine image.
    this.timeout("5m");
    cloud = await startBareCloud();
    await call(cloud, "createNetwork", "vpc", VPC);
    const firewall = inbound([22, `${cloud.developer}/32`], [8080, "0.0.0.0/0"]);
    [one, two] = await Promise.all([
      create(cloud, "1", { firewall, privateAddress: "10.77.0.50" }),
      create(cloud, "2", { metadataForContainers: false }),
    ]);
    await Promise.all([booted(cloud, "1"), booted(cloud, "2")]);
  });
  after("end it", () => cloud?.stop());

  it("boot: SSH and Docker answer, the user data has run, names, ids and sizes are theirs", async () => {
    ok(await answers(one.publicAddress, 22));
    equal(await onMachine(cloud, "1", "cat /root/runs"), "ran\nHOME=unset\n");
    equal(
      await onMachine(cloud, "1", "docker images --format '{{.Repository}}:{{.Tag}}'"),
      "debian:bookworm-slim\n",
    );
    const facts = "hostname; cat /var/lib/cloud/data/instance-id; nproc";
    equal(await onMachine(cloud, "1", facts), "machine-1\n1\n1\n");
    equal(one.privateAddress, "10.77.0.50");
    match(await onMachine(cloud, "1", "ip -4 address show eth1"), /inet 10\.77\.0\.50\/24/);
    match(
      await onMachine(cloud, "1", "ip route"),
      new RegExp(`^default via ${cloud.developer} dev eth0`, "m"),
    );
  });

  it("run containers within their own limits, also after a restart of their engine", async () => {
    await onMachine(cloud, "1", "systemctl restart docker");
    const group = await onMachine(
      cloud,
      "1",
      "docker run --rm debian:bookworm-slim cat /proc/self/cgroup",
    );
    const inspect = ["docker", "inspect", "--format", "{{.Id}}", `${cloud.network}-machine-1-1`];
    const id = await succeed(inspect, { seconds: 20 });
    match(group, new RegExp(`/(docker[-/])?${id.trim()}[^/]*/inner/`));
  });

  it("reach the API, and the metadata service, their containers only where clouds let them", async () => {
    const ask = "curl -sS --max-time 2 http://169.254.169.254/metadata";
    const inContainer =
      "docker run --rm debian:bookworm-slim timeout 2 bash -c 'exec 3<>/dev/tcp/169.254.169.254/80; " +
      'printf "GET /metadata HTTP/1.0\\r\\n\\r\\n" >&3; tail -n 1 <&3\'';
    equal(await onMachine(cloud, "1", ask), "1");
    equal(await onMachine(cloud, "2", ask), "2");
    equal(await onMachine(cloud, "2", `curl -sS ${cloud.env.ENDPOINT}/off`), "[]");
    equal(await onMachine(cloud, "1", inContainer), "1");
    await rejects(onMachine(cloud, "2", inContainer), /status 124/);
  });

  it("are behind their firewall, which sees the ports before Docker publishes them", async () => {
    const port = (number: number) =>
      Promise.all([
        probe(cloud, one.publicAddress, number, { from: "developer" }),
        probe(cloud, one.publicAddress, number, { from: "foreign" }),
      ]);
    await onMachine(
      cloud,
      "1",
      `docker run --detach --rm --publish 8080:80 debian:bookworm-slim ${listener(80)}`,
    );
    await eventually(5, async () => ok(await answers(one.publicAddress, 8080)));
    deepEqual(await port(22), [true, false]);
    deepEqual(await port(8080), [true, true]);

    await call(cloud, "setFirewall", "1", inbound([22, "0.0.0.0/0"]));
    deepEqual(await port(22), [true, true]);
    deepEqual(await port(8080), [false, false]);
    equal(await onMachine(cloud, "2", connects(one.privateAddress, 8080)), "no\n");
  });

  it("allow only outgoing traffic that an outbound rule allows", async () => {
    await call(cloud, "setFirewall", "1", { outbound: [] });
    equal(await onMachine(cloud, "1", connects(two.privateAddress, 22)), "no\n");
    const outbound = [{ protocol: "tcp", ports: [22, 22], addresses: [VPC] }];
    await call(cloud, "setFirewall", "1", { outbound });
    equal(await onMachine(cloud, "1", connects(two.privateAddress, 22)), "yes\n");
    equal(await onMachine(cloud, "1", connects(two.publicAddress, 22)), "no\n");
  });

  it("see only the machines of their own private network, though another has the same range", async () => {
    await call(cloud, "createNetwork", "other", VPC);
    await create(cloud, "3", { network: "other", privateAddress: "10.77.0.60" });
    await booted(cloud, "3");
    equal(await onMachine(cloud, "1", connects("10.77.0.60", 22)), "no\n");
    equal(await onMachine(cloud, "3", connects(one.privateAddress, 22)), "no\n");
    await rejects(call(cloud, "removeNetwork", "other"), /active endpoints/);
    await call(cloud, "destroy", "3");
    await call(cloud, "removeNetwork", "other");
  });

  it("answer at a reserved address, which can move", async () => {
    const address = await call(cloud, "reserveAddress");
    const who = async () => {
      const client = new Client();
      const hash = new Promise<string>((resolve) => {
        client.connect({
          host: address,
          username: "nobody",
          hostHash: "sha256",
          hostVerifier: (found: string) => {
            resolve(found);
            return false;
          },
        });
        client.on("error", () => {});
      });
      return hash.finally(() => client.end());
    };
    await call(cloud, "setFirewall", "1", {});
    await call(cloud, "setReservedAddress", "1", address);
    const first = await who();
    await call(cloud, "setReservedAddress", "1", null);
    await call(cloud, "setReservedAddress", "2", address);
    ok(first !== (await who()), "another machine answers");
    await call(cloud, "setReservedAddress", "2", null);
    equal(await answers(address, 22), false);
    await call(cloud, "releaseAddress", address);
  });

  it("power off on the API's request, come back with their disk, and do not run the user data again", async () => {
    await onMachine(
      cloud,
      "1",
      "docker rm --force $(docker ps --quiet) && docker volume create kept",
    );
    await call(cloud, "powerOff", "1");
    deepEqual(await whoWentOff(cloud), ["1"]);
    equal(await answers(one.publicAddress, 22), false);
    await call(cloud, "setFirewall", "1", inbound());
    await call(cloud, "powerOn", "1");
    await booted(cloud, "1");
    equal(await answers(one.publicAddress, 22), false);
    equal(await onMachine(cloud, "1", "cat /root/runs"), "ran\nHOME=unset\n");
    equal(await onMachine(cloud, "1", "docker volume ls --quiet"), "kept\n");
    match(await onMachine(cloud, "1", "ip -4 address show eth1"), /inet 10\.77\.0\.50\/24/);
  });

  it("are noticed when they power themselves off, and come back when they reboot", async () => {
    const since = await onMachine(cloud, "1", "stat --format %y /run/systemd");
    await order(cloud, "1", "systemctl reboot");
    await eventually(20, async () => {
      ok(since !== (await onMachine(cloud, "1", "stat --format %y /run/systemd")));
    });
    await booted(cloud, "1");
    deepEqual(await whoWentOff(cloud), ["1"]);
    await order(cloud, "1", "systemctl poweroff");
    await eventually(5, async () => deepEqual(await whoWentOff(cloud), ["1", "1"]));
  });

  it("can be lost without notice, and be powered off by a test", async () => {
    await cloud.control("machines/machine-2/lose");
    equal(await answers(two.publicAddress, 22), false);
    await create(cloud, "4");
    await cloud.control("machines/machine-4/off");
    deepEqual(await whoWentOff(cloud), ["1", "1", "4"]);
    await call(cloud, "destroy", "2");
    await call(cloud, "destroy", "4");
    await rejects(cloud.control("machines/machine-4/lose"), /404/);
  });

  it("boot while the cloud is writing the files that they read: their firewall, their address", async () => {
    await cloud.control("machines/machine-7", { fault: "slow-boot", seconds: 2 });
    await create(cloud, "7");
    await order(cloud, "7", "cd /etc/machine; mv firewall new; sleep 4; mv new firewall");
    await booted(cloud, "7");
    await cloud.clearFaults();
    await call(cloud, "destroy", "7");
  });

  it("boot late or never on a test's order", async () => {
    await cloud.control("machines/machine-5", { fault: "never-boots" });
    await cloud.control("machines/machine-6", { fault: "slow-boot", seconds: 2 });
    const begin = Date.now();
    const [never] = await Promise.all([create(cloud, "5"), create(cloud, "6")]);
    await booted(cloud, "6");
    ok(Date.now() - begin > 2000, `it took ${Date.now() - begin} ms`);
    equal(await answers(never.publicAddress, 22), false);
    await cloud.clearFaults();
    await Promise.all([call(cloud, "destroy", "5"), call(cloud, "destroy", "6")]);
  });
});

describe("An emulated cloud that ends", function () {
  this.timeout("5m");
  const clouds: EmulatedCloud[] = [];
  after("end what a failure left", () => Promise.all(clouds.map((cloud) => cloud.stop())));

  /** With a machine that is still booting. */
  async function begin(): Promise<EmulatedCloud> {
    const cloud = await startBareCloud();
    clouds.push(cloud);
    await call(cloud, "createNetwork", "vpc", VPC);
    await create(cloud, "1");
    return cloud;
  }
  /** What the engine still has of it. */
  const left = async (cloud: EmulatedCloud) => {
    const lists = await Promise.all(
      [
        ["ps", "--all"],
        ["network", "ls"],
        ["volume", "ls"],
      ].map((list) =>
        succeed(["docker", ...list, "--format", list[0] === "ps" ? "{{.Names}}" : "{{.Name}}"], {
          seconds: 30,
        }),
      ),
    );
    const names = lists.flatMap((list) => list.split("\n"));
    return names.filter((name) => name === cloud.network || name.startsWith(`${cloud.network}-`));
  };

  it("leaves nothing, even if a test's own containers use it", async () => {
    const cloud = await begin();
    await succeed(
      [
        "docker",
        "run",
        "--detach",
        "--name",
        `${cloud.network}-foreign`,
        "--network",
        cloud.network,
      ].concat(["--rm", "debian:bookworm-slim", "sleep", "60"]),
      { seconds: 30 },
    );
    try {
      await cloud.stop();
      deepEqual(await left(cloud), [`${cloud.network}-foreign`]);
    } finally {
      await run(["docker", "rm", "--force", `${cloud.network}-foreign`], { seconds: 30 });
    }
  });

  it("ends with the process that holds its standard input, leaving nothing", async () => {
    const cloud = await begin();
    const ended = once(cloud.process, "exit");
    cloud.process.stdin?.end();
    deepEqual(await ended, [0, null]);
    deepEqual(await left(cloud), []);
  });

  it("is cleaned up by the next one when it was killed, and only then", async () => {
    const [killed, living] = [await begin(), await begin()];
    const ended = once(killed.process, "exit");
    killed.process.kill("SIGKILL");
    await ended;
    const before = { killed: await left(killed), living: await left(living) };
    equal(before.killed.length, 4, `${before.killed}`);
    const next = await startBareCloud();
    clouds.push(next);
    deepEqual(
      (await left(killed)).filter((name) => name !== next.network),
      [],
    );
    deepEqual(await left(living), before.living);
    await Promise.all([living.stop(), next.stop()]);
  });
});
