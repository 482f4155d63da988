import { z } from "zod";

// Written into OpenSSH's configuration, so neither blanks nor quotes.
const word = z.string().regex(/^[^\s"'\\]+$/, "must be one word");
const hostKey = z
  .string()
  .regex(/^(ssh-|ecdsa-)\S+ [A-Za-z0-9+/=]+$/, "must be an SSH public key without a comment");
const port = z.int().min(1).max(65535);

const endpoint = z.object({ address: word, port, user: word, hostKey });

/** The stack output `cluster`: the same on every cloud. */
export const clusterSchema = z.object({
  stack: word,
  cloud: word,
  manager: endpoint.extend({ name: word, privateAddress: word }),
  workers: z.array(z.object({ name: word, id: word, privateAddress: word, user: word, hostKey })),
  bastion: endpoint,
  image: word,
  network: word,
  overlayPrefix: word,
});

export const outputsSchema = z.object({
  cluster: clusterSchema,
  privateKey: z.string().includes("PRIVATE KEY", { error: "must be a private key" }),
});
