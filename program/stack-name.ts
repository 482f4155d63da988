import type { Settings } from "./clouds";

/** The limit for one label of a host name. */
const LONGEST_LABEL = 63;
/** The limit for the name of an IAM role, to which Pulumi adds a dash and seven characters. */
const LONGEST_ROLE = 64 - 8;

/**
 * Refuses a stack whose name is too long to be part of its hosts' names.
 *
 * @throws Error with the maximum length
 */
export function refuseStackName(project: string, stack: string, settings: Settings): void {
  const name = `${project}-${stack}`;
  const longest = limitOf(settings);
  if (longest !== undefined && name.length > longest) {
    throw refused(
      `'${stack}' has ${stack.length} characters, but only ${longest - project.length - 1} are allowed on cloud ${settings.cloud}, because it is part of the hosts' names`,
    );
  }
  if (settings.cloud === "digitalocean" && !/^[A-Za-z0-9.-]+$/.test(name)) {
    throw refused(
      `'${stack}' has characters that DigitalOcean does not allow in droplet names: use letters, digits, dots and dashes`,
    );
  }
}

/** The maximum length of project and stack together. */
function limitOf(settings: Settings): number | undefined {
  switch (settings.cloud) {
    // A worker finds the manager by its container's name.
    case "local":
      return LONGEST_LABEL - "-manager".length;
    case "digitalocean":
      return LONGEST_LABEL - `-worker-${settings.workers.count - 1}`.length;
    case "aws":
      return settings.aws.buckets.length > 0 ? LONGEST_ROLE - "-role".length : undefined;
  }
}

function refused(what: string): Error {
  return new Error(
    `The stack's name ${what}. Choose another one: pulumi stack init NAME, or pulumi stack rename NAME if nothing was created yet. Nothing was created or changed.`,
  );
}
