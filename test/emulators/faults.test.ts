import { deepEqual, equal, throws } from "node:assert/strict";
import { faultOrder, limitOrder, OrderedFaults } from "../../emulators/clouds/faults";

describe("Faults of an emulated cloud", () => {
  let faults: OrderedFaults;
  beforeEach(() => {
    faults = new OrderedFaults();
  });

  const order = (fault: object) => faults.order(faultOrder.parse(fault));
  const post = { method: "POST", path: "/v2/droplets" };
  const run = { method: "POST", path: "/", action: "RunInstances" };

  it("affect the matching requests, after the skipped ones, and as often as ordered", () => {
    order({ method: "POST", path: "^/v2/droplets$", skip: 1, times: 2, after: true });
    equal(faults.match({ ...post, method: "GET" }), undefined);
    equal(faults.match({ ...post, path: "/v2/droplets/1" }), undefined);
    const answers = [1, 2, 3, 4].map(() => faults.match(post)?.status);
    deepEqual(answers, [undefined, 500, 500, undefined]);
  });

  it("have EC2's status for a code", () => {
    for (const code of ["InsufficientInstanceCapacity", "VcpuLimitExceeded"]) {
      order({ action: "RunInstances", code });
    }
    const [first, second] = [faults.match(run), faults.match(run)];
    deepEqual([first?.status, first?.code], [500, "InsufficientInstanceCapacity"]);
    deepEqual([second?.status, second?.code], [400, "VcpuLimitExceeded"]);
    equal(first?.after, false);
  });

  it("limit the requests of a minute, in the words of each cloud", () => {
    faults.setLimits(limitOrder.parse({ requestsPerMinute: 2, droplets: 3 }));
    deepEqual([faults.match(post), faults.match(run)], [undefined, undefined]);
    equal(faults.match(post)?.status, 429);
    equal(faults.match(run)?.code, "RequestLimitExceeded");
    equal(faults.limit("droplets"), 3);
    faults.setLimits({ requestsPerMinute: null });
    equal(faults.match(post), undefined);
  });

  it("are removed when all is cleared", () => {
    order({ times: 5 });
    faults.setLimits({ droplets: 1 });
    faults.orderBoot("worker-0", { fault: "never-boots" });
    equal(faults.bootDelay("worker-0"), Number.POSITIVE_INFINITY);
    faults.clear();
    equal(faults.match(post), undefined);
    equal(faults.limit("droplets"), undefined);
    equal(faults.bootDelay("worker-0"), 0);
  });

  it("are refused when they make no sense", () => {
    throws(() => order({ pth: "^/$" }));
    throws(() => order({ path: "(" }));
    throws(() => order({ times: 0 }));
  });
});
