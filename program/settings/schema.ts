import { bootstrap } from "./bootstrap";
import { services } from "./services";
import { stacks } from "./stacks";

/** What every cloud's configuration has in addition to hosts. */
export const common = { stacks, bootstrap, ...services };
