import { bootstrap } from "./bootstrap";
import { services } from "./services";
import { stacks } from "./stacks";

/** What every cloud's configuration has beside its hosts. */
export const common = { stacks, bootstrap, ...services };
