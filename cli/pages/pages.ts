import { PORTS } from "../../components/facts";
import type { Cluster } from "../../program/outputs";
import type { Facts } from "../status/facts";
import { hostAt } from "../status/report";

/** A web page of the cluster, by its name and port on the overlay network. */
export interface Page {
  title: string;
  host: string;
  port: number;
  /** The rest of its address, if any. */
  path?: string;
  /** Whether it is one of Spark's own, which link to each other by addresses of the overlay network. */
  spark?: boolean;
}

/** Apache Livy. */
const LIVY: Page = { title: "Livy", host: "livy", port: PORTS.livy };

/** JupyterLab. */
export const NOTEBOOK: Page = { title: "notebook", host: "notebook", port: PORTS.notebook };

/** Prometheus' page of the cluster. */
const MONITORING: Page = {
  title: "monitoring",
  host: "monitoring",
  port: PORTS.monitoring,
  path: "/consoles/cluster.html",
};

/** The pages that exist now: the drivers' come and go with them. */
export function pages(cluster: Cluster, facts: Facts): Page[] {
  const workers = (facts.spark[0]?.workers ?? [])
    .filter(({ state }) => state === "ALIVE")
    .map(({ host }) => ({
      title: hostAt(host, cluster, facts) ?? host,
      host,
      port: PORTS.worker,
      spark: true,
    }))
    .sort((a, b) => a.title.localeCompare(b.title, "en", { numeric: true }));
  const drivers = facts.driver.flatMap(({ title, addresses }) => {
    const host = addresses.find((address) => address?.startsWith(cluster.overlayPrefix));
    return host ? [{ title: `driver of ${title}`, host, port: PORTS.driver, spark: true }] : [];
  });
  const has = (service: string) => facts.service.some(({ name }) => name === service);
  return [
    ...(has("notebook_server") ? [NOTEBOOK] : []),
    ...(has("livy_server") ? [LIVY] : []),
    ...(has("monitoring_prometheus") ? [MONITORING] : []),
    { title: "master", host: "master", port: PORTS.master, spark: true },
    { title: "history", host: "history", port: PORTS.history, spark: true },
    ...workers,
    ...drivers,
  ];
}
