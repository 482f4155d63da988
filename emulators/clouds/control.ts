import type { FastifyInstance } from "fastify";
import { type ZodType, z } from "zod";
import type { Cloud, StartCloud } from "./contract";
import { bootOrder, faultOrder, limitOrder, type OrderedFaults } from "./faults";
import type { MachinePark } from "./machines/park";

type OnControl = Parameters<StartCloud>[0]["onControl"];

/**
 * Test controls of an emulated cloud, outside its API:
 *
 * - `POST faults`, an answer that fails, see {@link faultOrder}; `DELETE faults` clears all orders
 * - `POST limits`, such as `{"droplets": 2}` or `{"requestsPerMinute": 30}`
 * - `POST machines/NAME`, how the next machines of this name boot, see {@link bootOrder}
 * - `POST machines/NAME/lose` (gone, and the cloud does not notice), `…/off`, and actions that the cloud registers
 * - `GET state`, everything that exists
 */
export class Control {
  static readonly PATH = "/_emulator";
  private readonly actions = new Map<string, Parameters<OnControl>[1]>();

  constructor(
    private readonly machines: MachinePark,
    private readonly faults: OrderedFaults,
  ) {
    this.onControl("lose", (name) => machines.lose(this.machine(name)));
    this.onControl("off", (name) => machines.powerOff(this.machine(name)));
  }

  readonly onControl: OnControl = (action, work) => {
    this.actions.set(action, work);
  };

  routes(server: FastifyInstance, cloud: Cloud): void {
    server.setErrorHandler(async (error: Error & { statusCode?: number }, _request, reply) => {
      reply.code(error.statusCode ?? 500);
      return { error: error.message };
    });
    server.get("/state", async () => ({ resources: await cloud.state() }));
    server.post("/faults", async ({ body }) => {
      this.faults.order(parse(faultOrder, body));
      return {};
    });
    server.delete("/faults", async () => {
      this.faults.clear();
      return {};
    });
    server.post("/limits", async ({ body }) => {
      this.faults.setLimits(parse(limitOrder, body));
      return {};
    });
    server.post<{ Params: { name: string } }>("/machines/:name", async ({ params, body }) => {
      this.faults.orderBoot(params.name, parse(bootOrder, body));
      return {};
    });
    server.post<{ Params: { name: string; action: string } }>(
      "/machines/:name/:action",
      async ({ params, body }) => {
        const work = this.actions.get(params.action);
        if (!work) throw failure(404, `there is no action ${params.action}`);
        await work(params.name, body);
        return {};
      },
    );
  }

  private machine(name: string): string {
    const id = this.machines.find(name);
    if (id === undefined) throw failure(404, `there is no machine ${name}`);
    return id;
  }
}

function parse<Output>(schema: ZodType<Output>, body: unknown): Output {
  const { success, data, error } = schema.safeParse(body);
  if (!success) throw failure(400, z.prettifyError(error));
  return data;
}

function failure(statusCode: number, message: string): Error {
  return Object.assign(new Error(message), { statusCode });
}
