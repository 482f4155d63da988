import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Droplet } from "./account";
import type { Context } from "./context";
import { actionsOf, requireHostname } from "./droplets";
import { unprocessable } from "./errors";
import { bodyOf, page } from "./requests";

const action = z.discriminatedUnion("type", [
  z.object({ type: z.literal("power_off") }),
  z.object({ type: z.literal("shutdown") }),
  z.object({ type: z.literal("power_on") }),
  z.object({ type: z.literal("enable_backups") }),
  z.object({ type: z.literal("disable_backups") }),
  z.object({ type: z.literal("rename"), name: z.string() }),
  z.object({ type: z.literal("resize"), size: z.string(), disk: z.boolean().nullish() }),
]);

/** Actions on a droplet; clients poll their status by the action's number. */
export function dropletActionRoutes(server: FastifyInstance, context: Context): void {
  const { account } = context;

  server.post<{ Params: { id: string } }>("/droplets/:id/actions", async (request, reply) => {
    const droplet = account.droplet(request.params.id);
    const wanted = bodyOf(action, request);
    account.requireIdle(droplet);
    const work = prepare(context, droplet, wanted);
    reply.code(201);
    return { action: account.actionView(account.act(wanted.type, droplet, work())) };
  });

  server.get<{ Params: { id: string } }>("/droplets/:id/actions", async (request) => {
    const actions = actionsOf(account, account.droplet(request.params.id));
    return page(
      request,
      "actions",
      actions.map((item) => account.actionView(item)),
    );
  });
}

/** Refuses impossible actions before they start. */
function prepare(
  { catalogue, lifecycle }: Context,
  droplet: Droplet,
  wanted: z.output<typeof action>,
): () => Promise<void> {
  switch (wanted.type) {
    case "power_off":
    case "shutdown":
      if (droplet.status === "off") throw unprocessable("Droplet is already powered off.");
      return () => lifecycle.powerOff(droplet);
    case "power_on":
      if (droplet.status === "active") throw unprocessable("Droplet is already powered on.");
      return () => lifecycle.powerOn(droplet);
    case "enable_backups":
      return async () => {
        droplet.features.add("backups");
      };
    case "disable_backups":
      return async () => {
        droplet.features.delete("backups");
      };
    case "rename":
      requireHostname(wanted.name);
      return async () => {
        droplet.name = wanted.name;
      };
    case "resize": {
      const size = catalogue.size(wanted.size);
      if (!size) throw unprocessable("You specified an invalid size for Droplet resize.");
      if (!size.available || !size.regions.includes(droplet.region)) {
        throw unprocessable("Size is not available in this region.");
      }
      if (droplet.status === "active") {
        throw unprocessable("Droplet is currently on. Please power it off to run this event.");
      }
      if (size.disk < droplet.disk) {
        throw unprocessable("Size can not decrease size of Droplet's disk image");
      }
      return async () => {
        droplet.size = size;
        if (wanted.disk) droplet.disk = size.disk;
      };
    }
  }
}
