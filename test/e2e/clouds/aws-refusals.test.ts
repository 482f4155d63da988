import { testBeforehand } from "./suites/beforehand";
import { testFaults } from "./suites/faults";

// Their machines are states only.
testBeforehand("aws");
testFaults("aws");
