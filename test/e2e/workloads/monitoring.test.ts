import { checkMonitoring } from "../harness/monitoring";
import { workloadCluster } from "../harness/workload-cluster";

describe("Monitoring", function () {
  this.timeout("25m");
  checkMonitoring(async () => (await workloadCluster()).stack);
});
