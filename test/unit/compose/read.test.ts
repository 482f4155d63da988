// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import { join } from "node:path";
import { ComposeError } from "../../../components/swarm-stack/compose/findings";
import { readCompose } from "../../../components/swarm-stack/compose/read";
import { document, folderWith, problems, read, service, withoutFolder } from "./reading";

const CASES = join(__dirname, "fixtures", "cases");
const ours = { stackName: "demo", taken: { spark: ["master"] } };
const caseFile = (path: string) => readCompose(join(CASES, path), ours);

describe("Compose files", () => {
  describe("that Docker accepts", () => {
    const text =
      '# mine\nversion: "3.8"\nx-a: &a {A: b}\nservices:\n  web:\n    image: nginx\n    environment: {C: d}\n    x-b: *a\n';
    it("are passed on unchanged, with comments", () => {
      assert.equal(read(text).compose, text);
      assert.equal(read(text).sensitive, false);
    });

    it("except for an older version, variables, or keys that it names differently", () => {
      assert.equal(document(read(text.replace("3.8", "3.3"))).version, "3.9");
      assert.equal(document(read(text.replace("3.8", "2.4"))).version, "3.9");
      assert.match(read(text.replace("d}", () => "5$$}")).compose, /C: 5\$\$\n/);
      for (const word of ["no", "on", "0x1F", "1_000", "22:22", "null"]) {
        const stack = read(text.replace("{C: d}", `[C=d]\n    command: [a, "${word}"]`));
        assert.deepEqual(document(stack).services.web?.command, ["a", word]);
      }
      const { made } = service("command: [no, on, y]");
      assert.deepEqual(made.command, ["no", "on", "y"]);
    });
  });

  it("keep anchors and merge keys", () => {
    const text =
      "x-both: &both {init: true, tty: false}\nservices:\n  web: {image: a, <<: *both, tty: true}\n";
    assert.deepEqual(document(read(text)).services.web, { image: "a", init: true, tty: true });
    const wrong = text.replace("init: true", "init: maybe");
    assert.match(
      problems(wrong).join(),
      /^compose\.yaml:1: services\.web\.init: "maybe" was given/,
    );
  });

  it("have `$$` for one dollar sign in the container", () => {
    const { made } = service("environment: {COST: 5$$, PATH: '${X}:$$PATH'}", { env: { X: "$a" } });
    // Docker turns two into one.
    assert.deepEqual(made.environment, { COST: "5$$", PATH: "$$a:$$PATH" });
  });

  describe("variables", () => {
    const file = (value: string) => `services: {web: {image: nginx, hostname: "${value}"}}`;
    const hostname = (files: Record<string, string> | string, env?: Record<string, string>) =>
      document(read(files, { env })).services.web?.hostname;

    it("come from the stack's own, then the environment, then .env", () => {
      const files = {
        "compose.yaml": file("${SPARK_SWARM_TEST}"),
        ".env": "SPARK_SWARM_TEST=file",
      };
      assert.equal(hostname(files), "file");
      process.env.SPARK_SWARM_TEST = "environment";
      try {
        assert.equal(hostname(files), "environment");
        assert.equal(hostname(files, { SPARK_SWARM_TEST: "own" }), "own");
        assert.equal(hostname(files, { SPARK_SWARM_TEST: "" }), "");
      } finally {
        delete process.env.SPARK_SWARM_TEST;
      }
    });

    it("make the document sensitive", () => {
      assert.equal(read(file("${X}"), { env: { X: "x" } }).sensitive, true);
      assert.equal(read(file("${NO_SUCH:-x}"), { env: { X: "x" } }).sensitive, false);
    });

    it("COMPOSE_PROJECT_NAME is the stack", () => {
      assert.equal(hostname(file("${COMPOSE_PROJECT_NAME}")), "demo");
    });

    it("without a value are reported", () => {
      const { notes } = read(`services:\n  web:\n    image: nginx\n    hostname: a$NO_SUCH\n`);
      assert.deepEqual(notes.map(withoutFolder), [
        "compose.yaml:4: services.web.hostname: the variable NO_SUCH has no value, so it is empty here; give it one, or write ${NO_SUCH:-}",
      ]);
    });

    it("that are required but missing are refused, by line; all at once", () => {
      assert.deepEqual(
        problems("services:\n  web:\n    image: ${NO:?which image}\n    hostname: ${NO_TOO?}\n"),
        [
          "compose.yaml:3: services.web.image: the variable NO is not set: which image",
          "compose.yaml:4: services.web.hostname: the variable NO_TOO is not set: it is required",
        ],
      );
    });

    it("in .env that are wrong are refused, by line", () => {
      const files = { "compose.yaml": file("x"), ".env": 'A=1\nB"C\n' };
      assert.match(problems(files).join(), /^\.env:2: NAME=value is expected here$/);
    });

    it("as numbers and booleans get the key's type", () => {
      const { made } = service("deploy: {replicas: '${N}'}\ninit: ${T}", {
        env: { N: "3", T: "true" },
      });
      assert.deepEqual(made, { deploy: { replicas: 3 }, init: true });
    });
  });

  describe("env_file", () => {
    const files = (lines: string) => ({
      "compose.yaml": `services:\n  web:\n    image: nginx\n${lines
        .split("\n")
        .map((line) => `    ${line}\n`)
        .join("")}`,
      "a.env": "A=a\nB=a",
      "b.env": "B='b'\nC=${X}",
    });
    const environment = (lines: string) =>
      document(read(files(lines), { env: { X: "x" } })).services.web?.environment;

    for (const [lines, expected] of [
      ["env_file: a.env", { A: "a", B: "a" }],
      ["env_file: [a.env, b.env]", { A: "a", B: "b", C: "x" }],
      ["env_file: [{path: b.env, format: raw}]", { B: "'b'", C: "$${X}" }],
      ["env_file: [{path: no.env, required: false}, a.env]", { A: "a", B: "a" }],
      ["env_file: a.env\nenvironment: {B: own, D: 5}", { A: "a", B: "own", D: "5" }],
      ["env_file: a.env\nenvironment: [B=own, X]", { A: "a", B: "own", X: "x" }],
      ["environment: {X: }", { X: "x" }],
    ] as const) {
      it(lines, () => assert.deepEqual(environment(lines), expected));
    }

    it("that is missing is refused; a variable without a value is left out, with a note", () => {
      assert.match(
        problems(files("env_file: [no.env]")).join(),
        /^compose\.yaml:4: services\.web\.env_file\[0\]: there is no file no\.env: make it, or say required: false$/,
      );
      const stack = read(files("environment: [NO_SUCH]"));
      assert.deepEqual(document(stack).services.web?.environment, {});
      assert.match(stack.notes.join(), /environment: NO_SUCH is left out/);
    });

    it("makes the document sensitive, too", () => {
      assert.equal(read(files("env_file: a.env")).sensitive, true);
    });

    it("label_file is the same for labels", () => {
      const stack = read(files("label_file: a.env\nlabels: {B: own}"));
      assert.deepEqual(document(stack).services.web?.labels, { A: "a", B: "own" });
    });
  });

  describe("profiles", () => {
    const text =
      "services:\n  web: {image: nginx}\n  debug: {image: nginx, profiles: [debug, test]}\n";
    const services = (env: Record<string, string>) =>
      Object.keys(document(read(text, { env })).services);

    it("that are not requested are left out, with a note", () => {
      const { notes } = read(text);
      assert.deepEqual(services({}), ["web"]);
      assert.match(
        notes.join(),
        /:3: services\.debug: left out: it is for the profile debug or test\. COMPOSE_PROFILES=debug/,
      );
    });

    for (const asked of ["debug", "test", "other,test", "*"]) {
      it(`COMPOSE_PROFILES=${asked} has them`, () =>
        assert.deepEqual(services({ COMPOSE_PROFILES: asked }), ["web", "debug"]));
    }
  });

  describe("extends", () => {
    it("merges another service's keys with its own", () => {
      const stack = read({
        "compose.yaml":
          "services:\n  web:\n    extends: {file: base/base.yml, service: base}\n    command: [own]\n    environment: {B: own}\n    volumes: ['/data/own:/data']\n    ports: ['81:80']\nvolumes: {cache: {}}\n",
        "base/base.yml":
          "services:\n  base:\n    extends: root\n    environment: [A=base, B=base]\n    env_file: base.env\n    volumes: ['/data/base:/data', cache:/cache]\n  root: {image: nginx, command: [root], tty: true, ports: ['80:80']}\nvolumes: {cache: {}}\n",
        "base/base.env": "C=base\n",
      });
      assert.deepEqual(document(stack).services.web, {
        image: "nginx",
        command: ["own"],
        tty: true,
        ports: ["80:80", "81:80"],
        environment: { A: "base", B: "own", C: "base" },
        volumes: ["cache:/cache", "/data/own:/data"],
      });
    });

    it("problems in the other file are reported with its name", () => {
      const found = problems({
        "compose.yaml": "services: {web: {extends: {file: base.yml, service: base}}}",
        "base.yml": "services:\n  base:\n    image: nginx\n    privileged: true\n",
      });
      assert.match(found.join(), /^base\.yml:4: services\.web\.privileged: /);
    });

    for (const [text, problem] of [
      [
        "services: {web: {extends: no, image: a}}",
        /extends: there is no service no in compose\.yaml; its services: web/,
      ],
      [
        "services: {web: {extends: {file: no.yml, service: a}}}",
        /extends: there is no file no\.yml/,
      ],
      [
        "services: {a: {extends: b}, b: {extends: a}}",
        /extends: it extends itself by way of others/,
      ],
    ] as const) {
      it(`${text} is refused`, () => assert.match(problems(text).join("\n"), problem));
    }
  });

  describe("include", () => {
    it("adds another file's content, with its own folder and .env", () => {
      const stack = read({
        "compose.yaml": "include: [db/compose.yaml]\nservices: {web: {image: nginx}}\n",
        "db/compose.yaml":
          "services: {db: {image: 'db:${TAG}', env_file: db.env, volumes: [data:/data]}}\nvolumes: {data: {}}\n",
        "db/.env": "TAG=5",
        "db/db.env": "A=1",
      });
      const { services, volumes } = document(stack);
      assert.deepEqual(Object.keys(services), ["web", "db"]);
      assert.equal(services.db?.image, "db:5");
      assert.deepEqual(services.db?.environment, { A: "1" });
      assert.deepEqual(volumes, { data: {} });
    });

    it("long form: another folder, and files of variables", () => {
      const stack = read({
        "compose.yaml":
          "include: [{path: db/compose.yaml, project_directory: ., env_file: own.env}]\nservices: {web: {image: nginx}}\n",
        "db/compose.yaml": "services: {db: {image: 'db:${TAG}'}}\n",
        "own.env": "TAG=6",
      });
      assert.equal(document(stack).services.db?.image, "db:6");
    });

    for (const [what, files, problem] of [
      [
        "a file that is missing",
        { "compose.yaml": "include: [no.yml]\nservices: {a: {image: b}}" },
        /^compose\.yaml:1: include\[0\]: there is no file no\.yml/,
      ],
      [
        "two services of one name",
        {
          "compose.yaml": "include: [b.yml]\nservices: {a: {image: b}}",
          "b.yml": "services: {a: {image: c}}",
        },
        /^b\.yml:1: services\.a: another file has this name too/,
      ],
      [
        "each other",
        {
          "compose.yaml": "include: [b.yml]\nservices: {a: {image: b}}",
          "b.yml": "include: [compose.yaml]",
        },
        /^b\.yml:1: include\[0\]: compose\.yaml includes this file in turn/,
      ],
    ] as [string, Record<string, string>, RegExp][]) {
      it(`${what} is refused`, () => assert.match(problems(files).join("\n"), problem));
    }
  });

  describe("how long services may take", () => {
    const timeout = (lines: string) => read(`services: {web: {image: nginx, ${lines}}}`).timeout;
    it("is three minutes, plus the time of the slowest health check", () => {
      assert.equal(timeout("tty: true"), 180);
      assert.equal(timeout("healthcheck: {test: x}"), 180 + 3 * 30 + 30);
      assert.equal(
        timeout("healthcheck: {test: x, start_period: 6m, interval: 5s, timeout: 1s, retries: 2}"),
        180 + 360 + 2 * 5 + 1,
      );
      const text =
        "services:\n  a: {image: b, healthcheck: {test: x, start_period: 10m}}\n  b: {image: b, healthcheck: {test: x}}";
      assert.equal(read(text).timeout, 180 + 600 + 120);
    });
  });

  it("a service whose completion others await is not restarted", () => {
    const stack = read(
      "services:\n  init: {image: a}\n  web: {image: a, depends_on: {init: {condition: service_completed_successfully}}}\n",
    );
    const policy = { restart_policy: { condition: "on-failure" } };
    assert.deepEqual(document(stack).services.init, { image: "a", deploy: policy });
    assert.deepEqual(document(stack).services.web, { image: "a" });
  });

  describe("that are not Compose files", () => {
    for (const [text, problem] of [
      ["", /^compose\.yaml:1: a Compose file is a mapping with the key services$/],
      ["- a", /:1: a Compose file is a mapping/],
      ["services: {}", /:1: services: there is none/],
      ["name: x", /services: there is none/],
      ["services:\n  web: a: b", /^compose\.yaml:2: .*correct the YAML here/],
      ["services:\n  web: {}\n  web: {}", /^compose\.yaml:3: .*unique.*/],
      ["services:\n  web: {}", /^compose\.yaml:2: services\.web: it has no image/],
      [
        "services:\n  web:\n    imgae: a",
        /^compose\.yaml:3: services\.web\.imgae: there is no such key here; did you mean image\? Remove it, or name it x-imgae/,
      ],
      [
        "services:\n  web:\n    image: 5",
        /:3: services\.web\.image: 5 was given; it must be text: write "5"/,
      ],
      ["services:\n  'we b': {image: a}", /services\.we b: this name is not allowed/],
      [
        "version: 3.8\nservices: {web: {image: a}}",
        /^compose\.yaml:1: version: 3\.8 was given; it must be text: write "3\.8"/,
      ],
      [
        "services: {web: {image: a, ports: 80}}",
        /services\.web\.ports: 80 was given; it must be a list/,
      ],
      [
        "services: {web: {image: a, build: 5}}",
        /web\.build: 5 was given; it must be text or a mapping/,
      ],
      [
        "services: {web: {image: a, depends_on: {b: {condition: ready}}}}",
        /depends_on\.b\.condition: "ready" was given; it must be one of: service_started/,
      ],
      [
        "services: {web: {image: a}}\nmodels: {m: {model: x}}",
        /^compose\.yaml:2: models: Swarm runs no models/,
      ],
      ["services: {web: {image: !reset a}}", /:1: .*!reset/],
    ] as const) {
      it(JSON.stringify(text), () => {
        const found = problems(text);
        assert.equal(found.length, 1, found.join("\n"));
        assert.match(found[0] ?? "", problem);
      });
    }

    it("names that are too long for Docker are refused", () => {
      const name = "a".repeat(59);
      assert.match(
        problems(`services: {${name}: {image: a}}`).join(),
        /services\.a+: the name is too long: with the stack's, 58 characters are left for it/,
      );
      read(`services: {${name.slice(1)}: {image: a}}`);
    });
  });

  describe("from users' reports", () => {
    it("a folder beside the file is refused by name", () => {
      assert.throws(
        () => caseFile("06-files-beside/site.yml"),
        (error) =>
          error instanceof ComposeError &&
          error.problems.length === 1 &&
          /site\.yml:11: services\.site\.volumes\[0\]: .*pages is a folder/.test(error.message),
      );
    });

    it("a service that runs once is unchanged", () => {
      assert.match(caseFile("07-one-shot/shop.yml").compose, /# Prepares the store once/);
    });

    it("in today's format", () => {
      const stack = caseFile("08-compose-of-today/compose.yaml");
      assert.deepEqual(document(stack).services.web, {
        image: "IMAGE",
        entrypoint: ["python3", "-m", "http.server", "8000", "--directory", "/etc"],
        ports: [{ target: 8000, published: 18000 }],
        networks: ["spark"],
      });
      assert.deepEqual(
        stack.notes.map((note) => note.replace(/^.*compose.yaml:(\d+): (\S+):.*$/, "$1 $2")),
        [
          "25 services.debugger",
          "10 services.db.healthcheck.start_interval",
          "15 services.web.depends_on",
          "1 name",
          "19 services.web.ports[0]",
        ],
      );
    });

    it("variables, .env and env_file", () => {
      const stack = caseFile("09-variables/queue.yml");
      assert.deepEqual(document(stack).services.queue?.environment, {
        LEVEL: "info",
        NAME: "first queue",
        REGION: "eu-west-1",
        COST: "5$$",
      });
      assert.equal(document(stack).services.queue?.image, "IMAGE");
    });

    it("a service called master", () => {
      assert.throws(
        () => caseFile("10-a-service-called-master/store.yml"),
        /store\.yml:4: services\.master: master is a name of the cluster's own/,
      );
    });

    it("a service that needs four minutes", () => {
      assert.equal(caseFile("19-slow-start/index.yml").timeout, 180 + 360 + 3 * 5 + 30);
    });

    it("placement by labels is left to the Swarm", () => {
      assert.deepEqual(caseFile("31-node-labels/pinned.yml").notes, []);
    });

    it("build: the builder gets its folder and arguments", () => {
      const asked: unknown[] = [];
      const stack = readCompose(join(CASES, "38-build/app.yml"), {
        ...ours,
        build: (build) => {
          asked.push(build);
          return "manager:5000/app:1";
        },
      });
      assert.deepEqual(asked, [{ context: join(CASES, "38-build/app"), args: { BASE: "IMAGE" } }]);
      assert.equal(document(stack).services.app?.image, "manager:5000/app:1");
    });
  });

  it("paths in a file of another folder are relative to that folder", () => {
    const folder = folderWith({
      "a/compose.yaml": "services: {web: {image: nginx, volumes: ['../b/x.conf:/x:ro']}}",
      "b/x.conf": "x",
    });
    const stack = readCompose(join(folder, "a/compose.yaml"), { stackName: "demo" });
    assert.equal(stack.files.length, 1);
  });
});
