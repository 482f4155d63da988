import { join } from "node:path";
import { type Output, type Resource, secret, unsecret } from "@pulumi/pulumi";
import { localScript, MADE_ONCE } from "./script";

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
 *
 * @param renewal makes a new key, once for each value
 */
export function sshKey(name: string, parent: Resource, renewal?: string): SshKey {
  const command = localScript(
    name,
    { script: join(__dirname, "ssh-key.sh"), logged: false, triggers: [renewal ?? ""] },
    {
      parent,
      additionalSecretOutputs: ["stdout"],
      // Nor must a past renewal make a new key.
      ignoreChanges: [...MADE_ONCE, ...(renewal === undefined ? ["triggers"] : [])],
    },
  );
  const pair = secret(command.stdout).apply((stdout) => {
    const [publicKey = "", ...privateKey] = stdout.split("\n");
    return { publicKey, privateKey: `${privateKey.join("\n").trim()}\n` };
  });
  return { privateKey: pair.privateKey, publicKey: unsecret(pair.publicKey) };
}
