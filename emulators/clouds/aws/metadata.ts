import { randomUUID } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Fleet, Member } from "./fleet";
import type { Credentials, MotoServer } from "./moto-server";

const SECONDS_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const LONGEST_SECONDS = 21_600;

/** The instance metadata service, version 2 (and 1, where an instance does not require tokens). */
export class Metadata {
  /** The owner of a token, and its expiry. */
  private readonly tokens = new Map<string, { instance: string; end: number }>();
  private readonly credentials = new Map<string, Credentials>();

  constructor(
    private readonly fleet: Fleet,
    private readonly moto: MotoServer,
  ) {}

  routes(server: FastifyInstance): void {
    server.put("/latest/api/token", async (request, reply) => this.giveToken(request, reply));
    server.get<{ Params: { "*": string } }>("/latest/*", async (request, reply) => {
      const member = this.fleet.byAddress(request.ip);
      if (!member) return reply.code(404).send();
      if (!this.mayRead(request, member)) return reply.code(401).send();
      const found = await this.find(member, request.params["*"]);
      if (found === undefined) return reply.code(404).send();
      return reply.type("text/plain").send(found);
    });
  }

  /** Forgets the credentials of an instance's role: the next request gets new ones. */
  async renew(name: string): Promise<void> {
    const { instance } = await this.fleet.running(name);
    this.credentials.delete(instance.id);
  }

  private giveToken({ ip, headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
    const member = this.fleet.byAddress(ip);
    const seconds = Number(headers[SECONDS_HEADER]);
    if (!member) return reply.code(404).send();
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_SECONDS) {
      return reply.code(400).send();
    }
    const token = randomUUID();
    this.tokens.set(token, { instance: member.instance.id, end: Date.now() + seconds * 1000 });
    return reply.header(SECONDS_HEADER, `${seconds}`).type("text/plain").send(token);
  }

  private mayRead({ headers }: FastifyRequest, { instance }: Member): boolean {
    const given = headers[TOKEN_HEADER];
    if (given === undefined) return instance.tokens === "optional";
    const token = this.tokens.get(`${given}`);
    return token?.instance === instance.id && token.end > Date.now();
  }

  private async find(member: Member, path: string): Promise<string | Buffer | undefined> {
    const { instance, userData, interruption } = member;
    if (path === "user-data") return userData.length > 0 ? userData : undefined;
    const values: Record<string, string | undefined> = {
      "instance-id": instance.id,
      "ami-id": instance.image,
      "local-ipv4": instance.privateAddress,
      "local-hostname": instance.hostname,
      "public-ipv4": instance.publicAddress ?? undefined,
      "placement/availability-zone": instance.zone,
      "placement/region": instance.region,
      "instance-life-cycle": instance.spot ? "spot" : "on-demand",
      "spot/instance-action":
        interruption && JSON.stringify({ action: "terminate", time: toSeconds(interruption) }),
    };
    const name = path.replace(/^meta-data\//, "");
    return values[name] ?? (await this.findRole(member, name));
  }

  private async findRole({ instance }: Member, path: string): Promise<string | undefined> {
    const [, asked] = /^iam\/security-credentials\/(.*)$/.exec(path) ?? [];
    if (asked === undefined || !instance.profile) return undefined;
    const role = (await this.moto.state()).roles[instance.profile];
    if (!role) return undefined;
    if (asked === "") return role.name;
    if (asked !== role.name) return undefined;
    const order = { region: instance.region, instance: instance.id, role: role.arn };
    const credentials = this.credentials.get(instance.id) ?? (await this.moto.credentials(order));
    this.credentials.set(instance.id, credentials);
    return JSON.stringify({
      Code: "Success",
      Type: "AWS-HMAC",
      LastUpdated: toSeconds(new Date()),
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      Token: credentials.sessionToken,
      Expiration: credentials.expiration,
    });
  }
}

/** For example 2025-01-31T12:00:00Z. */
const toSeconds = (time: Date) => time.toISOString().replace(/\.\d+/, "");
