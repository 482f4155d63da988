import assert from "node:assert/strict";
import { pipConfig, placeEnvironment, wantedBy } from "../../../../cli/jobs/environment";
import { emptyParcel } from "../../../../cli/jobs/files";
import { metadataOf } from "../../../../cli/jobs/metadata";
import { readRequirements } from "../../../../cli/jobs/requirements";
import { sandbox } from "./sandbox";

describe("a requirements file", () => {
  const { put, path, test } = sandbox();

  test("is sent with those that it names, and with its wheels", () => {
    put({
      "r.txt":
        "pandas==2.3.3  # a comment\n-r more/base.txt\n-c more/limits.txt\nmore/own-1.0.whl\n",
      "more/base.txt": "humanize\n-r ../r.txt\n--requirement=deep.txt # why",
      "more/deep.txt": "six",
      "more/limits.txt": "numpy<2",
      "more/own-1.0.whl": "x",
    });
    const { texts, files } = readRequirements("r.txt");
    assert.deepEqual(Object.fromEntries(texts), {
      "requirements.txt":
        "pandas==2.3.3  # a comment\n-r requirements-1.txt\n-c requirements-3.txt\n./own-1.0.whl\n",
      "requirements-1.txt":
        "humanize\n-r requirements.txt\n--requirement= requirements-2.txt # why",
      "requirements-2.txt": "six",
      "requirements-3.txt": "numpy<2",
    });
    assert.deepEqual(files, [{ local: path("more/own-1.0.whl"), name: "own-1.0.whl", size: 1 }]);
  });

  test("keeps what pip fetches by itself", () => {
    const text =
      "--index-url https://a.example/simple\n-r https://a.example/r.txt\n-e git+https://a.example/x#egg=x\npkg @ https://a.example/p.whl\nhttps://a.example/q.whl\n";
    put({ "r.txt": text });
    assert.equal(readRequirements("r.txt").texts.get("requirements.txt"), text);
  });

  test("has variables replaced, as with pip", () => {
    process.env.JOB_TEST_TOKEN = "s3cret";
    try {
      const unset = `$\{JOB_TEST_NONE}`;
      put({ "r.txt": `--index-url https://me:$\{JOB_TEST_TOKEN}@a.example/${unset}` });
      assert.equal(
        readRequirements("r.txt").texts.get("requirements.txt"),
        `--index-url https://me:s3cret@a.example/${unset}`,
      );
    } finally {
      delete process.env.JOB_TEST_TOKEN;
    }
  });

  for (const line of [
    "-e .",
    "--editable=../lib",
    "./lib",
    "../lib[extra]",
    ".",
    "x @ file:///lib",
  ]) {
    test(`may not name what is here alone: ${line}`, () => {
      put({ "r.txt": `six\n${line}\n` });
      assert.throws(() => readRequirements("r.txt"), {
        code: "usage",
        message: /^r\.txt line 2: .* is a local path.*--py-files/,
      });
    });
  }

  test("must exist, and so must the files that it names", () => {
    put({ "r.txt": "\n-r none.txt", "w.txt": "none-1.0.whl" });
    assert.throws(() => readRequirements("no.txt"), { message: "There is no file no.txt here." });
    assert.throws(() => readRequirements("r.txt"), {
      code: "missingFile",
      message: "r.txt line 2: There is no file none.txt here.",
    });
    assert.throws(() => readRequirements("w.txt"), { message: /w\.txt line 1: there is no file/ });
  });
});

describe("a job's own list of packages", () => {
  const { put, test } = sandbox();
  const block =
    '# /// script\n# requires-python = ">=3.10"\n# dependencies = [\n#   "humanize==4.9.0",\n# ]\n# ///\n';

  test("is in the job", () => {
    put({ "job.py": `#!/usr/bin/env python\n${block}print(1)\n`, "pyproject.toml": "[" });
    assert.deepEqual(metadataOf("job.py"), {
      source: "job.py",
      dependencies: ["humanize==4.9.0"],
      requiresPython: ">=3.10",
    });
  });

  test("is in a pyproject.toml beside it", () => {
    put({
      "a/job.py": "print(1)\n",
      "a/pyproject.toml": '[project]\nname = "x"\ndependencies = ["six", "numpy>1"]\n',
    });
    assert.deepEqual(metadataOf("a/job.py"), {
      source: "a/pyproject.toml",
      dependencies: ["six", "numpy>1"],
      requiresPython: undefined,
    });
  });

  test("is empty if no packages are named", () => {
    put({
      "job.py": "# /// script\n# dependencies = []\n# ///\n",
      "b/job.py": "",
      "b/pyproject.toml": "[tool.ruff]\n",
    });
    assert.equal(metadataOf("job.py"), undefined);
    assert.equal(metadataOf("b/job.py"), undefined);
    assert.equal(metadataOf("app.jar"), undefined);
  });

  test("must be valid", () => {
    put({
      "two.py": `${block}\n${block}`,
      "wrong.py": "# /// script\n# dependencies = [\n# ///\n",
      "kind.py": '# /// script\n# dependencies = "six"\n# ///\n',
      "c/job.py": "",
      "c/pyproject.toml": "[project]\nrequires-python = 3\n",
    });
    assert.throws(() => metadataOf("two.py"), { message: /two\.py has 2 blocks/ });
    assert.throws(() => metadataOf("wrong.py"), { code: "usage", message: /^wrong\.py: / });
    assert.throws(() => metadataOf("kind.py"), {
      message: "kind.py: dependencies must be a list of strings.",
    });
    assert.throws(() => metadataOf("c/job.py"), {
      message: "c/pyproject.toml: project.requires-python must be a string.",
    });
  });
});

describe("a job's environment", () => {
  const { put, test } = sandbox();

  test("is made from the user's file, else from the job's list, unless its settings name a Python", () => {
    put({ "job.py": '# /// script\n# dependencies = ["six"]\n# ///\n' });
    const metadata = { source: "job.py", dependencies: ["six"], requiresPython: undefined };
    assert.deepEqual(wantedBy("job.py", "r.txt", false, false), { requirements: "r.txt" });
    assert.deepEqual(wantedBy("job.py", undefined, false, false), { metadata });
    assert.equal(wantedBy("job.py", undefined, true, false), undefined);
    assert.equal(wantedBy("job.py", undefined, false, true), undefined);
    assert.throws(() => wantedBy("job.py", "r.txt", true, false), { code: "usage" });
  });

  test("is sent only as files", () => {
    const parcel = emptyParcel();
    const metadata = { source: "job.py", dependencies: ["six", "x>1"], requiresPython: ">=3.9" };
    const archive = placeEnvironment({ metadata }, parcel);
    assert.match(archive, /#python-environment$/);
    assert.deepEqual(
      parcel.texts.slice(0, 2).map(({ sent, text }) => [sent, text]),
      [
        ["environment/requirements.txt", "six\nx>1\n"],
        ["environment/requires-python", ">=3.9\njob.py\n"],
      ],
    );
    assert.deepEqual(
      parcel.files.map(({ sent }) => sent),
      ["tool/environment.sh", "tool/environment.py"],
    );
  });

  test("uses the package index of the user's pip", () => {
    assert.equal(pipConfig({ PIP_FIND_LINKS: "/here" }), undefined);
    assert.equal(
      pipConfig({ PIP_INDEX_URL: "https://me:%40@a.example/simple", PIP_EXTRA_INDEX_URL: "a\nb" }),
      "[global]\nindex-url = https://me:%40@a.example/simple\nextra-index-url = a b\n",
    );
  });
});
