import { coerced } from "./coerce";
import type { Findings } from "./findings";
import type { Element, Project, Section } from "./project";
import type { SentFile } from "./sent";
import { keyOf, type Mapping, type Path } from "./values";
import type { Variables } from "./variables";

export interface ReadOptions {
  /** The stack's name in the Swarm. */
  stackName: string;
  /** Values of variables, which count before those of the environment and of the file `.env`. */
  env?: Record<string, string>;
  /** Names that services may not take on networks that others use too. */
  taken?: Record<string, string[]>;
  /** The hosts' ports that others use: by port, whose it is. */
  takenPorts?: Record<number, string>;
  /** Who reaches the hosts' published ports: what follows "Port 8080 of every host:". */
  reach?: string;
  /** How many hosts the Swarm has. More than one, if not said. */
  hosts?: number;
  /**
   * Gives an image for a `build`: its reference, which must be there when the stack is deployed.
   *
   * @throws Error that says what cannot be built
   */
  build?: (build: Build) => string;
}

/** The `build` of a service, its paths absolute. */
export interface Build {
  context: string;
  dockerfile?: string;
  args: Record<string, string>;
}

/** One Compose file on its way to what Docker's client takes. */
export class Reading {
  /** Files that go to the manager with the document, by their names there. */
  readonly files = new Map<string, SentFile>();
  /** Configs that the document has besides those of the file: single files that are mounted. */
  readonly configs: Record<string, Mapping> = {};
  readonly published: { service: string; path: Path; ports: string; onItsHosts: boolean }[] = [];
  /** Whether the document holds what only its owner should read. */
  sensitive = false;
  /** How long the slowest service may take to be healthy, seconds. */
  longest = 0;

  constructor(
    readonly project: Project,
    readonly variables: Variables,
    readonly findings: Findings,
    readonly options: ReadOptions,
  ) {}

  element(section: Section, name: string): Element {
    const element = this.project.sections[section].get(name);
    if (!element) throw new Error(`there is no ${section}.${name}`);
    return element;
  }

  /** A network, volume, config or secret, and how to report what is wrong with it. */
  resource(section: Section, name: string) {
    const element = this.element(section, name);
    const key = [section, name];
    return {
      element,
      made: structuredClone(coerced(element, key, this.findings)),
      refuse: (path: Path, text: string) =>
        this.findings.refuse(element.place(path), keyOf([...key, ...path]), text),
      say: (path: Path, text: string) =>
        this.findings.say(element.place(path), keyOf([...key, ...path]), text),
    };
  }

  slowest(seconds: number): void {
    this.longest = Math.max(this.longest, seconds);
  }
}

/** A service on its way to what Docker's client takes. */
export interface ServiceOnItsWay {
  name: string;
  /** As the files say it; nothing in it changes. */
  given: Mapping;
  /** As Docker is to get it. */
  made: Mapping;
  reading: Reading;
  refuse(path: Path, text: string): void;
  say(path: Path, text: string): void;
}
