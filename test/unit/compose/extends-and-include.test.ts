// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import { document, problems, read } from "./reading";

describe("Compose files", () => {
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
        /extends: it extends itself through other services/,
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
        /^b\.yml:1: services\.a: another file defines this name differently/,
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
});
