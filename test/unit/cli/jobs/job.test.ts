import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import yargs from "yargs";
import { type Job, jobOptions, readJob } from "../../../../cli/jobs/job";
import { executorLimits } from "../../../../cli/jobs/options";
import { buildParcel, listed } from "../../../../cli/jobs/parcel";
import { sandbox } from "./sandbox";

/** The job of the command line `submit FILE…`. */
function submit(...words: string[]): Job {
  let job: Job | undefined;
  yargs(["submit", ...words])
    .parserConfiguration({
      "populate--": true,
      "greedy-arrays": false,
      "parse-positional-numbers": false,
      "camel-case-expansion": false,
      "nargs-eats-options": true,
    })
    .command(
      "submit <file>",
      "",
      (args) => jobOptions(args),
      (args) => {
        job = readJob(args);
      },
    )
    .strict()
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parse();
  assert(job);
  return job;
}

const sent = (job: Job) =>
  job.parcel.files.map((file) => file.sent).filter((name) => !name.startsWith("tool/"));
/** The values of an option. */
const option = ({ args }: Job, name: string) =>
  args.includes(name) ? args[args.indexOf(name) + 1] : undefined;

describe("a job's files", () => {
  const { put, path, test } = sandbox();

  test("become paths of the driver's container", () => {
    put({ "job.py": "", "a.py": "", "b.zip": "", "settings.json": "" });
    const job = submit(
      ...["job.py", "--py-files", "a.py,b.zip"],
      ...["--files", "settings.json#conf.json,s3a://bucket/x"],
    );
    assert.equal(option(job, "--py-files"), "/job/py-files/a.py,/job/py-files/b.zip");
    assert.equal(option(job, "--files"), "/job/files/conf.json,s3a://bucket/x");
    assert.equal(job.args.at(-1), "/job/main/job.py");
    assert.deepEqual(sent(job), [
      ...["main/job.py", "py-files/a.py", "py-files/b.zip", "files/conf.json"],
    ]);
  });

  test("stay where they are in the image", () => {
    const job = submit("local:///opt/examples.jar");
    assert.equal(job.args.at(-1), "local:///opt/examples.jar");
    assert.deepEqual(sent(job), []);
  });

  test("may be named by patterns; the name of an existing file is no pattern", () => {
    put({
      "job.py": "",
      "libs/a.jar": "",
      "libs/b.jar": "",
      "libs/c.txt": "",
      "x[1].txt": "",
      "p,q.txt": "",
    });
    const job = submit("job.py", "--jars", "libs/*.jar", "--files", "x[1].txt#x 1.txt,libs/c.txt");
    assert.equal(option(job, "--jars"), "/job/jars/a.jar,/job/jars/b.jar");
    assert.equal(option(job, "--files"), "file:///job/files/x%201.txt,/job/files/c.txt");
    assert.throws(() => submit("job.py", "--files", "x[1].txt"), { message: /x\[1\]\.txt#NAME/ });
    assert.throws(() => submit("job.py", "--files", "p,q.txt"), { message: /p,q\.txt#NAME/ });
    const named = submit("job.py", "--files", "p,q.txt#p%q");
    assert.equal(option(named, "--files"), "file:///job/files/p%25q");
    assert.throws(() => submit("job.py", "--jars", "libs/*.zip"), {
      code: "missingFile",
      message: "--jars libs/*.zip: no file here matches.",
    });
  });

  test("may have any name", () => {
    put({ "分 [1]'\"#%41.py": "" });
    const job = submit("分 [1]'\"#%41.py", "--", "", "a b", "日本語", "new\nline", "--x", "007");
    assert.deepEqual(job.args.slice(-7), [
      "file:///job/main/%E5%88%86%20%5B1%5D'%22%23%2541.py",
      ...["", "a b", "日本語", "new\nline", "--x", "007"],
    ]);
    assert.equal(option(job, "--name"), "分 [1]'\"#%41.py");
    assert.equal(job.title, "分 [1]'\"#%41.py");
  });

  test("may have a colon in their names, as addresses have", () => {
    put({ "a:b.py": "", "c:d.txt": "" });
    const job = submit("a:b.py", "--files", "c:d.txt#c d.txt");
    assert.deepEqual(sent(job), ["main/a:b.py", "files/c d.txt"]);
    assert.throws(() => submit("a:b.py", "--files", "c:d.txt"), { message: /c:d\.txt#NAME/ });
    assert.equal(job.args.at(-1), "file:///job/main/a%3Ab.py");
  });

  test("bring the modules beside a Python job, for executors too", async () => {
    put({
      "jobs/main.py": "import cleaning, tools",
      "jobs/cleaning.py": "",
      "jobs/tools/__init__.py": "",
    });
    const job = submit("jobs/main.py", "--py-files", "s3a://bucket/x.zip");
    assert.deepEqual(sent(job), ["main/main.py", "main/cleaning.py", "main/tools/__init__.py"]);
    assert.equal(
      option(job, "--py-files"),
      "s3a://bucket/x.zip,/job/py-files/modules-beside-the-job.zip",
    );
    const files = await buildParcel(job.parcel, path("staging"));
    const zip = files.find((file) => file.sent.endsWith(".zip"));
    assert.deepEqual(members(zip?.local), ["cleaning.py", "tools/__init__.py"]);
  });

  test("may be packages, and folders that contain packages", async () => {
    put({
      "job.py": "import shared",
      "more/shared/__init__.py": "",
      "more/shared/deep/units.py": "",
      "src/mine/__init__.py": "",
      "spaces/part.py": "",
      "my-scripts/tool.py": "",
    });
    const job = submit("job.py", "--py-files", "more/shared/,src,spaces,my-scripts");
    const files = await buildParcel(job.parcel, path("staging"));
    const zips = files.filter(({ sent }) => sent.endsWith(".zip"));
    assert.deepEqual(Object.fromEntries(zips.map((zip) => [zip.sent, members(zip.local)])), {
      "py-files/shared.zip": ["shared/__init__.py", "shared/deep/units.py"],
      "py-files/src.zip": ["mine/__init__.py"],
      "py-files/spaces.zip": ["spaces/part.py"],
      "py-files/my-scripts.zip": ["tool.py"],
    });
    assert.deepEqual(job.notes, []);
  });

  test("may be folders, which executors get as folders", async () => {
    put({ "job.py": "", "conf/a.json": "{}", "conf/deep/b.json": "" });
    const job = submit("job.py", "--files", "conf", "--archives", "conf#other");
    assert.equal(
      option(job, "--archives"),
      "/job/archives/conf/conf.zip#conf,/job/archives/other/other.zip#other",
    );
    const files = await buildParcel(job.parcel, path("staging"));
    assert.deepEqual(members(files.at(-1)?.local), ["a.json", "deep/b.json"]);
  });

  test("may be archives, under their new names", () => {
    put({ "job.py": "", "env.tar.gz": "", "other/env.tar.gz": "" });
    const job = submit("job.py", "--archives", "env.tar.gz#environment,other/env.tar.gz");
    assert.equal(
      option(job, "--archives"),
      "/job/archives/environment/environment.tar.gz#environment,/job/archives/env.tar.gz/env.tar.gz#env.tar.gz",
    );
  });

  test("include those that settings name", () => {
    put({
      "job.py": "",
      "env.zip": "",
      "a.jar": "",
      "b.jar": "",
      "spark.conf": "spark.jars b.jar\n",
    });
    const settings = ["--conf", "spark.archives=env.zip#e", "--properties-file", "spark.conf"];
    const job = submit("job.py", ...settings, "--jars", "a.jar");
    assert.equal(option(job, "--archives"), "/job/archives/e/e.zip#e");
    assert.equal(option(job, "--jars"), "/job/jars/a.jar");
    assert.ok(!job.args.some((word) => word.startsWith("spark.archives")));
  });

  test("are listed with their sizes", () => {
    put({ "job.py": "import a", "a.py": "12", "lib/b.py": "x".repeat(2048), "r.txt": "six" });
    const job = submit("job.py", "--py-files", "lib", "--requirements", "r.txt");
    assert.deepEqual(listed(job.parcel), [
      "sends",
      "  job.py         8 B   the job",
      "  lib/ (1 file)  2 KB  the package lib",
      "  a              2 B   a module beside the job",
      "  r.txt          3 B   for pip",
    ]);
  });

  test("lead to a hint when an import is near but not beside the job", () => {
    put({ "jobs/main.py": "import shared", "shared/__init__.py": "" });
    assert.deepEqual(submit("jobs/main.py").notes, [
      "jobs/main.py imports shared, which is not beside it. Send it with --py-files shared",
    ]);
    assert.deepEqual(submit("jobs/main.py", "--py-files", "shared").notes, []);
  });

  for (const [what, words, expected] of [
    ["a missing job", ["no.py"], /^There is no file no\.py here/],
    ["a job that is a folder", ["lib.py"], /lib\.py is not a file/],
    ["a job of another kind", ["job.sh"], /a job is a Python file \(\.py\) or a jar/],
    ["a file of the store", ["job.py", "--files", "/data/none"], /hdfs:\/\/\/data\/none/],
    ["a wheel as a module", ["job.py", "--py-files", "x.whl"], /--py-files x\.whl.*--requirements/],
    ["another kind of archive", ["job.py", "--archives", "x.rar"], /Spark unpacks \.tar\.gz/],
    ["a folder of jars", ["job.py", "--jars", "lib.py"], /name its files, lib\.py\/\*\.jar/],
    [
      "two files of one name",
      ["job.py", "--files", "x.rar,sub/x.rar"],
      /Two.*have the name x\.rar/,
    ],
    ["a path for a name", ["job.py", "--files", "x.rar#a/b"], /one name/],
  ] as const) {
    test(`are refused: ${what}`, () => {
      put({
        "job.py": "",
        "job.sh": "",
        "lib.py/a.jar": "",
        "x.whl": "",
        "x.rar": "",
        "sub/x.rar": "",
      });
      assert.throws(() => submit(...words), { name: "Error", message: expected });
    });
  }
});

describe("spark-submit's options", () => {
  const { put, test } = sandbox();

  test("are passed on where they have a meaning", () => {
    put({ "job.jar": "" });
    const words = [
      ...["--driver-memory", "2g", "--executor-memory", "1g", "--executor-cores", "2"],
      ...["--total-executor-cores", "4", "--class", "a.B", "--packages", "a:b:1"],
      ...["--repositories", "https://a.example", "--driver-java-options", "-Dx=y -Xss1m"],
    ];
    const { args, executorCores, executors } = submit(
      "job.jar",
      ...words,
      "--verbose",
      "--deploy-mode",
      "client",
    );
    const text = args.join(" ");
    for (const word of [...words, "--verbose"])
      assert.ok(args.includes(word), `${word} in ${text}`);
    assert.doesNotMatch(text, /deploy-mode|--name/);
    assert.deepEqual({ executorCores, executors }, { executorCores: 2, executors: undefined });
  });

  test("limit executors in the terms of the cluster's Spark", () => {
    put({ "job.py": "" });
    assert.equal(submit("job.py", "--num-executors", "2").executors, 2);
    assert.equal(submit("job.py", "--conf", "spark.executor.instances=3").executors, 3);
    assert.deepEqual(executorLimits(3, 2), ["spark.executor.cores=2", "spark.cores.max=6"]);
    assert.deepEqual(executorLimits(3, undefined), ["spark.executor.cores=1", "spark.cores.max=3"]);
  });

  test("may be in a file, which is sent as a file: it may contain secrets", () => {
    put({
      "job.py": "",
      "spark.conf":
        "# mine\nspark.executor.memory 1g\nspark.hadoop.fs.s3a.secret.key=a b=c\\\\d\nother x\n",
    });
    const job = submit("job.py", "--properties-file", "spark.conf");
    assert.deepEqual(job.parcel.texts, [
      {
        sent: "settings/spark-defaults.conf",
        text: "spark.executor.memory 1g\nspark.hadoop.fs.s3a.secret.key a b=c\\\\d",
      },
    ]);
    assert.doesNotMatch(job.args.join(" "), /a b=c/);
    assert.throws(() => submit("job.py", "--properties-file", "none"), { code: "missingFile" });
  });

  test("give the driver local jars and paths of its container", () => {
    put({ "job.py": "", "libs/a.jar": "", "libs/b.jar": "" });
    const job = submit("job.py", "--driver-class-path", "libs/*:/opt/x/*");
    assert.equal(
      option(job, "--driver-class-path"),
      "/job/class-path/a.jar:/job/class-path/b.jar:/opt/x/*",
    );
  });

  for (const [words, expected] of [
    [["--master", "yarn"], /^--master yarn: .*leave it out/],
    [["--deploy-mode", "cluster"], /^--deploy-mode cluster: .*leave it out/],
    [["--principal", "me"], /Kerberos/],
    [["--supervise"], /^--supervise: /],
    [["--queue", "q"], /--total-executor-cores/],
    [["--kill", "driver-1"], /Ctrl-C/],
    [["--driver-memory", "lots"], /^--driver-memory lots: .*512m/],
    [["--num-executors", "0"], /whole number, 1 or more/],
    [["--num-executors", "2", "--total-executor-cores", "2"], /both limit the executors/],
  ] as const) {
    test(`are refused where they mean nothing: ${words.join(" ")}`, () => {
      put({ "job.py": "" });
      assert.throws(() => submit("job.py", ...words), { code: "usage", message: expected });
    });
  }
});

function members(zip: string | undefined): string[] {
  assert(zip);
  const program = "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')";
  return execFileSync("python3", ["-c", program, zip], { encoding: "utf8" })
    .trim()
    .split("\n")
    .sort();
}
