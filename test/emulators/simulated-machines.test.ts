import { deepEqual, equal, match, ok } from "node:assert/strict";
import { Client, type ClientChannel } from "ssh2";
import { shellQuote } from "../../components/script";
import { SimulatedSsh } from "../../emulators/clouds/machines/simulated-ssh";
import { copyPath } from "../../emulators/plugins/command/sftp";
import { newKey } from "../contract/ssh-server";
import { answers } from "../e2e/harness/ports";
import { eventually } from "../e2e/harness/programs";
import { call, create, startBareCloud } from "./bare-client";
import type { EmulatedCloud } from "./daemon";

const BOOT_SECONDS = 1;

describe("Simulated machines", function () {
  this.timeout("5m");
  const hostKey = newKey();
  let cloud: EmulatedCloud;
  before("a cloud", async () => {
    cloud = await startBareCloud({ machines: "simulated", bootSeconds: BOOT_SECONDS });
    await call(cloud, "createNetwork", "vpc", "10.0.0.0/24");
  });
  after("end it", () => cloud?.stop());

  const manager = (id: string) =>
    create(cloud, id, {
      name: `test-manager-${id}`,
      userData: `#!/bin/sh\nNAME=manager\nHOST_KEY=${shellQuote(hostKey.private)}\n`,
    });

  /** Runs a command by SSH: its status and output. */
  async function command(address: string): Promise<{ status: number; output: string }> {
    const client = new Client();
    const expected = hostKey.public.split(" ")[1];
    try {
      const channel = await new Promise<ClientChannel>((resolve, reject) => {
        client
          .on("ready", () =>
            client.exec("cat", (error, opened) => (error ? reject(error) : resolve(opened))),
          )
          .on("error", reject)
          .connect({
            host: address,
            username: "root",
            privateKey: newKey().private,
            hostVerifier: (key: Buffer) => key.toString("base64") === expected,
          });
      });
      let output = "";
      channel.on("data", (data: Buffer) => {
        output += data;
      });
      const status = new Promise<number>((resolve) => channel.on("exit", resolve));
      channel.end("some input");
      return { status: await status, output };
    } finally {
      client.end();
    }
  }

  it("accept copied files", async () => {
    const address = "127.0.77.1";
    const server = await SimulatedSsh.start(address);
    const client = new Client();
    try {
      await new Promise<void>((resolve, reject) => {
        client
          .on("ready", resolve)
          .on("error", reject)
          .connect({ host: address, username: "root", privateKey: newKey().private });
      });
      await copyPath(client, __filename, "/root/images.tar");
    } finally {
      client.end();
      await server.stop();
    }
  });

  it("answer SSH as managers do once all have booted, with their own host key", async () => {
    const begin = Date.now();
    const { publicAddress } = await manager("1");
    const worker = await create(cloud, "2");
    match(worker.publicAddress, /^127\.18\./);
    equal(await answers(publicAddress, 22), false);
    await cloud.control("machines/machine-3", { fault: "slow-boot", seconds: 1 });
    await create(cloud, "3");
    await eventually(5, async () => ok(await answers(publicAddress, 22)));
    deepEqual(await command(publicAddress), { status: 0, output: "" });
    ok(Date.now() - begin > 2 * BOOT_SECONDS * 1000, "it has waited for the slow one");
    equal(await answers(worker.publicAddress, 22), false);
  });

  it("power off and on, and are lost", async () => {
    const { publicAddress } = await manager("4");
    await eventually(5, async () => ok(await answers(publicAddress, 22)));
    await call(cloud, "powerOff", "4");
    equal(await answers(publicAddress, 22), false);
    await call(cloud, "powerOn", "4");
    await eventually(5, async () => ok(await answers(publicAddress, 22)));
    await cloud.control("machines/test-manager-4/lose");
    equal(await answers(publicAddress, 22), false);
    deepEqual(await (await fetch(`${cloud.env.ENDPOINT}/off`)).json(), ["4"]);
  });
});
