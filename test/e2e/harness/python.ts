import { join } from "node:path";
import { succeed } from "./programs";
import { repository } from "./stack";

/** The Python with the packages for tests of the examples. Installs it if it is missing. */
export async function python(): Promise<string> {
  const printed = await succeed([join(repository, "scripts/setup/python-env")], { seconds: 300 });
  return join(printed.trim().split("\n").at(-1) ?? "", "bin/python");
}
