import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";
import { swarmFile } from "./files";
import { ComposeError, Findings } from "./findings";
import { swarmNetwork } from "./networks";
import { Element, Project } from "./project";
import { Reading, type ReadOptions } from "./reading";
import type { SentFile } from "./sent";
import { swarmService } from "./service";
import type { Source } from "./source";
import { isMapping, keyOf, list, type Mapping, mapping, mapTexts, type Value } from "./values";
import { Variables } from "./variables";

/** A Compose file as a {@link SwarmStack} deploys it: its constructor's arguments except the Swarm and the name. */
export interface ComposeStack {
  /** What `docker stack deploy` of Docker 20.10 takes. */
  compose: string;
  /** The content of its configs and secrets. */
  files: SentFile[];
  /** Whether the document holds values of variables, which may be secrets. */
  sensitive: boolean;
  /** How long its services may take to converge, seconds: three minutes plus the time of health checks. */
  timeout: number;
  /** How long services must have run to count as up, seconds. */
  settle: number;
  /** Whether images' tags are looked up at each deployment. */
  resolveImages: true;
  /** What differs from the file, each as `file:line: key: what`. */
  notes: string[];
}

/** The versions of Docker's format that have every key used here. */
const VERSIONS = ["3.8", "3.9"];
const TIMEOUT = 180;
/** Docker's limit for the name of a service, STACK_SERVICE. */
const LONGEST_NAME = 63;

/**
 * Reads a current Compose file, checks it against the Compose Specification, and converts it for `docker stack deploy`.
 *
 * @param file its path
 * @throws ComposeError with every problem: where it is, what it is, and what to do
 */
export function readCompose(file: string, options: ReadOptions): ComposeStack {
  const findings = new Findings();
  const { stackName, env = {} } = options;
  const variables = new Variables([
    (name) => env[name],
    (name) => process.env[name],
    (name) => (name === "COMPOSE_PROJECT_NAME" ? stackName : undefined),
  ]);
  const project = new Project(findings, resolve(file), variables);
  const { main } = project;
  if (!main) throw new ComposeError(findings.problems);
  const reading = new Reading(project, project.variables, findings, options);
  const document = swarmDocument(reading, main.value);
  portsOf(reading);
  if (findings.problems.length) throw new ComposeError(findings.problems);

  const { source } = main;
  const asItIs = isDeepStrictEqual(document, source.value) && isForDocker(source);
  return {
    compose: asItIs ? source.text : rendered(document),
    files: [...reading.files.values()],
    sensitive: reading.sensitive || variables.used || project.variables.used,
    timeout: TIMEOUT + Math.ceil(reading.longest),
    settle: 5,
    resolveImages: true,
    notes: findings.notes,
  };
}

/** Whether Docker reads a file alike: it substitutes variables, and in its YAML 1.1 `no` and `on` are not texts. */
function isForDocker({ text, value }: Source): boolean {
  const read = () => parse(text, { version: "1.1", merge: true, logLevel: "silent" });
  return !text.includes("$") && isDeepStrictEqual(read(), value);
}

function rendered(document: Mapping): string {
  const escaped = mapTexts(document, (text) => text.replaceAll("$", "$$$$"));
  return stringify(escaped, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}

function swarmDocument(reading: Reading, given: Mapping): Mapping {
  const { project, findings, options } = reading;
  const { services } = project.sections;
  if (services.size === 0) {
    const place = project.main?.source.place(["services"]);
    if (place) findings.refuse(place, "services", "there is none: a stack needs at least one");
  }
  const active = activeServices(reading);
  prepare(active, reading);
  const made: Record<string, Value> = {};
  for (const name of active) {
    const longest = LONGEST_NAME - options.stackName.length - 1;
    if (name.length > longest) {
      findings.refuse(
        reading.element("services", name).place([]),
        `services.${name}`,
        `the name is too long: the stack's name leaves at most ${longest} characters for it`,
      );
    }
    made[name] = swarmService(name, reading);
  }
  const used = (kind: "configs" | "secrets") =>
    new Set(
      active.flatMap((name) =>
        list(reading.element("services", name).value[kind]).map((grant) =>
          isMapping(grant) ? grant.source : grant,
        ),
      ),
    );
  const { version, services: _, name, include: __, models, ...others } = given;
  const document: Mapping = { ...others };
  const at = (key: string) => project.main?.source.place([key]) ?? { file: "", line: 1 };
  if (typeof name === "string" && name !== options.stackName) {
    findings.say(at("name"), "name", `left out: the stack is called ${options.stackName}`);
  }
  if (!isEmpty(models ?? null)) {
    findings.refuse(
      at("models"),
      "models",
      "Swarm does not run models: give the services the address of one",
    );
  }
  const sections: [keyof Project["sections"], (name: string) => Value][] = [
    ["networks", (one) => swarmNetwork(one, reading)],
    ["volumes", (one) => reading.resource("volumes", one).made],
    ["configs", (one) => swarmFile("configs", one, reading)],
    ["secrets", (one) => swarmFile("secrets", one, reading)],
  ];
  for (const [section, change] of sections) {
    const needed = section === "configs" || section === "secrets" ? used(section) : undefined;
    const found = [...project.sections[section].keys()]
      .filter(
        (one) => !needed || needed.has(one) || project.sections[section].get(one)?.value.external,
      )
      .map((one): [string, Value] => [one, change(one)])
      .map(([one, value]): [string, Value] => [
        one,
        // `data:` without a value stays as it is.
        isEmpty(value) && mapping(given[section])[one] === null ? null : value,
      ]);
    const all = { ...Object.fromEntries(found), ...(section === "configs" && reading.configs) };
    if (Object.keys(all).length || (section in document && !isEmpty(given[section]))) {
      document[section] = all;
    } else delete document[section];
  }
  document.services = made;
  const kept = VERSIONS.includes(`${version as string}`) && !usesPids(made);
  return { version: kept ? version : "3.9", ...document };
}

function isEmpty(value: Value): boolean {
  return value === null || (isMapping(value) && Object.keys(value).length === 0);
}

function usesPids(services: Mapping): boolean {
  return Object.values(services).some((service) => {
    const { limits } = mapping(mapping(mapping(service).deploy).resources);
    return mapping(limits).pids !== undefined;
  });
}

/** Services, except those of profiles that `COMPOSE_PROFILES` does not activate. */
function activeServices(reading: Reading): string[] {
  const { project, variables, findings } = reading;
  const asked = (variables.lookup("COMPOSE_PROFILES") ?? "").split(",").filter(Boolean);
  return [...project.sections.services].flatMap(([name, element]) => {
    const profiles = list(element.value.profiles) as string[];
    if (!profiles.length || asked.includes("*") || profiles.some((one) => asked.includes(one))) {
      return [name];
    }
    findings.say(
      element.place(["profiles"]),
      `services.${name}`,
      `left out: it is for the profile ${profiles.join(" or ")}. Include it with COMPOSE_PROFILES=${profiles[0]} in the stack's env`,
    );
    return [];
  });
}

/** A service whose completion others wait for must not be restarted after it. */
function prepare(active: string[], reading: Reading): void {
  for (const name of active) {
    const { depends_on: others } = reading.element("services", name).value;
    for (const [other, { condition }] of Object.entries(mapping(others)).map(
      ([one, how]): [string, Mapping] => [one, mapping(how)],
    )) {
      if (condition !== "service_completed_successfully") continue;
      const element = reading.project.sections.services.get(other);
      if (!element || element.value.restart || mapping(element.value.deploy).restart_policy)
        continue;
      const once = new Element({ restart: "on-failure" }, []);
      reading.project.sections.services.set(other, once.over(element));
    }
  }
}

/** Notes who can reach published ports. */
function portsOf({ published, project, findings, options }: Reading): void {
  for (const { service, path, ports, onItsHosts } of published) {
    const place = project.sections.services.get(service)?.place(path);
    const where = onItsHosts ? "each host where a task runs" : "every host";
    const reach = options.reach ?? "everyone who can reach the hosts can reach it";
    if (place) {
      findings.say(
        place,
        keyOf(["services", service, ...path]),
        `port ${ports} of ${where}: ${reach}`,
      );
    }
  }
}
