import { existsSync } from "node:fs";
import { join } from "node:path";
import { CLOUD_NAMES } from "../../program/clouds";
import { standIns } from "../../program/stand-ins";

/** The Pulumi plugins used in tests on clusters: a test with a stand-in proves nothing of the official plugin. */
export function pluginsServing(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.SPARK_SWARM_PLUGINS;
  const emulated = standIns(environment);
  // The clouds are emulated, and use stand-ins unless their plugins are given: see scripts/setup/plugin-path.sh.
  const clouds = CLOUD_NAMES.filter((name) => name !== "local");
  const emulatedClouds = clouds.filter(
    (name) => !given || !existsSync(join(given, `pulumi-resource-${name}`)),
  );
  const served = [...new Set([...emulated, ...emulatedClouds])];
  const official = ["command", "docker", ...clouds].filter((name) => !served.includes(name));
  const list = (names: string[]) => names.join(", ") || "none";
  return `Official Pulumi plugins: ${list(official)}; stand-ins: ${list(served)}`;
}
