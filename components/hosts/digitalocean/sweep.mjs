// The sweep (../sweep.ts) of a DigitalOcean account, for `node --input-type=module -`. It uses the plugin's token from
// the environment. Droplets carry the tag, and so does the droplet that a reserved address is assigned to. The names of
// all other resources begin with the tag.
const { TAG, KNOWN, DRY_RUN } = process.env;
const api = process.env.DIGITALOCEAN_API_URL || "https://api.digitalocean.com";
const token = process.env.DIGITALOCEAN_TOKEN || process.env.DIGITALOCEAN_ACCESS_TOKEN;
const known = new Set(KNOWN.split("\n"));
const deadline = Date.now() + 300_000;

/** Too many requests, a temporary fault of the cloud, or something that still uses the resource. */
const PASSING = [409, 412, 422, 429];

/** The response's body, retried until the cloud gives it; undefined when the resource does not exist. */
async function request(path, method = "GET") {
  for (;;) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${api}/v2/${path}`, { method, headers });
    if (response.status === 404 || response.status === 204) return undefined;
    if (response.ok) return response.json();
    const passing = response.status >= 500 || PASSING.includes(response.status);
    if (!passing || Date.now() > deadline) {
      const words = await response.text();
      throw new Error(`${method} ${path} was answered with ${response.status}: ${words}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

async function list(path, key) {
  const found = [];
  for (let page = 1; ; page++) {
    const query = new URLSearchParams({ per_page: "200", page: `${page}` });
    const answer = await request(`${path}${path.includes("?") ? "&" : "?"}${query}`);
    const some = answer?.[key] ?? [];
    found.push(...some);
    if (some.length < 200) return found;
  }
}

const named = ({ name }) => name === TAG || name.startsWith(`${TAG}-`);
const byId = ({ id }) => `${id}`;
const byName = ({ name }) => name;
const byAddress = ({ ip }) => ip;
/** In the order in which they can be deleted. */
const KINDS = [
  {
    kind: "reserved address",
    type: "reservedIp:ReservedIp",
    find: async () =>
      (await list("reserved_ips", "reserved_ips")).filter(({ droplet }) =>
        droplet?.tags?.includes(TAG),
      ),
    path: "reserved_ips",
    id: byAddress,
    name: byAddress,
  },
  {
    kind: "droplet",
    type: "droplet:Droplet",
    find: () => list(`droplets?tag_name=${encodeURIComponent(TAG)}`, "droplets"),
    path: "droplets",
  },
  {
    kind: "firewall",
    type: "firewall:Firewall",
    find: async () => (await list("firewalls", "firewalls")).filter(named),
    path: "firewalls",
  },
  {
    kind: "SSH key",
    type: "sshKey:SshKey",
    find: async () => (await list("account/keys", "ssh_keys")).filter(named),
    path: "account/keys",
  },
  {
    kind: "project",
    type: "project:Project",
    find: async () => (await list("projects", "projects")).filter(named),
    path: "projects",
  },
  {
    kind: "VPC",
    type: "vpc:Vpc",
    find: async () => (await list("vpcs", "vpcs")).filter(named),
    path: "vpcs",
  },
  {
    kind: "tag",
    type: "tag:Tag",
    find: async () => (await list("tags", "tags")).filter(named),
    path: "tags",
    id: byName,
  },
];

async function unknown({ type, find, id = byId }) {
  return (await find()).filter((one) => !known.has(`digitalocean:index/${type} ${id(one)}`));
}

async function sweep(kind, found) {
  const { id = byId, name = byName } = kind;
  const seen = new Set();
  let left = found;
  while (left.length > 0) {
    for (const one of left) {
      const label = id(one) === name(one) ? name(one) : `${name(one)} (${id(one)})`;
      if (!seen.has(label)) console.log(`${kind.kind} ${label}`);
      seen.add(label);
      if (!DRY_RUN) await request(`${kind.path}/${encodeURIComponent(id(one))}`, "DELETE");
    }
    if (DRY_RUN) return;
    left = await unknown(kind);
    if (left.length === 0) return;
    if (Date.now() > deadline) throw new Error(`still there: ${kind.kind} ${[...seen].join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const found = await Promise.all(KINDS.map(unknown));
for (const [index, kind] of KINDS.entries()) await sweep(kind, found[index]);
