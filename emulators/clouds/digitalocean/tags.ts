import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account } from "./account";
import type { Context } from "./context";
import { unprocessable } from "./errors";
import { bodyOf, page } from "./requests";

const creation = z.object({ name: z.string() });
const resources = z.object({
  resources: z.array(z.object({ resource_id: z.string(), resource_type: z.literal("droplet") })),
});

export function tagRoutes(server: FastifyInstance, { account, packetFilter }: Context): void {
  server.post("/tags", async (request, reply) => {
    const { name } = bodyOf(creation, request);
    addTags(account, [name]);
    reply.code(201);
    return { tag: tagView(account, name) };
  });

  server.get("/tags", async (request) =>
    page(
      request,
      "tags",
      [...account.tags.values()].map((tag) => tagView(account, tag)),
    ),
  );

  server.get<{ Params: { name: string } }>("/tags/:name", async ({ params }) => ({
    tag: tagView(account, params.name),
  }));

  server.delete<{ Params: { name: string } }>("/tags/:name", async ({ params }, reply) => {
    const tag = account.tag(params.name);
    for (const droplet of account.droplets.values()) droplet.tags.delete(tag);
    for (const firewall of account.firewalls.values()) {
      firewall.tags = firewall.tags.filter((name) => name !== tag);
    }
    account.tags.delete(tag.toLowerCase());
    packetFilter.update();
    reply.code(204);
  });

  server.post<{ Params: { name: string } }>("/tags/:name/resources", async (request, reply) => {
    const tag = account.tag(request.params.name);
    const { resources: wanted } = bodyOf(resources, request);
    for (const { resource_id: id } of wanted) account.droplet(id).tags.add(tag);
    packetFilter.update();
    reply.code(204);
  });

  server.delete<{ Params: { name: string } }>("/tags/:name/resources", async (request, reply) => {
    const tag = account.tag(request.params.name);
    const { resources: wanted } = bodyOf(resources, request);
    for (const { resource_id: id } of wanted) account.droplet(id).tags.delete(tag);
    packetFilter.update();
    reply.code(204);
  });
}

/**
 * Creates those tags that do not exist.
 *
 * @returns the names in their original spelling
 */
export function addTags(account: Account, names: readonly string[]): string[] {
  for (const name of names) {
    if (!/^[A-Za-z0-9:_-]{1,255}$/.test(name)) {
      throw unprocessable(
        "tags may contain letters, numbers, colons, dashes, and underscores; there is a limit of 255 characters per tag",
      );
    }
  }
  return names.map((name) => {
    const key = name.toLowerCase();
    const tag = account.tags.get(key) ?? name;
    account.tags.set(key, tag);
    return tag;
  });
}

function tagView(account: Account, name: string): object {
  const tag = account.tag(name);
  const count = account.tagged(tag).length;
  const none = { count: 0 };
  return {
    name: tag,
    resources: {
      count,
      droplets: { count },
      images: none,
      volumes: none,
      volume_snapshots: none,
      databases: none,
    },
  };
}
