import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildVariables, hostImage, seedOf, swarmImages } from "../../components/images/images";
import { parseSettings } from "../../program/settings/settings";

// Prepares an emulated cloud's snapshot: a volume with the cluster's images, the same that local hosts share. Its name
// is printed last, everything else goes to standard error. Arguments are configuration on which images depend,
// KEY=VALUE in Pulumi's format.

const scripts = join(__dirname, "../../components/images");

function run(script: string, variables: Record<string, string>): void {
  const { status } = spawnSync("sh", ["-c", readFileSync(join(scripts, script), "utf8")], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", 2, 2],
  });
  if (status !== 0) process.exit(status ?? 1);
}

const config = process.argv.slice(2).map((text): [string, string] => {
  const [key = ""] = text.split("=", 1);
  return [key, text.slice(key.length + 1)];
});
const images = Object.values(swarmImages(parseSettings(Object.fromEntries(config))));
for (const image of [hostImage(), ...images]) {
  run("build.sh", { ...buildVariables(image), CONTEXT: image.folder });
}
run("seed.sh", {
  SEED: seedOf(images),
  HOST_IMAGE: hostImage().reference,
  IMAGES: images.map(({ reference }) => reference).join(" "),
});
console.log(seedOf(images));
