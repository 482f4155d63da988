import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { droplets } from "./digitalocean";

interface Answer {
  status: number;
  body?: unknown;
}

interface Swept {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Method, path and authorization of each request. */
  requests: string[];
}

/** Runs the sweep's deletion as its command does, against a cloud that answers so. */
async function sweep(
  answer: (request: IncomingMessage) => Answer,
  environment: Record<string, string> = { DIGITALOCEAN_TOKEN: "secret" },
): Promise<Swept> {
  const { find } = await droplets(false, { workers: 1 });
  const { inputs } = find("lab-sweep");
  const requests: string[] = [];
  const cloud = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.authorization}`);
    const { status, body } = answer(request);
    response.writeHead(status).end(body === undefined ? "" : JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  try {
    await once(cloud, "listening");
    const { port } = cloud.address() as AddressInfo;
    const child = spawn("sh", ["-c", inputs.delete as string], {
      timeout: 90_000,
      env: {
        PATH: process.env.PATH,
        ...environment,
        ...(inputs.environment as Record<string, string>),
        DIGITALOCEAN_API_URL: `http://127.0.0.1:${port}`,
      },
    });
    child.stdin.end(inputs.stdin);
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    return { status, stdout, stderr, requests };
  } finally {
    cloud.closeAllConnections();
    cloud.close();
  }
}

const LIST = "GET /v2/droplets?per_page=200&tag_name=lab";
const none = { status: 200, body: { droplets: [] } };

describe("the sweep of droplets", () => {
  it("asks once when there is nothing, with the token that the plugin takes", async () => {
    for (const name of ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"]) {
      const { status, stdout, requests } = await sweep(() => none, {
        [name]: "secret",
        // Somebody else's.
        TOKEN: "other",
      });
      assert.deepEqual([status, stdout, requests], [0, "", [`${LIST} Bearer secret`]]);
    }
  });

  it("deletes what carries the tag, says so once, and waits until it is gone", async () => {
    const left = [
      { id: 7, name: "lab-worker-1" },
      { id: 8, name: "lab-manager" },
    ];
    let lists = 0;
    const { status, stdout, requests } = await sweep(({ method, url }) => {
      if (method === "DELETE") return { status: url?.endsWith("/8") ? 404 : 204 };
      lists += 1;
      return lists > 2 ? none : { status: 200, body: { droplets: left } };
    });
    assert.equal(status, 0);
    assert.equal(
      stdout,
      left
        .map(({ id, name }) => `deleting droplet ${name} (${id}), which Pulumi did not know\n`)
        .join(""),
    );
    const round = [LIST, "DELETE /v2/droplets/7", "DELETE /v2/droplets/8"];
    assert.deepEqual(
      requests,
      [...round, ...round, LIST].map((request) => `${request} Bearer secret`),
    );
  });

  it("comes again when the cloud has a bad moment, or too many requests", async () => {
    const moments = [429, 503, 200];
    const { status, requests } = await sweep(() => ({ ...none, status: moments.shift() ?? 200 }));
    assert.deepEqual([status, requests.length], [0, 3]);
  });

  it("fails with the cloud's words when it is refused", async () => {
    const body = { id: "Unauthorized", message: "Unable to authenticate you" };
    const { status, stderr, requests } = await sweep(() => ({ status: 401, body }));
    assert.notEqual(status, 0);
    assert.match(stderr, /GET .*tag_name=lab was answered with 401: .*Unable to authenticate you/);
    assert.doesNotMatch(stderr, /secret/);
    assert.equal(requests.length, 1);
  });
});
