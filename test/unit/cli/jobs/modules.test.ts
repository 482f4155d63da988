import assert from "node:assert/strict";
import { importsOf, modulesOf } from "../../../../cli/jobs/modules";
import { sandbox } from "./sandbox";

describe("a job's imports", () => {
  const { put, test } = sandbox();

  test("are read as Python reads them", () => {
    const source = `
"""
import in_a_text
"""
import a, b.c as d; import e
from f.g import (h,
  i)
from . import j
from .k import l
try:
    import m
except ImportError:
    from n import *
if True: import \\
  o
# import p
def later():
    import データ
`;
    assert.deepEqual([...importsOf(source)], ["a", "b", "e", "f", "m", "n", "o", "データ"]);
  });

  test("do no harm when they are not Python", () => {
    assert.deepEqual([...importsOf("import a\ndef (:\nimport b\n")], ["a", "b"]);
  });

  test("bring modules and packages that are beside the job, and what these import", () => {
    put({
      "jobs/main.py": "import cleaning\nfrom tools.text import x\nimport os, numpy",
      "jobs/cleaning.py": "import units",
      "jobs/units.py": "import main",
      "jobs/unused.py": "",
      "jobs/tools/__init__.py": "",
      "jobs/tools/text.py": "import names",
      "jobs/tools/data.json": "{}",
      "jobs/names/part.py": "",
      "jobs/numpy/data.csv": "",
    });
    const { beside, elsewhere } = modulesOf("jobs/main.py");
    const files = [...beside].map(([name, of]) => [name, of.map((file) => file.name)]);
    assert.deepEqual(Object.fromEntries(files), {
      cleaning: ["cleaning.py"],
      units: ["units.py"],
      main: ["main.py"],
      tools: ["tools/__init__.py", "tools/data.json", "tools/text.py"],
      names: ["names/part.py"],
    });
    assert.deepEqual(elsewhere, new Map());
  });

  test("are found when they are not beside the job but near", () => {
    put({
      "project/jobs/main.py": "import shared, mine, own",
      "project/shared/__init__.py": "",
      "project/src/mine/__init__.py": "",
      "own.py": "",
    });
    assert.deepEqual(
      modulesOf("project/jobs/main.py").elsewhere,
      new Map([
        ["shared", "project/shared"],
        ["mine", "project/src/mine"],
        ["own", "own.py"],
      ]),
    );
  });
});
