import { testLeftovers } from "./suites/leftovers";

testLeftovers("aws");
