import assert from "node:assert/strict";
import { type EmulatedCloud, startCloud } from "./daemon";
import { type Answer, DROPLET, TestClient } from "./digitalocean-api";

const KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINgwnPl5R6SiIJAov3oJcXRFKf25RNV+/4AOdOIsk0E4 somebody";

describe("The emulated DigitalOcean", function () {
  this.timeout("5m");
  let cloud: EmulatedCloud;
  let api: TestClient;

  before(async () => {
    cloud = await startCloud("digitalocean", { machines: "simulated", boot: 0, provision: 0.2 });
    api = new TestClient(cloud.env);
  });
  after(() => cloud?.stop());
  afterEach(() => cloud.clearFaults());

  function refused(answer: Answer, status: number, message: RegExp, id?: string): void {
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.body.message, message);
    if (id) assert.equal(answer.body.id, id);
  }

  const vpc = async (name: string, spec: object = {}): Promise<string> => {
    const { body } = await api.post("/vpcs", { name, region: "fra1", ...spec });
    return body.vpc.id;
  };

  describe("accepts", () => {
    it("no request without a known token", async () => {
      for (const token of ["", "dop_v1_0123"]) {
        refused(
          await api.send("GET", "/account", undefined, token),
          401,
          /^Unable to authenticate you$/,
          "unauthorized",
        );
      }
      assert.equal((await api.get("/account")).body.account.status, "active");
    });

    it("a token that may only delete droplets for nothing else", async () => {
      const id = await api.droplet({ name: "one", tags: ["doomed"] });
      const other = await api.droplet({ name: "two", tags: ["doomed"] });
      const { deleteToken } = api;
      for (const path of ["/droplets", "/account", `/droplets/${id}`]) {
        refused(await api.send("GET", path, undefined, deleteToken), 403, /not authorized/);
      }
      refused(await api.send("DELETE", "/tags/doomed", undefined, deleteToken), 403, /authorized/);
      assert.equal(
        (await api.send("DELETE", `/droplets/${id}`, undefined, deleteToken)).status,
        204,
      );
      const byTag = await api.send("DELETE", "/droplets?tag_name=doomed", undefined, deleteToken);
      assert.equal(byTag.status, 204);
      await api.isGone(`/droplets/${id}`);
      await api.isGone(`/droplets/${other}`);
    });

    it("no more requests than the limit", async () => {
      await cloud.control("limits", { requestsPerMinute: 2 });
      assert.equal((await api.get("/regions")).headers.get("ratelimit-limit"), "2");
      await api.get("/regions");
      const answer = await api.get("/regions");
      refused(answer, 429, /^API rate limit exceeded/, "too_many_requests");
      assert.equal(answer.headers.get("ratelimit-remaining"), "0");
      const wait = Number(answer.headers.get("retry-after"));
      assert(wait > 50 && wait <= 61, `${wait}`);
    });
  });

  describe("fails on order", () => {
    it("before the work or after it", async () => {
      const order = { method: "POST", path: "^/v2/tags$", status: 500 };
      await cloud.control("faults", { ...order, message: "oops" });
      refused(await api.post("/tags", { name: "early" }), 500, /^oops$/, "server_error");
      assert.equal((await api.get("/tags/early")).status, 404);
      await cloud.control("faults", { ...order, after: true });
      refused(await api.post("/tags", { name: "late" }), 500, /./);
      assert.equal((await api.get("/tags/late")).body.tag.name, "late");
    });
  });

  describe("a droplet", () => {
    for (const [what, spec, message] of [
      ["region", { region: "mars1" }, /^You specified an invalid region for Droplet creation\.$/],
      ["region, which is full", { region: "nyc2" }, /^Region is not available$/],
      ["size", { size: "huge" }, /^You specified an invalid size for Droplet creation\.$/],
      [
        "size, which the region lacks",
        { size: "c-8", region: "lon1" },
        /^Size is not available in this region\.$/,
      ],
      ["image", { image: "windows" }, /^You specified an invalid image for Droplet creation\.$/],
      ["image number", { image: 5 }, /^You specified an invalid image for Droplet creation\.$/],
      [
        "key",
        { ssh_keys: [1, "aa:bb"] },
        /^1, aa:bb are invalid key identifiers for Droplet creation\.$/,
      ],
      ["VPC", { vpc_uuid: "none" }, /VPC/],
      ["hostname", { name: "a_b" }, /^Only valid hostname characters are allowed\./],
      ["tag", { tags: ["a b"] }, /^tags may contain/],
      ["length of user data", { user_data: "x".repeat(65537) }, /^User data is too long/],
    ] as const) {
      it(`is refused for its ${what}`, async () => {
        refused(
          await api.post("/droplets", { ...DROPLET, ...spec }),
          422,
          message,
          "unprocessable_entity",
        );
      });
    }

    it("is refused in a VPC of another region, or beyond the limit", async () => {
      const id = await vpc("elsewhere", { region: "nyc3" });
      refused(await api.post("/droplets", { ...DROPLET, vpc_uuid: id }), 422, /same region/);
      await cloud.control("limits", { droplets: 0 });
      refused(
        await api.post("/droplets", DROPLET),
        422,
        /^creating this\/these droplet\(s\) will exceed your droplet limit$/,
      );
      await api.delete(`/vpcs/${id}`);
    });

    it("is new at first, then active with its addresses, until it is deleted", async () => {
      const id = await vpc("home", { ip_range: "10.77.0.0/20" });
      const { status, body } = await api.post("/droplets", {
        ...DROPLET,
        vpc_uuid: id,
        monitoring: true,
        tags: ["cluster"],
      });
      assert.equal(status, 202);
      assert.equal(body.droplet.status, "new");
      assert.deepEqual(body.droplet.networks.v4, []);
      const path = `/droplets/${body.droplet.id}`;
      const { droplet } = (await api.until(path, (now) => now.body.droplet.status === "active"))
        .body;
      const { memory, vcpus, disk, features, tags, vpc_uuid, size, networks } = droplet;
      assert.deepEqual(
        { memory, vcpus, disk, tags },
        { memory: 4096, vcpus: 2, disk: 80, tags: ["cluster"] },
      );
      assert.deepEqual(features, ["monitoring", "droplet_agent", "private_networking"]);
      assert.equal(vpc_uuid, id);
      assert.equal(size.price_hourly, 0.03571);
      assert.deepEqual(
        networks.v4.map(({ type }) => type),
        ["private", "public"],
      );
      assert.match(networks.v4[0]?.ip_address ?? "", /^10\.77\./);
      const { members } = (await api.get(`/vpcs/${id}/members`)).body;
      assert.equal(members[0]?.urn, `do:droplet:${droplet.id}`);
      refused(
        await api.delete(`/vpcs/${id}`),
        409,
        /^Can not delete VPC with members$/,
        "conflict",
      );
      assert.equal((await api.delete(path)).status, 204);
      await api.isGone(path);
      assert.equal((await api.delete(`/vpcs/${id}`)).status, 204);
    });

    it("without a VPC is in its region's default one", async () => {
      const id = await api.droplet();
      const { vpc_uuid } = (await api.get(`/droplets/${id}`)).body.droplet;
      assert.equal((await api.get(`/vpcs/${vpc_uuid}`)).body.vpc.name, "default-fra1");
      await api.delete(`/droplets/${id}`);
      await api.isGone(`/droplets/${id}`);
    });

    it("is found by its name and its tags, a page at a time", async () => {
      const ids = await Promise.all(
        [1, 2, 3].map((n) => api.droplet({ name: `n${n}`, tags: ["Many"] })),
      );
      const { droplets, links, meta } = (await api.get("/droplets?tag_name=many&per_page=2")).body;
      assert.deepEqual([droplets.length, meta.total], [2, 3]);
      const next = new URL(links.pages.next).searchParams;
      assert.deepEqual([next.get("page"), next.get("tag_name")], ["2", "many"]);
      assert.equal(links.pages.last, links.pages.next);
      const named = (await api.get("/droplets?name=n2")).body.droplets;
      assert.deepEqual(
        named.map(({ id }) => id),
        [ids[1]],
      );
      assert.equal((await api.delete("/droplets?tag_name=many")).status, 204);
      for (const id of ids) await api.isGone(`/droplets/${id}`);
    });

    it("changes its size only while it is off, and never to a smaller disk", async () => {
      const id = await api.droplet();
      const path = `/droplets/${id}/actions`;
      const act = async (action: object) => {
        const { status, body } = await api.post(path, action);
        assert.equal(status, 201, JSON.stringify(body));
        await api.until(
          `/actions/${body.action.id}`,
          (answer) => answer.body.action.status === "completed",
        );
      };
      const resize = (size: string) => ({ type: "resize", size, disk: true });
      refused(await api.post(path, resize("s-4vcpu-8gb")), 422, /^Droplet is currently on\./);
      await act({ type: "power_off" });
      refused(await api.post(path, { type: "power_off" }), 422, /already powered off/);
      refused(await api.post(path, resize("s-1vcpu-1gb")), 422, /can not decrease/);
      await act(resize("s-4vcpu-8gb"));
      await act({ type: "power_on" });
      await act({ type: "rename", name: "renamed" });
      const { droplet } = (await api.get(`/droplets/${id}`)).body;
      assert.deepEqual(
        [droplet.name, droplet.status, droplet.size.slug, droplet.disk],
        ["renamed", "active", "s-4vcpu-8gb", 160],
      );
      await api.delete(`/droplets/${id}`);
      await api.isGone(`/droplets/${id}`);
    });

    it("is off when it powered off itself, and active when it was lost", async () => {
      const off = await api.droplet({ name: "tired" });
      await cloud.control("machines/tired/off");
      assert.equal((await api.get(`/droplets/${off}`)).body.droplet.status, "off");
      const lost = await api.droplet({ name: "lost" });
      await cloud.control("machines/lost/lose");
      assert.equal((await api.get(`/droplets/${lost}`)).body.droplet.status, "active");
      for (const id of [off, lost]) {
        await api.delete(`/droplets/${id}`);
        await api.isGone(`/droplets/${id}`);
      }
    });
  });

  describe("a VPC", () => {
    for (const [what, range, message] of [
      ["is no range", "10.0.0.0", /invalid CIDR/],
      ["is not the first address of its range", "10.0.0.1/24", /invalid CIDR/],
      ["is public", "8.8.0.0/20", /private/],
      ["is too large", "10.0.0.0/8", /between \/16 and \/28/],
      ["is the cloud's own", "10.244.0.0/20", /reserved/],
      ["is taken", "10.114.8.0/24", /^This range\/size overlaps with another VPC network/],
    ] as const) {
      it(`is refused whose range ${what}`, async () => {
        refused(
          await api.post("/vpcs", { name: "v", region: "fra1", ip_range: range }),
          422,
          message,
        );
      });
    }

    it("has a unique name", async () => {
      const id = await vpc("single");
      refused(await api.post("/vpcs", { name: "single", region: "nyc1" }), 422, /already exists/);
      refused(await api.post("/vpcs", { name: "a b", region: "nyc1" }), 422, /alphanumeric/);
      await api.delete(`/vpcs/${id}`);
    });

    it("that is the first of its region cannot be deleted until another is the default", async () => {
      const first = await vpc("first", { region: "sfo3" });
      refused(await api.delete(`/vpcs/${first}`), 403, /default/, "forbidden");
      const second = await vpc("second", { region: "sfo3" });
      await api.send("PUT", `/vpcs/${second}`, { name: "second", default: true });
      assert.equal((await api.delete(`/vpcs/${first}`)).status, 204);
      assert.deepEqual(
        (await cloud.state()).filter(({ kind }) => kind === "vpc").map(({ name }) => name),
        ["second"],
      );
    });
  });

  it("knows a public key once", async () => {
    const { ssh_key: key } = (await api.post("/account/keys", { name: "a", public_key: KEY })).body;
    assert.equal(key.fingerprint, "7e:12:91:96:e3:8b:de:67:02:4c:15:60:57:f1:c1:22");
    refused(
      await api.post("/account/keys", { name: "b", public_key: `${KEY} else` }),
      422,
      /^SSH Key is already in use on your account$/,
    );
    refused(
      await api.post("/account/keys", { name: "b", public_key: "ssh-rsa x" }),
      422,
      /invalid/,
    );
    const id = await api.droplet({ ssh_keys: [key.fingerprint, key.id] });
    await api.delete(`/droplets/${id}`);
    assert.equal((await api.delete(`/account/keys/${key.id}`)).status, 204);
    await api.isGone(`/droplets/${id}`);
  });

  it("compares tags case-insensitively", async () => {
    await api.post("/tags", { name: "Spark" });
    const id = await api.droplet({ tags: ["spark"] });
    assert.deepEqual((await api.get(`/droplets/${id}`)).body.droplet.tags, ["Spark"]);
    assert.equal((await api.get("/tags/SPARK")).body.tag.resources.droplets.count, 1);
    const resources = [{ resource_id: `${id}`, resource_type: "droplet" }];
    assert.equal((await api.delete("/tags/spark/resources", { resources })).status, 204);
    assert.deepEqual((await api.get("/droplets?tag_name=spark")).body.droplets, []);
    assert.equal((await api.post("/tags/spark/resources", { resources })).status, 204);
    assert.equal((await api.delete("/tags/spark")).status, 204);
    assert.deepEqual((await api.get(`/droplets/${id}`)).body.droplet.tags, []);
    assert.equal((await api.post("/tags/spark/resources", { resources })).status, 404);
    await api.delete(`/droplets/${id}`);
    await api.isGone(`/droplets/${id}`);
  });

  it("refuses firewalls that it could not apply", async () => {
    const rule = (spec: object = {}) => ({
      protocol: "tcp",
      ports: "22",
      sources: { addresses: ["0.0.0.0/0", "::/0"] },
      ...spec,
    });
    const wall = (spec: object = {}) => ({ name: "wall", inbound_rules: [rule()], ...spec });
    for (const [spec, message] of [
      [{ inbound_rules: [] }, /at least one rule/],
      [{ name: "a_b" }, /alphanumeric/],
      [{ tags: ["nowhere"] }, /tag nowhere does not exist/],
      [{ droplet_ids: [7] }, /droplet 7 does not exist/],
      [{ inbound_rules: [rule({ sources: { tags: ["nowhere"] } })] }, /nowhere/],
      [{ inbound_rules: [rule({ sources: {} })] }, /at least one source/],
      [{ inbound_rules: [rule({ sources: { addresses: ["1.2.3"] } })] }, /^invalid address$/],
      [{ inbound_rules: [rule({ ports: "9-8" })] }, /^invalid ports$/],
      [{ inbound_rules: [rule({ protocol: "gre" })] }, /protocol/],
      [{ inbound_rules: Array(51).fill(rule()) }, /at most 50 rules/],
    ] as const) {
      refused(await api.post("/firewalls", wall(spec)), 422, message);
    }
    const made = await api.post("/firewalls", wall());
    assert.equal(made.status, 202);
    refused(await api.post("/firewalls", wall()), 409, /^duplicate name$/, "conflict");
    assert.equal((await api.delete(`/firewalls/${made.body.firewall.id}`)).status, 204);
  });

  it("keeps a project as long as it has resources", async () => {
    const { project } = (await api.post("/projects", { name: "spark", purpose: "Apache Spark" }))
      .body;
    assert.equal(project.purpose, "Other: Apache Spark");
    refused(await api.post("/projects", { name: "spark", purpose: "x" }), 409, /in use/);
    const id = await api.droplet();
    const urn = `do:droplet:${id}`;
    const assign = async (to: string) => {
      const answer = await api.post(`/projects/${to}/resources`, {
        resources: [urn, "do:droplet:1"],
      });
      return answer.body.resources.map(({ status }) => status);
    };
    assert.deepEqual(await assign(project.id), ["assigned", "not_found"]);
    assert.equal((await api.get(`/projects/${project.id}/resources`)).body.resources[0]?.urn, urn);
    refused(
      await api.delete(`/projects/${project.id}`),
      412,
      /^cannot delete a project with resources$/,
    );
    assert.deepEqual(await assign("default"), ["assigned", "not_found"]);
    assert.equal((await api.delete(`/projects/${project.id}`)).status, 204);
    await api.delete(`/droplets/${id}`);
    await api.isGone(`/droplets/${id}`);
  });

  it("assigns reserved addresses to droplets of their region", async () => {
    const id = await api.droplet();
    const reserve = async (region: string) =>
      (await api.post("/reserved_ips", { region })).body.reserved_ip.ip;
    const [address, far] = [await reserve("fra1"), await reserve("nyc1")];
    const act = (ip: string, action: object) => api.post(`/reserved_ips/${ip}/actions`, action);
    const assign = { type: "assign", droplet_id: id };
    refused(await act(far, assign), 422, /same region/);
    refused(await act(address, { type: "unassign" }), 422, /not assigned/);
    const { action } = (await act(address, assign)).body;
    await api.until(
      `/reserved_ips/${address}/actions/${action.id}`,
      (answer) => answer.body.action.status === "completed",
    );
    assert.equal((await api.get(`/reserved_ips/${address}`)).body.reserved_ip.droplet?.id, id);
    await api.delete(`/droplets/${id}`);
    await api.isGone(`/droplets/${id}`);
    assert.equal((await api.get(`/reserved_ips/${address}`)).body.reserved_ip.droplet, null);
    for (const ip of [address, far]) {
      assert.equal((await api.delete(`/reserved_ips/${ip}`)).status, 204);
    }
  });
});
