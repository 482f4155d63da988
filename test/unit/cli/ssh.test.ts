import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { knownHosts, sshConfig } from "../../../cli/ssh/config";
import { explainSsh } from "../../../cli/ssh/errors";
import { quote, remoteCommand } from "../../../cli/ssh/remote-command";
import { cluster } from "./fixtures";

describe("OpenSSH's configuration", () => {
  let directory: string;
  before(() => {
    // With a blank, as in some users' folders.
    directory = mkdtempSync(join(tmpdir(), "ssh config-"));
    const files = {
      directory,
      config: join(directory, "config"),
      key: join(directory, "key"),
      knownHosts: join(directory, "known_hosts"),
    };
    writeFileSync(files.config, sshConfig(cluster, files));
  });
  after(() => rmSync(directory, { recursive: true }));

  /** OpenSSH's interpretation of it. */
  function settings(host: string): Map<string, string> {
    const { stdout, stderr } = spawnSync(
      "ssh",
      ["-T", "-F", join(directory, "config"), "-G", host],
      {
        encoding: "utf8",
      },
    );
    assert.equal(stderr, "");
    return new Map(
      stdout.split("\n").map((line) => {
        const [, key = "", value = ""] = /^(\S+) (.*)$/.exec(line) ?? [];
        return [key, value];
      }),
    );
  }

  it("verifies every host and uses no other key", () => {
    for (const host of ["manager", "worker-0", "worker-1", "bastion"]) {
      const of = settings(host);
      assert.equal(of.get("stricthostkeychecking"), "true");
      assert.equal(of.get("hostkeyalias"), host);
      assert.equal(of.get("userknownhostsfile"), join(directory, "known_hosts"));
      assert.equal(of.get("globalknownhostsfile"), "/dev/null");
      assert.equal(of.get("identityfile"), join(directory, "key"));
      assert.equal(of.get("identitiesonly"), "yes");
      assert.equal(of.get("batchmode"), "yes");
      assert.equal(of.get("forwardagent"), "no");
      assert.equal(of.get("serveraliveinterval"), "15");
    }
  });

  it("reaches manager and bastion on their ports, workers through the manager", () => {
    assert.equal(settings("manager").get("port"), "32775");
    assert.equal(settings("bastion").get("port"), "32776");
    assert.equal(settings("bastion").get("user"), "tunnel");
    assert.equal(settings("worker-1").get("hostname"), "172.18.0.4");
    assert.match(settings("worker-1").get("proxycommand") ?? "", / -W \[%h\]:%p manager$/);
    assert.equal(settings("manager").get("proxycommand"), undefined);
  });

  it("pins every host's key", () => {
    assert.equal(
      knownHosts(cluster),
      "manager ssh-ed25519 AAAAM\nworker-0 ssh-ed25519 AAAAW0\nworker-1 ssh-ed25519 AAAAW1\nbastion ssh-ed25519 AAAAB\n",
    );
  });
});

describe("OpenSSH's messages", () => {
  for (const [host, messages, code, text] of [
    [
      "manager",
      "ssh: connect to host 127.0.0.1 port 32775: Connection refused\r\n",
      "unreachable",
      /manager of stack dev does not answer at 127\.0\.0\.1 port 32775 \(Connection refused\)/,
    ],
    [
      "worker-1",
      "channel 0: open failed: connect failed: No route to host\r\nstdio forwarding failed\r\n",
      "unreachable",
      /worker-1 .* behind manager/,
    ],
    [
      "bastion",
      "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\r\n",
      "hostKey",
      /a different host key/,
    ],
    ["manager", "root@127.0.0.1: Permission denied (publickey).\r\n", "denied", /stack's key/],
  ] as const) {
    it(`are explained: ${messages.split("\r")[0]}`, () => {
      const error = explainSsh(host, messages, cluster);
      assert.equal(error?.code, code);
      assert.match(error?.message ?? "", text);
    });
  }

  it("distinguish a cut connection from a command that ended", () => {
    const begin = "debug1: Connection established.\r\ndebug1: Sending command: x\r\n";
    const end = "debug1: client_input_channel_req: channel 0 rtype exit-status reply 0\r\n";
    assert.match(explainSsh("manager", begin, cluster)?.message ?? "", /the connection was cut/);
    assert.equal(explainSsh("manager", begin + end, cluster), undefined);
  });

  it("if missing, mean that the command itself ended so", () => {
    assert.equal(explainSsh("manager", "", cluster), undefined);
  });
});

describe("remote commands", () => {
  it("pass the host's shell unchanged, whatever is in them", () => {
    for (const word of ["plain", "", "it's", 'a "b" $c `d` \\', "new\nline", "*"]) {
      const { stdout } = spawnSync("sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" });
      assert.equal(stdout, word);
    }
  });

  it("carry the script and its arguments", () => {
    const command = remoteCommand(join(__dirname, "../../../cli/status/disks.sh"), "a b");
    assert.match(command, /^exec bash -c 'export SPARK_USER=185\n/);
    assert.match(command, /\ncontainer_of\(\) .*\n#!\/usr\/bin\/env bash\n/);
    assert.match(command, / disks\.sh 'a b'$/);
  });
});
