import { testCluster } from "./suites/cluster";
import { testHosts } from "./suites/hosts";

// One cluster: the tests of its hosts, of which the last destroys it, follow those that only read.
testCluster("aws");
testHosts("aws");
