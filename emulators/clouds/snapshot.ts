import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildVariables, hostImage, seedOf, swarmImages } from "../../components/images/images";
import { parseSettings } from "../../components/settings/settings";

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

const images = Object.values(swarmImages(parseSettings({})));
for (const image of [hostImage(), ...images]) {
  run("build.sh", { ...buildVariables(image), CONTEXT: image.folder });
}
run("seed.sh", {
  SEED: seedOf(images),
  HOST_IMAGE: hostImage().reference,
  IMAGES: images.map(({ reference }) => reference).join(" "),
});
console.log(seedOf(images));
