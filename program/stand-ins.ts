/**
 * The Pulumi plugins that stand-ins replace, because the official ones are not available here.
 * scripts/setup/plugin-path.sh sets the variable; without it Pulumi uses the official plugins.
 */
export function standIns(environment: NodeJS.ProcessEnv = process.env): string[] {
  return (environment.SPARK_SWARM_STAND_INS ?? "").split(" ").filter(Boolean);
}

/**
 * Refuses stand-ins where their mistakes would cost money.
 *
 * @throws Error naming the plugins, and how to get the official ones
 */
export function refuseStandIns(cloud: string, environment: NodeJS.ProcessEnv = process.env): void {
  const names = standIns(environment);
  if (cloud === "local" || environment.SPARK_SWARM_EMULATED || names.length === 0) return;
  throw new Error(
    `cloud: stand-ins replace these Pulumi plugins: ${names.join(", ")}. Stand-ins work only for clusters on this machine; ${cloud} needs the official plugins. Run ./scripts/setup/plugins where they can be downloaded, or set SPARK_SWARM_PLUGINS to a folder that has them.`,
  );
}
