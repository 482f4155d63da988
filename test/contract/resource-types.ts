export const LOCAL = "command:local:Command";
export const REMOTE = "command:remote:Command";
export const CONTAINER = "docker:index/container:Container";
export const NETWORK = "docker:index/network:Network";
export const VOLUME = "docker:index/volume:Volume";

export const urnOf = (type: string) => `urn:pulumi:dev::contract::${type}::tested`;
