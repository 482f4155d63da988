import { coerced } from "./coerce";
import type { Findings } from "./findings";
import type { Element, Project, Section } from "./project";
import type { SentFile } from "./sent";
import { keyOf, type Mapping, type Path } from "./values";
import type { Variables } from "./variables";

export interface ReadOptions {
  /** The stack's name in the Swarm. */
  stackName: string;
  /** Values of variables, with priority over the environment and the file `.env`. */
  env?: Record<string, string>;
  /** Names that services must not take on networks that others use too. */
  taken?: Record<string, string[]>;
  /** The hosts' ports that others use, with the user of each. */
  takenPorts?: Record<number, string>;
  /** Who can reach the hosts' published ports: the text after "Port 8080 of every host:". */
  reach?: string;
  /** How many hosts the Swarm has. By default more than one. */
  hosts?: number;
  /**
   * Returns the reference of the image for a `build`. The image must exist when the stack is deployed.
   *
   * @throws Error that says what cannot be built
   */
  build?: (build: Build) => string;
}

/** The `build` of a service, with absolute paths. */
export interface Build {
  context: string;
  dockerfile?: string;
  args: Record<string, string>;
}

/** The conversion of one Compose file to the form that Docker's client takes. */
export class Reading {
  /** Files that are sent to the manager with the document, by their names there. */
  readonly files = new Map<string, SentFile>();
  /** Configs that the document has in addition to the file's: single mounted files. */
  readonly configs: Record<string, Mapping> = {};
  readonly published: { service: string; path: Path; ports: string; onItsHosts: boolean }[] = [];
  /** Whether the document holds something that only its owner should read. */
  sensitive = false;
  /** How long the slowest service may take to become healthy, seconds. */
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

  /** A network, volume, config or secret, and functions that report its errors. */
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

/** The conversion of a service to the form that Docker's client takes. */
export interface ServiceOnItsWay {
  name: string;
  /** As in the files; never changed. */
  given: Mapping;
  /** As Docker gets it. */
  made: Mapping;
  reading: Reading;
  refuse(path: Path, text: string): void;
  say(path: Path, text: string): void;
}
