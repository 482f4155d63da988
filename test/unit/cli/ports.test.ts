import { equal, ok } from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { answers, freePort } from "../../../cli/ssh/local-ports";

describe("a free port", () => {
  it("is one after the preferred one if that is in use, and is returned once", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    equal(await answers(port), true);
    const next = await freePort(port);
    ok(next > port && next < port + 200, `${next} after ${port}`);
    ok((await freePort(port)) > next);
    server.close();
    await once(server, "close");
    equal(await answers(port), false);
    equal(await freePort(port), port);
  });

  it("may be preferred near the end of all ports", async () => {
    const port = await freePort(65_500);
    ok(port >= 65_500 && port < 65_536, `${port}`);
  });
});
