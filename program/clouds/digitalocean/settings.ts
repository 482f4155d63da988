import { z } from "zod";
import { access, budget, lifetime, size, workers } from "../../settings/hosts";
import { common } from "../../settings/schema";
import { ALWAYS, needs } from "../../settings/services";
import { word } from "../../settings/values";

export const schema = z
  .strictObject({
    cloud: z.literal("digitalocean"),
    region: word("a DigitalOcean region, such as nyc3").default("nyc3"),
    // Pulumi's configuration keeps a number as a number.
    image: z
      .preprocess(
        (given) => (typeof given === "number" ? `${given}` : given),
        word("an image's slug or number, such as docker-20-04"),
      )
      .default("docker-20-04"),
    workers: workers(
      { size: size("s-2vcpu-4gb").default("s-2vcpu-4gb") },
      "{count: 2, size: s-2vcpu-4gb}",
    ),
    manager: z
      .strictObject(
        { size: size("s-2vcpu-4gb").default("s-2vcpu-4gb") },
        "an object such as {size: s-2vcpu-4gb}",
      )
      .prefault({}),
    access,
    ...common,
    lifetime: lifetime
      .extend({ token: z.string("a DigitalOcean token that may delete droplets").optional() })
      .prefault({}),
    budget,
    digitalocean: z
      .strictObject(
        { reservedAddress: z.boolean("true or false").default(false) },
        "an object such as {reservedAddress: true}",
      )
      .prefault({}),
  })
  .superRefine(needs(), ALWAYS);

export type DigitalOceanSettings = z.infer<typeof schema>;
