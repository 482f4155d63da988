import { existsSync, readFileSync, statSync } from "node:fs";
import type { Reading, ServiceOnItsWay } from "./reading";
import { contentName, LARGEST } from "./sent";
import { shown } from "./source";
import { isMapping, list, mapping, type Value } from "./values";

type Kind = "configs" | "secrets";

/** Checks that the configs and secrets of a service are in the file. */
export function grants(service: ServiceOnItsWay, kind: Kind): void {
  for (const [index, grant] of list(service.given[kind]).entries()) {
    const source = isMapping(grant) ? grant.source : grant;
    if (!service.reading.project.sections[kind].has(`${source as string}`)) {
      service.refuse(
        [kind, index],
        `${source as string} is not in this file: add it under ${kind}, with a file`,
      );
    }
  }
}

/** A config or secret of the file in Docker's form: its content is sent to the manager; its name has a digest. */
export function swarmFile(kind: Kind, name: string, reading: Reading): Value {
  const { element, made, refuse } = reading.resource(kind, name);
  const { file, content, environment, external } = element.value;
  if (external) return made;
  const secret = kind === "secrets";
  const bytes = (): Buffer | undefined => {
    if (typeof content === "string") return Buffer.from(content);
    if (typeof environment === "string") {
      const value = reading.variables.lookup(environment);
      if (value === undefined) {
        refuse(["environment"], `the variable ${environment} has no value: give it one`);
        return undefined;
      }
      if (!secret) reading.sensitive = true;
      return Buffer.from(value);
    }
    if (typeof file === "string") return contentOf(file, (text) => refuse(["file"], text));
    if (made.driver === undefined) {
      refuse(
        [],
        `${secret ? "file, environment" : "file, content, environment"} or external is missing`,
      );
    }
    return undefined;
  };
  const found = bytes();
  delete made.content;
  delete made.environment;
  if (!found) return made;
  const given = typeof made.name === "string" ? made.name : `${reading.options.stackName}_${name}`;
  const own = contentName(given, found, secret);
  reading.files.set(own, { name: own, content: found, secret });
  return { ...made, name: own, file: `./${own}` };
}

/** The content of a file to send; undefined if it cannot be sent, after `refuse` got the reason. */
export function contentOf(path: string, refuse: (text: string) => void): Buffer | undefined {
  const name = shown(path);
  if (!existsSync(path)) {
    refuse(`there is no file ${name}: create it, or correct the path`);
    return undefined;
  }
  const { size } = statSync(path);
  if (!statSync(path).isFile()) {
    refuse(`${name} is a folder, but a single file is expected`);
    return undefined;
  }
  if (size === 0) {
    refuse(`${name} is empty, which Swarm does not accept: write something into it`);
    return undefined;
  }
  if (size > LARGEST) {
    refuse(
      `${name} has ${size} bytes, but Swarm accepts ${LARGEST}: put it into an image with build, or on the hosts with npx spark-swarm copy`,
    );
    return undefined;
  }
  return readFileSync(path);
}

/** Gives the service a file of this machine as a config, mounted where the Compose file says. */
export function sendFile(
  service: ServiceOnItsWay,
  index: number,
  source: string,
  target: string,
): void {
  const { reading, made } = service;
  const content = contentOf(source, (text) => service.refuse(["volumes", index], text));
  if (!content) return;
  const base = source.replace(/^.*\//, "").replace(/[^A-Za-z0-9._-]/g, "-");
  const own = contentName(`${reading.options.stackName}_${base.slice(-20)}`, content, false);
  reading.files.set(own, { name: own, content, secret: false });
  reading.configs[own] = { name: own, file: `./${own}` };
  const executable = statSync(source).mode & 0o111;
  made.configs = [...list(made.configs), { source: own, target, mode: executable ? 0o555 : 0o444 }];
}

/** The name under which a config or secret is mounted. */
export function sourceOf(grant: Value): string {
  return `${(isMapping(grant) ? mapping(grant).source : grant) as string}`;
}
