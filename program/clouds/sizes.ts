type Values = Record<string, unknown>;

/** What a host has; memory in MB. */
export interface Size {
  cpus: number;
  memory: number;
}

export type HostKind = "workers" | "manager";

/** How a cloud's configuration states a host's size, as far as that is known without a request to the cloud. */
export interface Sizes {
  /** The settings of a host for its size, such as `size`. */
  keys: string[];
  /** A host's size by its settings; undefined when they do not state it. */
  sizeOf(host: HostKind, settings: Values): Size | undefined;
  /** Settings for the cheapest host of at least this size; undefined when none is known. */
  fitting(size: Size): Values | undefined;
  /** The settings for a size on the command line; undefined when it is not valid. */
  parse(word: string): Values | undefined;
  /** A description of the form of such a size. */
  form: string;
}

/**
 * For clouds whose sizes have names.
 *
 * @param choice sizes for hosts that move here from another cloud, cheapest first
 * @param named returns what a size has, from its name alone
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
