import assert from "node:assert/strict";
import { problems, read } from "./reading";

describe("Compose files", () => {
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
        /^compose\.yaml:2: models: Swarm does not run models/,
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
        /services\.a+: the name is too long: the stack's name leaves at most 58 characters for it/,
      );
      read(`services: {${name.slice(1)}: {image: a}}`);
    });
  });
});
