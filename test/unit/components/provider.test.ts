import { deepEqual, equal, rejects } from "node:assert/strict";
import { join, resolve } from "node:path";
import { secret } from "@pulumi/pulumi";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import * as components from "../../../provider";
import {
  type Inputs,
  inPreviewAndUpdate,
  PROJECT,
  privateKeyOf,
  run,
  STACK,
  scriptOf,
} from "./mocks";

const repository = resolve(__dirname, "../../..");
const connection = {
  host: "192.0.2.10",
  port: 2200,
  user: "admin",
  privateKey: secret(privateKeyOf("client")),
  hostKey: "ssh-ed25519 AAAA",
};
const compose = { services: { web: { image: "nginx" } } };
const size = { cpus: 1, memory: 1024 };

interface Schema {
  resources: Record<string, { inputProperties: Record<string, object>; requiredInputs: string[] }>;
  types: Record<string, { properties: Record<string, object> }>;
}

describe("The provider's schema", function () {
  this.timeout("2m");
  let schema: Schema;

  before("analyse the components, as Pulumi's host of component providers does", async () => {
    const provider = new ComponentProvider({
      name: "spark-swarm",
      components: Object.values(components),
      dirname: join(repository, "provider"),
    });
    schema = JSON.parse(await provider.getSchema()) as Schema;
  });

  it("has the components that the entry point exports", () => {
    deepEqual(
      Object.entries(schema.resources).map(([token, { requiredInputs }]) => [
        token,
        requiredInputs,
      ]),
      [
        ["spark-swarm:index:LocalSwarm", ["manager", "workers"]],
        ["spark-swarm:index:SwarmStack", ["compose", "connection", "stackName"]],
      ],
    );
  });

  it("describes each argument", () => {
    const properties = [
      ...Object.values(schema.resources).map(({ inputProperties }) => inputProperties),
      ...Object.values(schema.types).map(({ properties }) => properties),
    ].flatMap((fields) => Object.entries(fields));
    equal(properties.length > 0, true);
    deepEqual(
      properties.filter(([, property]) => !("description" in property)),
      [],
    );
  });
});

inPreviewAndUpdate((preview) => {
  describe("The provider's SwarmStack", () => {
    const stack = (args: Partial<components.SwarmStackArgs> = {}) =>
      run(preview, () => {
        new components.SwarmStack("web", { connection, stackName: "web", compose, ...args });
      });

    it("deploys its document with the library's component", async () => {
      const { find } = await stack({ timeout: 60, swarmId: "abc" });
      equal(find("web", "spark-swarm:index:SwarmStack").parent, "");
      equal(find("web", "spark-swarm:swarm:SwarmStack").parent, "web");
      const deployment = find("web-deploy");
      const { privateKey, ...rest } = deployment.inputs.connection as Inputs;
      equal(privateKey, privateKeyOf("client"));
      deepEqual(deployment.secrets, ["connection"]);
      deepEqual(
        [rest.host, rest.port, rest.user, rest.hostKey],
        ["192.0.2.10", 2200, "admin", "ssh-ed25519 AAAA"],
      );
      const { COMPOSE, STACK: name, SWARM, TIMEOUT } = scriptOf(deployment).variables;
      deepEqual([name, SWARM, TIMEOUT], ["web", "abc", "60"]);
      equal(COMPOSE?.includes("image: nginx"), true);
    });

    it("refuses wrong arguments, all at once", async () => {
      await rejects(stack({ stackName: "a b", timeout: 0 }), (error: { errors?: object[] }) => {
        deepEqual(error.errors, [
          {
            propertyPath: "stackName",
            reason: "must begin with a letter or digit, and have letters, digits, - and _ only",
          },
          { propertyPath: "timeout", reason: "must be a number of seconds greater than 0" },
        ]);
        return true;
      });
    });
  });

  describe("LocalSwarm", () => {
    const web = join(repository, "examples/own-swarm/web");
    const swarm = (args: Partial<components.LocalSwarmArgs> = {}) =>
      run(
        preview,
        () =>
          new components.LocalSwarm("lab", {
            manager: size,
            workers: { count: 1, ...size },
            images: [web],
            ...args,
          }),
      );

    it("creates hosts and their Swarm, named after project, stack and component", async () => {
      const { find } = await swarm();
      const prefix = `${PROJECT}-${STACK}-lab`;
      equal(find("lab").type, "spark-swarm:index:LocalSwarm");
      equal(find(prefix, "spark-swarm:hosts:LocalHosts").parent, "lab");
      equal(find(`${prefix}-swarm`, "spark-swarm:swarm:Swarm").parent, "lab");
      equal(find(`${prefix}-worker-0`).inputs.name, `${prefix}-worker-0`);
    });

    it("returns what stacks on it need", async () => {
      const { find } = await swarm();
      const outputs = find("lab").outputs;
      deepEqual(Object.keys(outputs).sort(), ["connection", "images", "managerAddress", "swarmId"]);
      const [reference] = Object.values(outputs.images as Inputs);
      deepEqual(Object.keys(outputs.images as Inputs), ["web"]);
      equal(/^manager:5000\/web:[0-9a-f]{12}$/.test(`${reference}`), true);
    });

    it("refuses wrong arguments, all at once", async () => {
      const wrong = swarm({
        manager: { cpus: 0, memory: 0.5 },
        workers: { count: -1, ...size },
        images: ["nowhere"],
      });
      const dockerfile = resolve("nowhere/Dockerfile");
      await rejects(wrong, (error: { errors?: object[] }) => {
        deepEqual(error.errors, [
          { propertyPath: "manager.cpus", reason: "must be a number of CPUs greater than 0" },
          {
            propertyPath: "manager.memory",
            reason: "must be a whole number of MB greater than 0",
          },
          { propertyPath: "workers.count", reason: "must be a whole number, 0 or more" },
          {
            propertyPath: "images[0]",
            reason: `must be a folder with a Dockerfile: there is no ${dockerfile}`,
          },
        ]);
        return true;
      });
    });
  });
});
