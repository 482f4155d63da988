export { LocalSwarm } from "./local-swarm";
export { SwarmStack } from "./swarm-stack";
