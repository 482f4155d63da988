import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Tests that run in a folder of their own, in which they may create files. */
export function sandbox() {
  let folder = "";
  const path = (name: string) => join(folder, name);
  return {
    path,
    put(files: Record<string, string>): void {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(path(name)), { recursive: true });
        writeFileSync(path(name), text);
      }
    },
    test(name: string, body: () => void | Promise<void>): void {
      it(name, async () => {
        const home = process.cwd();
        folder = realpathSync(mkdtempSync(join(tmpdir(), "jobs-")));
        process.chdir(folder);
        try {
          await body();
        } finally {
          process.chdir(home);
          rmSync(folder, { recursive: true });
        }
      });
    },
  };
}
