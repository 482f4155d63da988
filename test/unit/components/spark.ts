import { Spark, type SparkArgs } from "../../../components/spark/spark";
import { Swarm } from "../../../components/swarm/swarm";
import { fakeHosts, run } from "./mocks";

export const allocation = { mode: "shared" as const, properties: {} };
export const s3 = { region: "fra1", pathStyle: true, accessKey: "AKIA0", secretKey: "a<b&c" };

/** A Spark and what `make` creates on it. */
export function withSpark(
  preview: boolean,
  make: (spark: Spark) => void,
  given: Partial<SparkArgs> = {},
) {
  return run(preview, () => {
    const hosts = fakeHosts(1);
    const swarm = new Swarm("swarm", { hosts });
    make(new Spark("spark", { swarm, workers: hosts.workers, image: "spark:1", ...given }));
  });
}
