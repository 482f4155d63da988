import assert from "node:assert/strict";
import { document, read } from "./reading";

describe("Compose files", () => {
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
        /:3: services\.debug: left out: it is for the profile debug or test\. Include it with COMPOSE_PROFILES=debug/,
      );
    });

    for (const asked of ["debug", "test", "other,test", "*"]) {
      it(`COMPOSE_PROFILES=${asked} has them`, () =>
        assert.deepEqual(services({ COMPOSE_PROFILES: asked }), ["web", "debug"]));
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
});
