export type { LocalSwarmArgs } from "./local-swarm";
export { LocalSwarm } from "./local-swarm";
export type { SwarmStackArgs } from "./swarm-stack";
export { SwarmStack } from "./swarm-stack";
