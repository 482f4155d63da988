import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { DIGITALOCEAN_SWEEP } from "../../../components/hosts/digitalocean/hosts";

interface Answer {
  status: number;
  body?: unknown;
}

interface Swept {
  status: number | null;
  stdout: string;
  stderr: string;
  /** Method and path of each request. */
  requests: string[];
  tokens: Set<string | undefined>;
}

const TAG = "lab-0a1b2c3d";

/** All of one stack in an account, and resources of another stack with a similar name, by the path of each list. */
const ACCOUNT: Record<string, { key: string; all: Record<string, unknown>[] }> = {
  reserved_ips: {
    key: "reserved_ips",
    all: [
      { ip: "198.51.100.7", droplet: { id: 7, tags: [TAG, `${TAG}-manager`] } },
      { ip: "198.51.100.8", droplet: { id: 99, tags: ["lab-ffffffff"] } },
      { ip: "198.51.100.9", droplet: null },
    ],
  },
  droplets: {
    key: "droplets",
    all: [
      { id: 7, name: "lab-manager" },
      { id: 8, name: "lab-worker-0" },
    ],
  },
  firewalls: {
    key: "firewalls",
    all: [
      { id: "f1", name: `${TAG}-hosts` },
      { id: "f2", name: "lab-ffffffff-hosts" },
    ],
  },
  "account/keys": {
    key: "ssh_keys",
    all: [
      { id: 70, name: TAG },
      { id: 71, name: "lab" },
    ],
  },
  projects: {
    key: "projects",
    all: [
      { id: "p1", name: TAG },
      { id: "p2", name: "lab" },
    ],
  },
  vpcs: {
    key: "vpcs",
    all: [
      { id: "v1", name: TAG },
      { id: "v2", name: `${TAG}e` },
    ],
  },
  tags: { key: "tags", all: [{ name: TAG }, { name: `${TAG}-manager` }, { name: "lab-manager" }] },
};

/** An account with these resources, until they are deleted. */
function account(all = ACCOUNT) {
  const lists = structuredClone(all);
  return ({ method, url = "" }: IncomingMessage): Answer => {
    const path = url.replace(/^\/v2\//, "").replace(/\?.*/, "");
    const list = lists[path];
    if (method === "GET" && list) return { status: 200, body: { [list.key]: list.all } };
    const [, kind = "", id = ""] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    const owner = lists[kind];
    if (!owner) return { status: 400 };
    const left = owner.all.filter((one) => `${one.ip ?? one.id ?? one.name}` !== id);
    if (left.length === owner.all.length) return { status: 404 };
    owner.all = left;
    return { status: 204 };
  };
}

/** Runs the sweep like its command, against a cloud with these answers. */
async function sweep(
  answer: (request: IncomingMessage) => Answer,
  environment: Record<string, string> = {},
): Promise<Swept> {
  const requests: string[] = [];
  const tokens = new Set<string | undefined>();
  const cloud = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    tokens.add(request.headers.authorization);
    const { status, body } = answer(request);
    response.writeHead(status).end(body === undefined ? "" : JSON.stringify(body));
  }).listen(0, "127.0.0.1");
  try {
    await once(cloud, "listening");
    const { port } = cloud.address() as AddressInfo;
    const child = spawn("sh", ["-c", DIGITALOCEAN_SWEEP.command], {
      timeout: 90_000,
      env: {
        ...{ PATH: process.env.PATH, TAG, KNOWN: "", DRY_RUN: "", DIGITALOCEAN_TOKEN: "secret" },
        ...environment,
        DIGITALOCEAN_API_URL: `http://127.0.0.1:${port}`,
      },
    });
    child.stdin.end(readFileSync(DIGITALOCEAN_SWEEP.script));
    const [stdout, stderr, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close") as Promise<[number | null]>,
    ]);
    return { status, stdout, stderr, requests, tokens };
  } finally {
    cloud.closeAllConnections();
    cloud.close();
  }
}

const deleted = ({ requests }: Swept) =>
  requests.flatMap((request) => (request.startsWith("DELETE ") ? request.slice(11) : []));

describe("the sweep of a DigitalOcean account", () => {
  it("deletes resources with the tag, or a name that begins with it, each before those that it uses", async () => {
    const swept = await sweep(account());
    assert.equal(swept.status, 0, swept.stderr);
    assert.deepEqual(deleted(swept), [
      "reserved_ips/198.51.100.7",
      ...["droplets/7", "droplets/8", "firewalls/f1", "account/keys/70"],
      ...["projects/p1", "vpcs/v1", `tags/${TAG}`, `tags/${TAG}-manager`],
    ]);
    assert.deepEqual(swept.stdout.split("\n").slice(0, 4), [
      "reserved address 198.51.100.7",
      "droplet lab-manager (7)",
      "droplet lab-worker-0 (8)",
      `firewall ${TAG}-hosts (f1)`,
    ]);
  });

  it("finds droplets by the tag alone", async () => {
    const { requests } = await sweep(account());
    const lists = requests.filter((request) => request.startsWith("GET /v2/droplets"));
    assert.deepEqual([...new Set(lists)], [`GET /v2/droplets?tag_name=${TAG}&per_page=200&page=1`]);
  });

  it("keeps known resources, by kind and id", async () => {
    const KNOWN = [
      "digitalocean:index/droplet:Droplet 7",
      "digitalocean:index/reservedIp:ReservedIp 198.51.100.7",
      "digitalocean:index/sshKey:SshKey 8",
      `digitalocean:index/tag:Tag ${TAG}`,
    ].join("\n");
    const gone = deleted(await sweep(account(), { KNOWN }));
    for (const one of ["droplets/7", "reserved_ips/198.51.100.7", `tags/${TAG}`])
      assert.ok(!gone.includes(one), one);
    for (const one of ["droplets/8", "account/keys/70", `tags/${TAG}-manager`])
      assert.ok(gone.includes(one), one);
  });

  it("only names them in a dry run", async () => {
    const swept = await sweep(account(), { DRY_RUN: "yes" });
    assert.deepEqual(deleted(swept), []);
    assert.equal(swept.stdout.split("\n").filter(Boolean).length, 9);
  });

  it("sends one request per kind if there is nothing, with either of the plugin's tokens", async () => {
    for (const name of ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"]) {
      const none = { DIGITALOCEAN_TOKEN: "", [name]: "its token", TOKEN: "another" };
      const swept = await sweep(account({}), none);
      assert.notEqual(swept.status, 0);
      assert.deepEqual([...swept.tokens], ["Bearer its token"]);
    }
    const empty = Object.entries(ACCOUNT).map(([path, { key }]) => [path, { key, all: [] }]);
    const swept = await sweep(account(Object.fromEntries(empty)));
    assert.deepEqual([swept.status, swept.stdout, swept.requests.length], [0, "", 7]);
  });

  it("reads lists with several pages", async () => {
    const all = Array.from({ length: 200 }, (_, id) => ({ id, name: "another" }));
    const own = account();
    const swept = await sweep((request) => {
      const { pathname, searchParams } = new URL(request.url ?? "", "http://cloud");
      if (pathname !== "/v2/vpcs" || searchParams.get("page") !== "1") return own(request);
      return { status: 200, body: { vpcs: all } };
    });
    assert.ok(deleted(swept).includes("vpcs/v1"), swept.stderr);
  });

  it("retries when it is throttled, or something is still in use", async () => {
    const own = account();
    const moments = [503, 429, 409, 412, 422];
    const swept = await sweep((request) => {
      const refused = request.method === "DELETE" && request.url?.endsWith("/vpcs/v1");
      const status = refused ? moments.shift() : undefined;
      return status ? { status } : own(request);
    });
    assert.equal(swept.status, 0, swept.stderr);
    assert.equal(deleted(swept).filter((one) => one === "vpcs/v1").length, 6);
  });

  it("fails with the cloud's message when it is refused", async () => {
    const body = { id: "Unauthorized", message: "Unable to authenticate you" };
    const { status, stderr } = await sweep(() => ({ status: 401, body }));
    assert.notEqual(status, 0);
    assert.match(stderr, /GET \S+ was answered with 401: .*Unable to authenticate you/);
    assert.doesNotMatch(stderr, /secret/);
  });
});
