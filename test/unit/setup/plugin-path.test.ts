import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(__dirname, "../../..");
const standIn = (name: string) => join(root, "emulators/plugins", name, `pulumi-resource-${name}`);

describe("the plugins that Pulumi finds", () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "plugin-path-")));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Puts a plugin into a folder; returns the folder. */
  function plugin(path: string, name: string): string {
    const place = join(folder, path);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `pulumi-resource-${name}`), "#!/bin/sh\n", { mode: 0o755 });
    return place;
  }

  /** The folder of the first plugin of each name on the PATH, and the names of the stand-ins in use. */
  function found(variables: Record<string, string> = {}) {
    const script = `set -eu; source "$1/scripts/setup/plugin-path.sh"
      for name in command docker digitalocean aws; do command -v pulumi-resource-$name || echo none; done
      echo "$SPARK_SWARM_STAND_INS"; echo "\${PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION:-}"`;
    const environment = {
      PATH: "/usr/bin:/bin",
      HOME: join(folder, "user"),
      SPARK_SWARM_ROOT: root,
    };
    const { stdout, stderr, status } = spawnSync("bash", ["-c", script, "-", root], {
      encoding: "utf8",
      env: { ...environment, PULUMI_HOME: join(folder, "home"), ...variables },
    });
    assert.equal(status, 0, stderr);
    const [command, docker, digitalocean, aws, served = "", disabled] = stdout.split("\n");
    return { command, docker, digitalocean, aws, served: served.trim(), disabled };
  }

  it("are stand-ins if no others exist, but none of a cloud", () => {
    assert.deepEqual(found(), {
      command: standIn("command"),
      docker: standIn("docker"),
      digitalocean: "none",
      aws: "none",
      served: "command docker",
      disabled: "true",
    });
  });

  for (const [where, path, variables] of [
    ["on the PATH", "bin", (place: string) => ({ PATH: `/usr/bin:/bin:${place}` })],
    ["in a folder that is given", "given", (place: string) => ({ SPARK_SWARM_PLUGINS: place })],
    ["in the user's own folder", "user/.pulumi/plugins/resource-docker-v5.0.0", () => ({})],
  ] as const) {
    it(`are official ones ${where}, each by itself`, () => {
      const place = plugin(path, "docker");
      const { command, docker, served } = found(variables(place));
      assert.equal(docker, join(place, "pulumi-resource-docker"));
      assert.equal(command, standIn("command"));
      assert.equal(served, "command");
    });
  }

  it("are left to Pulumi if it has official ones, also in a folder that the user chose", () => {
    for (const at of ["command-v1.2.1", "docker-v5.0.0"])
      plugin(`home/plugins/resource-${at}`, at.split("-")[0] ?? "");
    const { command, docker, served, disabled } = found();
    assert.deepEqual([command, docker, served, disabled], ["none", "none", "", ""]);
  });

  it("do not count as official ones because a stand-in is linked under their name", () => {
    const place = join(folder, "home/plugins/resource-docker-v5.0.0");
    mkdirSync(place, { recursive: true });
    symlinkSync(standIn("docker"), join(place, "pulumi-resource-docker"));
    assert.equal(found().served, "command docker");
  });

  it("of an emulated cloud are stand-ins, unless they are given", () => {
    const place = plugin("given", "digitalocean");
    const all = found({ SPARK_SWARM_EMULATED: "1" });
    assert.equal(all.digitalocean, standIn("digitalocean"));
    assert.equal(all.served, "command docker aws digitalocean");
    const some = found({ SPARK_SWARM_EMULATED: "1", SPARK_SWARM_PLUGINS: place });
    assert.equal(some.digitalocean, join(place, "pulumi-resource-digitalocean"));
    assert.equal(some.served, "command docker aws");
  });

  it("cannot be in a missing folder", () => {
    const variables = { ...process.env, SPARK_SWARM_ROOT: root, SPARK_SWARM_PLUGINS: "nowhere" };
    const { stderr, status } = spawnSync(join(root, "scripts/setup/with-plugins"), ["true"], {
      encoding: "utf8",
      env: variables,
    });
    assert.equal(status, 1);
    assert.match(stderr, /^SPARK_SWARM_PLUGINS: there is no folder 'nowhere'; it must be one with/);
  });

  it("are the same when the environment is set up twice", () => {
    const { PATH = "" } = process.env;
    const place = plugin("bin", "docker");
    const again = found({ PATH: `${join(root, "emulators/plugins/docker")}:${place}:${PATH}` });
    assert.equal(again.docker, join(place, "pulumi-resource-docker"));
  });
});
