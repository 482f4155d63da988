import { z } from "zod";
import type { StartCloud } from "../contract";
import { Api } from "./api";
import { Fleet } from "./fleet";
import images from "./images.json";
import { Metadata } from "./metadata";
import { MotoServer } from "./moto-server";
import { SpotMarket } from "./spot";

const spotNotice = z.strictObject({ seconds: z.number().min(0).default(120) });
const spotPrice = z.strictObject({ price: z.number().min(0) });

const imageOf = (machineImage: string) =>
  images.find((image) => image.machineImage === machineImage)?.id ?? "";

/**
 * The emulated AWS: moto's server keeps the state of EC2, IAM, S3 and STS; its instances are backed by machines.
 *
 * Control actions: `machines/NAME/spot-notice {"seconds": 120}`, `machines/INSTANCE-TYPE/spot-price {"price": 0.05}`
 * (USD an hour, in all regions), and `machines/NAME/new-credentials`, which replaces its role's credentials.
 */
export const start: StartCloud = async (context) => {
  const { machines, machineImages, faults, provisionSeconds, onControl } = context;
  const moto = await MotoServer.start();
  const spot = new SpotMarket();
  const fleet = new Fleet(moto, machines, { provisionSeconds, machineImages });
  const api = new Api({ moto, fleet, machines, faults, spot });
  const metadata = new Metadata(fleet, moto);
  onControl("spot-notice", async (name, body) =>
    fleet.interrupt(name, spotNotice.parse(body ?? {}).seconds),
  );
  onControl("new-credentials", async (name) => metadata.renew(name));
  onControl("spot-price", async (type, body) => spot.setPrice(type, spotPrice.parse(body).price));
  return {
    routes: (server) => {
      metadata.routes(server);
      api.routes(server);
    },
    environment: (endpoint) => ({
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: moto.accessKeyId,
      AWS_SECRET_ACCESS_KEY: moto.secretAccessKey,
      AWS_REGION: "us-east-1",
    }),
    images: { docker: imageOf("docker"), snapshot: imageOf("snapshot") },
    state: async () => {
      const { regions, resources } = await moto.state();
      return [...regions.flatMap((region) => region.resources), ...resources];
    },
    close: async () => {
      await fleet.close();
      await moto.close();
    },
  };
};
