import { randomBytes, randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Fault, Faults } from "../contract";
import { ApiError, notFound } from "./errors";

/** The real API's limit, reported if no test has set another. */
const REQUESTS_PER_MINUTE = 250;
const MINUTE = 60_000;

/** Rules for every request: authorization, rate limits, ordered faults, the form of errors. */
export class Api {
  /** May do everything. */
  readonly token = newToken();
  /** May delete droplets and nothing else, like a token with the custom scope `droplet:delete`. */
  readonly deleteToken = newToken();
  private readonly faultOf = new WeakMap<FastifyRequest, Fault>();
  /** The times of the requests of the last minute. */
  private times: number[] = [];

  constructor(private readonly faults: Faults) {}

  register(server: FastifyInstance): void {
    // Clients send a content type without a body.
    server.addContentTypeParser(
      "application/json",
      { parseAs: "string" },
      (_request, body: string, done) => {
        try {
          done(null, body === "" ? undefined : JSON.parse(body));
        } catch {
          done(new ApiError(400, "Unable to parse JSON in request body."));
        }
      },
    );
    server.addHook("onRequest", async (request, reply) => {
      reply.header("x-request-id", randomUUID());
      this.authorize(request);
      const fault = this.faults.match({ method: request.method, path: pathOf(request) });
      this.tellRate(reply, fault);
      if (fault && !fault.after) throw errorOf(fault);
      if (fault) this.faultOf.set(request, fault);
    });
    server.addHook("onSend", async (request, reply, payload) => {
      const fault = this.faultOf.get(request);
      if (!fault || reply.statusCode >= 400) return payload;
      reply.code(fault.status).type("application/json");
      return JSON.stringify(errorView(errorOf(fault), reply));
    });
    server.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
      if (error instanceof ApiError) return reply.code(error.status).send(errorView(error, reply));
      const status = error.statusCode ?? 500;
      if (status >= 500) console.error(error);
      const reported = new ApiError(status, status >= 500 ? SERVER_ERROR : error.message);
      return reply.code(status).send(errorView(reported, reply));
    });
    server.setNotFoundHandler((_request, reply) =>
      reply.code(404).send(errorView(notFound(), reply)),
    );
  }

  private authorize(request: FastifyRequest): void {
    const given = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
    if (given === this.token) return;
    if (given !== this.deleteToken) throw new ApiError(401, "Unable to authenticate you");
    if (request.method !== "DELETE" || !/^\/v2\/droplets(\/\d+)?$/.test(pathOf(request))) {
      throw new ApiError(403, "You are not authorized to perform this operation");
    }
  }

  /** Every answer contains the limits. */
  private tellRate(reply: FastifyReply, fault: Fault | undefined): void {
    const time = Date.now();
    this.times = this.times.filter((earlier) => time - earlier < MINUTE);
    const limit = this.faults.limit("requestsPerMinute") ?? REQUESTS_PER_MINUTE;
    const exceeded = fault?.status === 429 && this.times.length >= limit;
    if (!exceeded) this.times.push(time);
    const reset = Math.ceil(((this.times[0] ?? time) + MINUTE) / 1000);
    reply.headers({
      "ratelimit-limit": limit,
      "ratelimit-remaining": Math.max(limit - this.times.length, 0),
      "ratelimit-reset": reset,
    });
    if (exceeded) reply.header("retry-after", Math.max(reset - Math.floor(time / 1000), 1));
  }
}

const SERVER_ERROR = "Unexpected server-side error";

function newToken(): string {
  return `dop_v1_${randomBytes(32).toString("hex")}`;
}

function pathOf({ url }: FastifyRequest): string {
  return url.replace(/\?.*/s, "");
}

function errorOf({ status, code, message }: Fault): ApiError {
  return new ApiError(status, message ?? SERVER_ERROR, code);
}

function errorView({ code, message }: ApiError, reply: FastifyReply): object {
  return { id: code, message, request_id: reply.getHeader("x-request-id") };
}
