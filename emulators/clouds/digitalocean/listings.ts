import type { FastifyInstance } from "fastify";
import type { Context } from "./context";
import { DROPLET_LIMIT } from "./droplets";
import { notFound } from "./errors";
import { page } from "./requests";

/** The read-only lists: the account itself, the cloud's offers, and past actions. */
export function listingRoutes(
  server: FastifyInstance,
  { account, catalogue, faults }: Context,
): void {
  server.get("/account", async () => ({
    account: {
      droplet_limit: faults.limit("droplets") ?? DROPLET_LIMIT,
      floating_ip_limit: faults.limit("reservedIps") ?? 3,
      reserved_ip_limit: faults.limit("reservedIps") ?? 3,
      volume_limit: 100,
      email: "nobody@example.com",
      name: "",
      uuid: account.uuid,
      email_verified: true,
      status: "active",
      status_message: "",
      team: { uuid: account.uuid, name: "My Team" },
    },
  }));

  server.get("/sizes", async (request) => page(request, "sizes", catalogue.sizes));

  server.get("/regions", async (request) =>
    page(
      request,
      "regions",
      catalogue.regions.map(({ slug }) => catalogue.regionView(slug)),
    ),
  );

  server.get<{ Querystring: { type?: string; private?: string } }>("/images", async (request) => {
    const { type, private: own } = request.query;
    const wanted = catalogue.images.filter(
      (image) =>
        (own !== "true" || !image.public) &&
        (type !== "distribution" || image.type === "base") &&
        (type !== "application" || (image.public && image.type === "snapshot")),
    );
    return page(
      request,
      "images",
      wanted.map((image) => catalogue.imageView(image)),
    );
  });

  server.get<{ Params: { key: string } }>("/images/:key", async ({ params }) => {
    const image = catalogue.image(params.key);
    if (!image) throw notFound();
    return { image: catalogue.imageView(image) };
  });

  server.get<{ Params: { id: string } }>("/actions/:id", async ({ params }) => {
    const action = account.actions.get(Number(params.id));
    if (!action) throw notFound();
    return { action: account.actionView(action) };
  });
}
