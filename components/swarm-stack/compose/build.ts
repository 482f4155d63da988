import type { ServiceOnItsWay } from "./reading";
import { mapping, pairs, type Value } from "./values";

/** Other keys of `build`, which would make another image than they do here. */
const UNKNOWN = [
  ...["target", "dockerfile_inline", "additional_contexts", "secrets", "ssh", "platforms"],
  ...["entitlements", "privileged", "extra_hosts", "network", "isolation", "shm_size", "ulimits"],
];

/** A service's image is built from a folder. */
export function buildImage(service: ServiceOnItsWay, value: Value): void {
  const { made, given, reading } = service;
  delete made.build;
  const { context, dockerfile, args } = mapping(value);
  const { build } = reading.options;
  if (!build) {
    service.refuse(
      ["build"],
      "images cannot be built here: build and push it, and name it under image",
    );
    return;
  }
  const unknown = UNKNOWN.filter((key) => key in mapping(value));
  for (const key of unknown) {
    service.refuse(
      ["build", key],
      "builds support only context, dockerfile and args: put it into the Dockerfile",
    );
  }
  if (unknown.length) return;
  const values = Object.entries(pairs(args)).flatMap(([name, text]): [string, string][] => {
    const found = text ?? reading.variables.lookup(name);
    return found === undefined ? [] : [[name, found]];
  });
  try {
    made.image = build({
      context: context as string,
      ...(typeof dockerfile === "string" && { dockerfile }),
      args: Object.fromEntries(values),
    });
  } catch (error) {
    service.refuse(["build"], (error as Error).message);
    return;
  }
  if (given.image !== undefined) {
    service.say(["image"], `left out: the image that is built is ${made.image}`);
  }
}
