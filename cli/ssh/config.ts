import { pinned } from "../../components/ssh-options";
import type { Cluster } from "../../program/outputs";

/** The files of a connection, in one directory that only this user can read. */
export interface SshFiles {
  config: string;
  key: string;
  knownHosts: string;
  /** The directory they are in. */
  directory: string;
}

/** Where OpenSSH writes its own messages about a host, separate from the output of remote commands. */
export const logFile = ({ directory }: SshFiles, host: string): string =>
  `${directory}/${host}.log`;

/** OpenSSH's configuration for all hosts of a cluster: `manager`, `worker-0` and so on, and `bastion`. */
export function sshConfig(cluster: Cluster, files: SshFiles): string {
  const { manager, workers, bastion } = cluster;
  return `Host *
  IdentityFile "${files.key}"
${lines(Object.entries(pinned(`"${files.knownHosts}"`)).map((option) => option.join(" ")))}\
  UpdateHostKeys no
  CheckHostIP no
  ForwardAgent no
  ConnectTimeout 10
  ServerAliveInterval 15
  ServerAliveCountMax 4
${host(manager.name, manager.address, manager.user, [
  `Port ${manager.port}`,
  // Several sessions of one command share a connection. It ends with the first of them.
  "ControlMaster auto",
  `ControlPath "${files.directory}/%n"`,
])}${host("bastion", bastion.address, bastion.user, [`Port ${bastion.port}`])}${workers
  .map((worker) =>
    host(worker.name, worker.privateAddress, worker.user, [
      // ProxyJump, but with its messages in the log.
      `ProxyCommand ssh -F "${files.config}" -E "${logFile(files, worker.name)}" -W [%h]:%p ${manager.name}`,
    ]),
  )
  .join("")}`;
}

function host(name: string, address: string, user: string, more: string[]): string {
  const options = [`HostName ${address}`, `User ${user}`, `HostKeyAlias ${name}`, ...more];
  return `Host ${name}\n${lines(options)}`;
}

const lines = (options: string[]): string => options.map((option) => `  ${option}\n`).join("");

/** The hosts' pinned keys. */
export function knownHosts({ manager, workers, bastion }: Cluster): string {
  const hosts = [manager, ...workers, { ...bastion, name: "bastion" }];
  return hosts.map(({ name, hostKey }) => `${name} ${hostKey}\n`).join("");
}
