import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pluginsServing } from "../../suite/plugins";

describe("the plugins that serve tests", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "plugins-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are stand-ins on a machine that cannot have others", () => {
    assert.equal(
      pluginsServing({ SPARK_SWARM_STAND_INS: "command docker " }),
      "Official Pulumi plugins: none; stand-ins: command, docker, digitalocean, aws",
    );
  });

  it("are official ones if these exist, except for emulated clouds", () => {
    assert.equal(
      pluginsServing({ SPARK_SWARM_STAND_INS: "" }),
      "Official Pulumi plugins: command, docker; stand-ins: digitalocean, aws",
    );
  });

  it("are official ones on emulated clouds, too, if they are given", () => {
    writeFileSync(join(folder, "pulumi-resource-digitalocean"), "");
    assert.equal(
      pluginsServing({ SPARK_SWARM_STAND_INS: "docker", SPARK_SWARM_PLUGINS: folder }),
      "Official Pulumi plugins: command, digitalocean; stand-ins: docker, aws",
    );
  });
});
