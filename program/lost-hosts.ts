import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  all,
  getOrganization,
  getProject,
  getStack,
  log,
  RunError,
  runtime,
  StackReference,
} from "@pulumi/pulumi";
import { z } from "zod";
import { AWAITED_HOSTS, type Hosts, type Lost } from "../components/hosts/contract";
import { pinned } from "../components/ssh-options";
import { temporaryFolder } from "../components/temporary-folder";
import { clusterSchema } from "./outputs";

/** The state of the existing hosts. */
export interface Look {
  lost: Lost;
  /** Whether there should be a manager and it does not answer. */
  silent: boolean;
}

const endpoint = clusterSchema.shape.manager.pick({ address: true, port: true, hostKey: true });
type Endpoint = z.infer<typeof endpoint>;

const UNANSWERED =
  "The manager does not answer, whatever state its cloud reports. If it is lost, running programs, Spark's event logs and the cluster's store are lost too.";

/**
 * Asks the manager of the last update for lost hosts. A cloud reports a machine as running as long as no request has
 * stopped it, so Pulumi's refresh finds nothing wrong with a dead one.
 */
export async function lookAtHosts(): Promise<Look> {
  const self = `${getOrganization()}/${getProject()}/${getStack()}`;
  const former = new StackReference(self);
  const [cluster, key] = await Promise.all(
    ["cluster", "privateKey"].map((output) => former.getOutputDetails(output)),
  );
  const known = z.object({ manager: endpoint }).safeParse(cluster?.value);
  if (!known.success || typeof key?.secretValue !== "string")
    return { lost: new Map(), silent: false };
  const answer = await ask(known.data.manager, key.secretValue);
  if (answer === undefined && runtime.isDryRun()) log.warn(UNANSWERED);
  const lines = (answer ?? "").split("\n").filter(Boolean);
  return {
    lost: new Map(lines.map((line) => line.split(" ") as [string, string])),
    silent: answer === undefined,
  };
}

/**
 * Fails the update unless the manager, which did not answer before, answers at the end. It cannot check earlier: the
 * update itself may replace the manager, or allow the address of this machine.
 */
export function insistOn({ manager, clientKey }: Hosts): void {
  if (runtime.isDryRun()) return;
  const { ssh, hostKey, resource, boot } = manager;
  all([ssh.address, ssh.port, hostKey, clientKey.privateKey, resource.urn, boot.urn]).apply(
    async ([address, port, pinned, key, urn]) => {
      const there = { address, port, hostKey: pinned };
      for (let attempt = 0; attempt < 3; attempt++) {
        if ((await ask(there, key)) !== undefined) return;
      }
      const message = `${UNANSWERED} Allow your own address (access.allowFrom), start the manager in the cloud's console, or replace it with: pulumi up --replace '${urn}'`;
      // Without a stack trace, even when the program itself has ended.
      throw Object.assign(new RunError(message), { stack: message });
    },
  );
}

/** What lost-hosts.sh prints on a manager; undefined when the manager does not answer. */
async function ask({ address, port, hostKey }: Endpoint, key: string): Promise<string | undefined> {
  const script = readFileSync(join(__dirname, "lost-hosts.sh"), "utf8");
  const folder = temporaryFolder();
  const file = (name: string, text: string) => {
    writeFileSync(join(folder.path, name), text, { mode: 0o600 });
    return join(folder.path, name);
  };
  try {
    const options = Object.entries({
      ...pinned(file("known-hosts", `manager ${hostKey}\n`)),
      IdentityFile: file("key", key),
      HostKeyAlias: "manager",
      ConnectTimeout: "5",
    }).flatMap((option) => ["-o", option.join("=")]);
    const command = ["-F", "none", ...options, "-p", `${port}`, `root@${address}`, "sh -s"];
    return await new Promise((resolve) => {
      const ssh = execFile("ssh", command, { timeout: 20_000 }, (error, stdout) =>
        // 255 is ssh's own; after any other status the script has at least run.
        resolve(error && (error.killed || error.code === 255) ? undefined : stdout),
      );
      // ssh may end before it has read everything.
      ssh.stdin?.on("error", () => {}).end(`AWAITED=${AWAITED_HOSTS}\n${script}`);
    });
  } finally {
    folder.remove();
  }
}
