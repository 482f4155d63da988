type Values = Record<string, unknown>;

/** What a host has; memory in MB. */
export interface Size {
  cpus: number;
  memory: number;
}

export type HostKind = "workers" | "manager";

/** How a cloud's configuration says what a host has, as far as that is known without asking the cloud. */
export interface Sizes {
  /** The settings of a host that say it, such as `size`. */
  keys: string[];
  /** What a host has by its settings; undefined when they do not say. */
  sizeOf(host: HostKind, settings: Values): Size | undefined;
  /** Settings for the cheapest host that has as much; undefined when none is known. */
  fitting(size: Size): Values | undefined;
  /** Settings that a word on the command line stands for; undefined when it is none. */
  parse(word: string): Values | undefined;
  /** What such a word is. */
  form: string;
}

/**
 * For clouds whose sizes have names.
 *
 * @param choice those that a host of another cloud may become, cheapest first
 * @param named what a size has, by its name alone
 */
export function namedSizes(choice: string[], named: (name: string) => Size | undefined): Sizes {
  return {
    keys: ["size"],
    sizeOf: (_, { size }) => named(`${size}`),
    fitting: ({ cpus, memory }) => {
      const found = choice.find((name) => {
        const size = named(name);
        return size && size.cpus >= cpus && size.memory >= memory;
      });
      return found === undefined ? undefined : { size: found };
    },
    parse: (size) => ({ size }),
    form: "the name of a size",
  };
}
