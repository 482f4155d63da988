import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, truncateSync } from "node:fs";
import { filesOfFolder } from "../../../../cli/jobs/folders";
import { sandbox } from "./sandbox";

const names = (folder: string) => filesOfFolder(folder).map(({ name }) => name);

describe("a folder that is sent", () => {
  const { put, path, test } = sandbox();

  test("is sent without caches, histories and virtual environments", () => {
    put({
      "lib/__init__.py": "",
      "lib/deep/er/a b.txt": "",
      "lib/__pycache__/x.pyc": "",
      "lib/.git/config": "",
      "lib/venv/pyvenv.cfg": "",
      "lib/venv/bin/python": "",
      "lib/conda/conda-meta/history": "",
      "lib/old.pyc": "",
      "lib/.hidden": "",
    });
    assert.deepEqual(names("lib"), [".hidden", "__init__.py", "deep/er/a b.txt"]);
  });

  test("is sent without what .gitignore files exclude, in it, below it and above it up to the repository", () => {
    put({
      ".gitignore": "never.py",
      "project/.git/HEAD": "",
      "project/.gitignore": "*.log\n/lib/build/\n!keep.log\n",
      "project/lib/.gitignore": "secret.*\n",
      "project/lib/sub/.gitignore": "!secret.py\n*.tmp\n",
      "project/lib/a.py": "",
      "project/lib/never.py": "",
      "project/lib/x.log": "",
      "project/lib/keep.log": "",
      "project/lib/secret.env": "",
      "project/lib/build/out.py": "",
      "project/lib/sub/secret.py": "",
      "project/lib/sub/x.tmp": "",
      "project/lib/sub/build/in.py": "",
    });
    assert.deepEqual(
      new Set(names("project/lib")),
      new Set([
        ...[".gitignore", "a.py", "never.py", "keep.log"],
        ...["sub/.gitignore", "sub/secret.py", "sub/build/in.py"],
      ]),
    );
  });

  test("follows links, but not in a circle", () => {
    put({ "lib/a.py": "", "other/b.py": "" });
    symlinkSync(path("other"), path("lib/other"));
    symlinkSync(path("lib"), path("lib/self"));
    assert.deepEqual(names("lib").slice(0, 2), ["a.py", "other/b.py"]);
  });

  test("is refused when .gitignore excludes all of it", () => {
    put({ ".git/HEAD": "", ".gitignore": "out/", "out/a.py": "" });
    assert.throws(() => filesOfFolder("out"), {
      code: "missingFile",
      message: /nothing to send in out.*\.gitignore/,
    });
  });

  test("is refused when it is too large, and its largest contents are named", () => {
    put({ "lib/a.py": "x", "lib/data/big.bin": "", "lib/data/more.bin": "" });
    truncateSync(path("lib/data/big.bin"), 80 * 1024 ** 2);
    truncateSync(path("lib/data/more.bin"), 40 * 1024 ** 2);
    assert.throws(() => filesOfFolder("lib"), {
      code: "usage",
      message: /lib has 120 MB in 3 files.*100 MB[\s\S]*data\/ +120 MB[\s\S]*\.gitignore/,
    });
  });

  test("cannot contain more than its links lead to", () => {
    mkdirSync("lib");
    symlinkSync("nowhere", path("lib/link"));
    assert.throws(() => filesOfFolder("lib"), { message: /lib\/link is a broken link/ });
  });
});
