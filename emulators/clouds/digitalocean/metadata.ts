import type { FastifyInstance, FastifyRequest } from "fastify";
import { toText } from "../machines/addresses";
import type { Droplet } from "./account";
import type { Context } from "./context";

/** The metadata service: describes a machine to itself; the source address identifies it. */
export function metadataRoutes(server: FastifyInstance, { account, machines }: Context): void {
  server.addHook("onRequest", async (request, reply) => {
    if (!asking(request)) return reply.code(404).type("text/plain").send("not found");
  });

  server.get("/v1.json", async (request) => metadataOf(requireAsking(request)));

  server.get<{ Params: { "*": string } }>("/v1/*", async (request, reply) => {
    const droplet = requireAsking(request);
    const text = textAt(metadataOf(droplet), request.params["*"].split("/"));
    reply.type("text/plain");
    if (text !== undefined) return text;
    reply.code(404);
    return "not found";
  });

  function asking({ ip }: FastifyRequest): Droplet | undefined {
    const id = machines.byAddress(ip.replace(/^::ffff:/, ""));
    return id === undefined ? undefined : account.droplets.get(Number(id));
  }

  function requireAsking(request: FastifyRequest): Droplet {
    const droplet = asking(request);
    if (!droplet) throw new Error("no machine asks");
    return droplet;
  }
}

type Metadata = string | number | string[] | { [key: string]: Metadata };

/** The content of /metadata/v1.json. */
function metadataOf({ id, name, region, tags, keys, userData, addresses, vpc }: Droplet): {
  [key: string]: Metadata;
} {
  const card = (type: string, address: string, netmask: string) => ({
    "0": { type, ipv4: { address, netmask } },
  });
  return {
    id,
    hostname: name,
    "user-data": userData,
    "vendor-data": "",
    "public-keys": keys.map(({ publicKey }) => publicKey),
    region,
    tags: [...tags],
    interfaces: addresses
      ? {
          public: card("public", addresses.publicAddress, "255.255.255.0"),
          private: card(
            "private",
            addresses.privateAddress,
            toText(2 ** 32 - 2 ** (32 - vpc.range.prefix)),
          ),
        }
      : {},
    dns: { nameservers: ["67.207.67.2", "67.207.67.3"] },
  };
}

/** The content of a path: lists a line an item, and the names below it. */
function textAt(metadata: Metadata, path: string[]): string | undefined {
  let found: Metadata | undefined = metadata;
  for (const name of path.filter(Boolean)) {
    if (typeof found !== "object" || Array.isArray(found)) return undefined;
    found = found[name];
  }
  if (found === undefined) return undefined;
  if (Array.isArray(found)) return found.join("\n");
  if (typeof found !== "object") return String(found);
  return Object.entries(found)
    .map(([name, value]) =>
      typeof value === "object" && !Array.isArray(value) ? `${name}/` : name,
    )
    .join("\n");
}
