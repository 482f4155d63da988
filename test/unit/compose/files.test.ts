// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of Compose files
import assert from "node:assert/strict";
import { join } from "node:path";
import { readCompose } from "../../../components/swarm-stack/compose/read";
import type { Mapping } from "../../../components/swarm-stack/compose/values";
import { document, folderWith, problems, read, withoutFolder } from "./reading";

const web = (lines: string) => `services:\n  web:\n    image: nginx\n${lines}\n`;

describe("files that a stack needs", () => {
  const CONFIG = web("    configs: [motd]\nconfigs: {motd: {file: ./conf/motd.conf}}");
  const SECRET = web("    secrets: [key]\nsecrets: {key: {file: key.txt}}");

  it("a config is sent with the document, under a name with a digest of its content", () => {
    const one = read({ "compose.yaml": CONFIG, "conf/motd.conf": "one" });
    const [file] = one.files;
    assert.ok(file);
    assert.match(file.name, /^demo_motd_[0-9a-f]{12}$/);
    assert.deepEqual([file.content.toString(), file.secret], ["one", false]);
    assert.deepEqual(document(one).configs, { motd: { name: file.name, file: `./${file.name}` } });
    const again = read({ "compose.yaml": CONFIG, "conf/motd.conf": "one" });
    assert.equal(again.compose, one.compose);
    const other = read({ "compose.yaml": CONFIG, "conf/motd.conf": "two" });
    assert.notEqual(other.files[0]?.name, file.name);
  });

  it("a secret too, and its content is in neither document nor name", () => {
    const { files, compose, sensitive } = read({ "compose.yaml": SECRET, "key.txt": "hidden" });
    assert.deepEqual([files[0]?.content.toString(), files[0]?.secret], ["hidden", true]);
    assert.match(files[0]?.name ?? "", /^demo_key_[0-9a-f]{12}$/);
    assert.ok(!compose.includes("hidden"));
    assert.equal(sensitive, false);
  });

  it("has another digest in another stack, though it is the same secret", () => {
    const files = { "compose.yaml": SECRET, "key.txt": "hidden" };
    const digits = (stackName: string) => read(files, { stackName }).files[0]?.name.slice(-12);
    assert.notEqual(digits("a"), digits("b"));
  });

  it("content and environment are other sources for it", () => {
    const text = web(
      "    configs: [a, b]\n    secrets: [c]\nconfigs: {a: {content: 'x=${X}'}, b: {environment: X}}\nsecrets: {c: {environment: X}}",
    );
    const { files, sensitive } = read(text, { env: { X: "hidden" } });
    assert.deepEqual(
      files.map(({ content, secret }) => [content.toString(), secret]),
      [
        ["x=hidden", false],
        ["hidden", false],
        ["hidden", true],
      ],
    );
    assert.equal(sensitive, true);
  });

  it("bytes stay unchanged", () => {
    const folder = folderWith({ "compose.yaml": CONFIG, "conf/motd.conf": "é\r\n\0" });
    const { files } = readCompose(join(folder, "compose.yaml"), { stackName: "demo" });
    assert.deepEqual(files[0]?.content, Buffer.from("é\r\n\0"));
  });

  it("unused ones are not sent", () => {
    const { files, compose } = read(
      `services: {web: {image: nginx}}\nconfigs: {motd: {file: no-such.conf}}`,
    );
    assert.deepEqual(files, []);
    assert.ok(!compose.includes("motd"));
  });

  it("external ones are those of the Swarm", () => {
    const text = web("    secrets: [key]\nsecrets: {key: {external: true, name: other}}");
    const stack = read(text);
    assert.deepEqual(document(stack).secrets, { key: { external: true, name: "other" } });
    assert.deepEqual(stack.files, []);
  });

  it("long form: mode as text, its own name, labels", () => {
    const text = web(
      "    configs: [{source: motd, target: /etc/motd, mode: '0440', uid: '5'}]\nconfigs: {motd: {content: x, name: mine, labels: {a: b}}}",
    );
    const stack = read(text);
    const [file] = stack.files;
    assert.match(file?.name ?? "", /^mine_[0-9a-f]{12}$/);
    assert.deepEqual(document(stack).services.web?.configs, [
      { source: "motd", target: "/etc/motd", mode: 0o440, uid: "5" },
    ]);
  });

  it("mode: 0440 is octal", () => {
    const stack = read(
      web("    configs: [{source: motd, mode: 0440}]\nconfigs: {motd: {content: x}}"),
    );
    const [grant] = (document(stack).services.web?.configs as Mapping[] | undefined) ?? [];
    assert.equal(grant?.mode, 0o440);
  });

  describe("single files that are mounted", () => {
    it("are sent as configs, at the file's targets", () => {
      const stack = read({
        "compose.yaml": web(
          "    volumes: ['./nginx.conf:/etc/nginx/nginx.conf:ro', './run.sh:/run.sh']",
        ),
        "nginx.conf": "http {}",
        "run.sh": "#!/bin/sh",
      });
      const { web: made = {} } = document(stack).services;
      assert.equal(made.volumes, undefined);
      const [config, script] = stack.files.map(({ name }) => name);
      assert.match(config ?? "", /^demo_nginx\.conf_[0-9a-f]{12}$/);
      assert.deepEqual(made.configs, [
        { source: config, target: "/etc/nginx/nginx.conf", mode: 0o444 },
        { source: script, target: "/run.sh", mode: 0o555 },
      ]);
      assert.deepEqual(Object.keys(document(stack).configs as Mapping), [config, script]);
      assert.deepEqual(stack.notes.map(withoutFolder), [
        "compose.yaml:4: services.web.volumes[1]: run.sh is sent as a config: the container cannot write to it",
      ]);
    });

    it("one file of two services is one config", () => {
      const service = "{image: nginx, volumes: ['./a.conf:/a:ro']}";
      const stack = read({
        "compose.yaml": `services:\n  a: ${service}\n  b: ${service}\n`,
        "a.conf": "x",
      });
      assert.equal(stack.files.length, 1);
    });

    for (const entry of [
      "'${HERE}/a.conf:/a:ro'",
      "{type: bind, source: ./a.conf, target: /a, read_only: true}",
      "{type: bind, source: a.conf, target: /a, read_only: 'true', bind: {create_host_path: false}}",
    ]) {
      it(`also as ${entry}`, () => {
        const folder = folderWith({
          "compose.yaml": web(`    volumes: [${entry}]`),
          "a.conf": "x",
        });
        const path = join(folder, "compose.yaml");
        const stack = readCompose(path, { stackName: "demo", env: { HERE: folder } });
        assert.equal(stack.files.length, 1);
        assert.deepEqual(stack.notes, []);
      });
    }

    it("folders are refused, with what to use instead", () => {
      const [problem = ""] = problems({
        "compose.yaml": web("    volumes: [./pages:/pages:ro]"),
        "pages/index.html": "x",
      });
      assert.match(
        problem,
        /^compose\.yaml:4: services\.web\.volumes\[0\]: pages is a local folder.*build, with COPY.*npx spark-swarm copy/,
      );
    });

    it("missing, too large and empty ones are refused", () => {
      const at = (files: Record<string, string>) =>
        problems({ "compose.yaml": web("    volumes: [./a.conf:/a]"), ...files }).join();
      assert.match(at({}), /volumes\[0\]: there is no file a\.conf/);
      assert.match(at({ "a.conf": "" }), /a\.conf is empty/);
      assert.match(
        at({ "a.conf": "x".repeat(512001) }),
        /has 512001 bytes, but Swarm accepts 512000/,
      );
      read({ "compose.yaml": web("    volumes: [./a.conf:/a]"), "a.conf": "x".repeat(512000) });
    });
  });

  describe("that are on the hosts", () => {
    it("are accepted unchanged, with a note if not every host has them", () => {
      const { notes } = read(
        web(
          "    volumes: [/data:/data, /var/run/docker.sock:/var/run/docker.sock, /opt/mine:/mine:ro]",
        ),
      );
      assert.deepEqual(notes.map(withoutFolder), [
        "compose.yaml:4: services.web.volumes[2]: /opt/mine is a path on the host where the task runs, not on this machine; it must exist there",
      ]);
    });
  });

  describe("volumes", () => {
    const file = (deploy = "") =>
      `${web(`    volumes: [data:/data]${deploy}`)}volumes: {data: {}}\n`;

    it("stay on their host, with a note unless a constraint names it", () => {
      assert.match(
        read(file()).notes.join(),
        /web\.volumes: data is on the host where the task runs.*node\.role == manager/,
      );
      const pinned = "\n    deploy: {placement: {constraints: [node.role == manager]}}";
      assert.deepEqual(read(file(pinned)).notes, []);
      assert.deepEqual(read(file("\n    deploy: {mode: global}")).notes, []);
      assert.deepEqual(read(file(), { hosts: 1 }).notes, []);
    });
  });

  for (const [key, text, problem] of [
    [
      "config without a file",
      web("    configs: [a]\nconfigs: {a: {file: no.conf}}"),
      /^compose\.yaml:5: configs\.a\.file: there is no file no\.conf/,
    ],
    [
      "config of a folder",
      web("    configs: [a]\nconfigs: {a: {file: .}}"),
      /configs\.a\.file: .*is a folder/,
    ],
    [
      "config of nothing",
      web("    configs: [a]\nconfigs: {a: {labels: {b: c}}}"),
      /configs\.a: file, content, environment or external is missing/,
    ],
    [
      "secret without a value",
      web("    secrets: [a]\nsecrets: {a: {environment: NO_SUCH}}"),
      /secrets\.a\.environment: the variable NO_SUCH has no value/,
    ],
  ] as const) {
    it(`a ${key} is refused`, () => assert.match(problems(text).join(), problem));
  }
});
