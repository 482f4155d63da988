import { testLeftovers } from "./suites/leftovers";

testLeftovers("digitalocean");
