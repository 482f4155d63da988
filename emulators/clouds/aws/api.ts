import { buffer } from "node:stream/consumers";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Fault, Faults, Machines } from "../contract";
import { type Answer, errorAnswer } from "./errors";
import type { Fleet } from "./fleet";
import type { MotoServer } from "./moto-server";
import { getProducts } from "./price-list";
import type { SpotMarket } from "./spot";

interface ApiRequest {
  service: string;
  region: string;
  action: string;
  accessKeyId: string;
  body: Buffer;
}

/** The price list is served in no other region: docs.aws.amazon.com/general/latest/gr/billing.html */
const PRICE_LIST_REGIONS = ["us-east-1", "eu-central-1", "ap-south-1"];
const READS = /^(Describe|Get|List)/;
/** These headers apply to one connection, and are not passed on. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding"];

/**
 * The API of AWS: moto's, with the faults and limits that tests ordered, prices, and addresses and instances backed by
 * machines.
 */
export class Api {
  constructor(
    private readonly parts: {
      moto: MotoServer;
      fleet: Fleet;
      machines: Machines;
      faults: Faults;
      spot: SpotMarket;
    },
  ) {}

  routes(server: FastifyInstance): void {
    // Bodies stay unchanged, because they are signed.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    server.all("/*", (request, reply) => this.answer(request, reply));
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { method, raw, headers } = request;
    const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\/aws4_request/.exec(
      headers.authorization ?? "",
    );
    const [, accessKeyId = "", region = "", service = "s3"] = scope ?? [];
    const path = raw.url ?? "/";
    if (!scope || path.startsWith("/_moto/")) {
      const code = "MissingAuthenticationToken";
      const message = "Request is missing Authentication Token";
      return send(reply, errorAnswer(service, { status: 403, code, message }));
    }
    if (service === "s3") {
      const fault = this.parts.faults.match({ method, path, action: "" });
      if (fault && !fault.after) return send(reply, faultAnswer(service, fault));
      return this.pass(request, reply, fault);
    }
    const body = await buffer(raw);
    const action =
      new URLSearchParams(body.toString()).get("Action") ??
      `${headers["x-amz-target"] ?? ""}`.replace(/.*\./, "");
    const fault = this.parts.faults.match({ method, path, action });
    if (fault && !fault.after) return send(reply, faultAnswer(service, fault));
    const answer = await this.work(request, { service, region, action, accessKeyId, body });
    return send(reply, fault ? faultAnswer(service, fault) : answer);
  }

  private async work(http: FastifyRequest, request: ApiRequest): Promise<Answer> {
    const { fleet, faults, spot, machines } = this.parts;
    const { service, region, action, body } = request;
    if (service === "pricing") return this.price(request);
    if (service !== "ec2") return this.forward(http, body);
    const parameters = new URLSearchParams(body.toString());
    const forward = (own: Record<string, string> = {}) => this.forward(http, body, own);
    let answer: Answer;
    if (action === "RunInstances") {
      const limit = faults.limit("instances");
      const refusal = spot.refusal(region, parameters);
      answer =
        refusal ??
        (await forward(limit === undefined ? {} : { "x-emulated-instances": `${limit}` }));
    } else if (action === "AllocateAddress") {
      const address = machines.reserveAddress();
      answer = await forward({ "x-emulated-address": address });
      if (answer.status === 200) fleet.adopt(address);
      else machines.releaseAddress(address);
    } else {
      answer = await forward();
      if (action === "DescribeSpotPriceHistory" && answer.status === 200) {
        return spot.history(region, parameters);
      }
    }
    if (!READS.test(action)) fleet.follow();
    return answer;
  }

  private price({ action, region, accessKeyId, body }: ApiRequest): Answer {
    if (accessKeyId !== this.parts.moto.accessKeyId) {
      const message = "The security token included in the request is invalid.";
      return errorAnswer("pricing", { status: 400, code: "UnrecognizedClientException", message });
    }
    if (action === "GetProducts" && PRICE_LIST_REGIONS.includes(region)) {
      return getProducts(body.toString());
    }
    const message = `the price list of ${region} does not know ${action}`;
    return errorAnswer("pricing", { status: 400, code: "UnknownOperationException", message });
  }

  private async forward(
    { method, raw, headers }: FastifyRequest,
    body: Buffer,
    own: Record<string, string> = {},
  ): Promise<Answer> {
    const path = raw.url ?? "/";
    const answer = await this.parts.moto.forward({
      method,
      path,
      headers: { ...headers, ...own },
      body,
    });
    return {
      status: answer.statusCode ?? 500,
      headers: passedOn(answer.headers),
      body: await buffer(answer),
    };
  }

  /** Objects are streamed, not held in memory. */
  private async pass(request: FastifyRequest, reply: FastifyReply, fault?: Fault): Promise<void> {
    const { method, raw, headers } = request;
    const path = raw.url ?? "/";
    const answer = await this.parts.moto.forward({ method, path, headers, body: raw });
    if (fault) {
      answer.resume();
      return send(reply, faultAnswer("s3", fault));
    }
    reply.code(answer.statusCode ?? 500).headers(passedOn(answer.headers));
    return reply.send(answer);
  }
}

function faultAnswer(service: string, { status, code, message }: Fault): Answer {
  return errorAnswer(service, {
    status,
    code: code ?? "InternalError",
    message: message ?? "An internal error has occurred",
  });
}

function passedOn(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, `${value}`]));
}

async function send(reply: FastifyReply, { status, headers, body }: Answer): Promise<void> {
  return reply.code(status).headers(headers).send(body);
}
