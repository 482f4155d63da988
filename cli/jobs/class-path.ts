import { existsSync } from "node:fs";
import { basename } from "node:path";
import { type Parcel, sendFile } from "./files";
import { namesOf } from "./names";

/** A class path for the driver: local jars are sent, other parts are paths in its container. */
export function placeClassPath(path: string | undefined, parcel: Parcel): string | undefined {
  return path
    ?.split(":")
    .flatMap((part) => {
      // Java's own pattern: all jars of a folder.
      const pattern = part.endsWith("/*") ? `${part}.jar` : part;
      const inContainer = part.startsWith("/") && !existsSync(pattern.replace(/\/\*\.jar$/, ""));
      if (inContainer || part === "") return [part];
      return namesOf(pattern, "--driver-class-path").map(({ path: jar }) => {
        const sent = `class-path/${basename(jar)}`;
        sendFile(jar, sent, "", parcel);
        return `/job/${sent}`;
      });
    })
    .join(":");
}
