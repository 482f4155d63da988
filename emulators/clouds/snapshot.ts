import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  BASE,
  contextOf,
  extraCertificates,
  reference,
  SEED,
  SWARM_IMAGES,
} from "../../components/images/images";

// Prepares what an emulated cloud offers as a snapshot: a volume with the cluster's images, the same that local
// hosts share. Its name is printed last, all else goes to standard error.

const scripts = join(__dirname, "../../components/images");

function run(script: string, variables: Record<string, string>): void {
  const { status } = spawnSync("sh", ["-c", readFileSync(join(scripts, script), "utf8")], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}

for (const image of ["host", "spark", "bastion"] as const) {
  run("build.sh", {
    IMAGE: reference(image),
    CONTEXT: contextOf(image),
    BASE,
    EXTRA_CA: extraCertificates(),
  });
}
run("seed.sh", {
  SEED,
  HOST_IMAGE: reference("host"),
  IMAGES: Object.values(SWARM_IMAGES).join(" "),
});
console.log(SEED);
