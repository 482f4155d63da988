import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Account, SshKey } from "./account";
import type { Context } from "./context";
import { notFound, unprocessable } from "./errors";
import { bodyOf, page } from "./requests";

const name = z.string().min(1, "Name can't be blank");
const creation = z.object({ name, public_key: z.string() });
const change = z.object({ name });

export function sshKeyRoutes(server: FastifyInstance, { account }: Context): void {
  server.post("/account/keys", async (request, reply) => {
    const wanted = bodyOf(creation, request);
    const fingerprint = fingerprintOf(wanted.public_key);
    if (account.key(fingerprint)) {
      throw unprocessable("SSH Key is already in use on your account");
    }
    const key = {
      id: account.newId(),
      name: wanted.name,
      publicKey: wanted.public_key.trim(),
      fingerprint,
    };
    account.keys.set(key.id, key);
    reply.code(201);
    return { ssh_key: keyView(key) };
  });

  server.get("/account/keys", async (request) =>
    page(request, "ssh_keys", [...account.keys.values()].map(keyView)),
  );

  server.get<{ Params: { key: string } }>("/account/keys/:key", async ({ params }) => ({
    ssh_key: keyView(requireKey(account, params.key)),
  }));

  server.put<{ Params: { key: string } }>("/account/keys/:key", async (request) => {
    const key = requireKey(account, request.params.key);
    key.name = bodyOf(change, request).name;
    return { ssh_key: keyView(key) };
  });

  server.delete<{ Params: { key: string } }>("/account/keys/:key", async ({ params }, reply) => {
    account.keys.delete(requireKey(account, params.key).id);
    reply.code(204);
  });
}

function requireKey(account: Account, key: string): SshKey {
  const found = account.key(key);
  if (!found) throw notFound();
  return found;
}

/** The MD5 digest of the key, as ssh-keygen -E md5 shows it. */
function fingerprintOf(publicKey: string): string {
  const [, type = "", blob = ""] = /^\s*(\S+)\s+([A-Za-z0-9+/=]+)/.exec(publicKey) ?? [];
  const bytes = Buffer.from(blob, "base64");
  // A key begins with its type, after the type's length.
  if (!type || bytes.subarray(4, 4 + type.length).toString() !== type) {
    throw unprocessable("Key invalid, key should be of the format `type key [comment]`");
  }
  const digest = createHash("md5").update(bytes).digest("hex");
  return (digest.match(/../g) ?? []).join(":");
}

function keyView({ id, name, publicKey, fingerprint }: SshKey): object {
  return { id, name, fingerprint, public_key: publicKey };
}
