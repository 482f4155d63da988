import assert from "node:assert/strict";
import { join } from "node:path";
import { readCompose } from "../../../components/swarm-stack/compose/read";
import { document, folderWith, problems, read, service } from "./reading";

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

  it("paths in a file of another folder are relative to that folder", () => {
    const folder = folderWith({
      "a/compose.yaml": "services: {web: {image: nginx, volumes: ['../b/x.conf:/x:ro']}}",
      "b/x.conf": "x",
    });
    const stack = readCompose(join(folder, "a/compose.yaml"), { stackName: "demo" });
    assert.equal(stack.files.length, 1);
  });
});
