import { readFileSync } from "node:fs";
import { join } from "node:path";
import { local } from "@pulumi/command";
import { type Output, type Resource, secret, unsecret } from "@pulumi/pulumi";

/** An Ed25519 key pair in OpenSSH's formats. */
export interface SshKey {
  /** Secret. Ends with a newline, as OpenSSH wants it. */
  privateKey: Output<string>;
  /** `ssh-ed25519 AAAA…`, without a comment. */
  publicKey: Output<string>;
}

/**
 * Makes a key pair with this machine's `ssh-keygen`, once: it lives in the stack's state, encrypted, and
 * nowhere else.
 */
export function sshKey(name: string, parent: Resource): SshKey {
  const command = new local.Command(
    name,
    { create: readFileSync(join(__dirname, "ssh-key.sh"), "utf8"), logging: "none" },
    { parent, additionalSecretOutputs: ["stdout"] },
  );
  const pair = secret(command.stdout).apply((stdout) => {
    const [publicKey = "", ...privateKey] = stdout.split("\n");
    return { publicKey, privateKey: `${privateKey.join("\n").trim()}\n` };
  });
  return { privateKey: pair.privateKey, publicKey: unsecret(pair.publicKey) };
}
