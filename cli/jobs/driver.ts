import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { sparkDefaults } from "../../components/spark/properties";
import type { Cluster } from "../../program/outputs";
import { remoteCommand } from "../ssh/remote-command";

/** The source of a driver's standard input; see driver.sh. */
export type DriverInput = `files:${number}` | "terminal";

/** A driver's name, unique in its cluster and sorted by time: `20261121-093000-4f0a`. */
export function newId(now = new Date()): string {
  const [date = "", time = ""] = now.toISOString().split(/[T.]/);
  return `${date.replaceAll("-", "")}-${time.replaceAll(":", "")}-${randomBytes(2).toString("hex")}`;
}

/** The manager's command that runs a driver, with the cluster's properties, which the driver's own override. */
export function driverCommand(
  cluster: Cluster,
  driver: { id: string; title: string; input: DriverInput; command: string[]; args: string[] },
): string {
  const { image, network, overlayPrefix, allocation } = cluster;
  const { id, title, input, command, args } = driver;
  return remoteCommand(
    join(__dirname, "driver.sh"),
    ...[id, title, image, network, overlayPrefix, sparkDefaults(allocation.properties), input],
    ...command,
    ...args,
  );
}
