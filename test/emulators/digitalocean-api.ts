import { setTimeout as sleep } from "node:timers/promises";
import type * as api from "../../emulators/plugins/digitalocean/answers";

/** An answer of the emulated DigitalOcean. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Body;
}

/** The possible content of an answer: tests read what they requested. */
interface Body {
  id: string;
  message: string;
  account: { status: string };
  action: api.Action;
  droplet: api.Droplet;
  droplets: api.Droplet[];
  firewall: api.Firewall;
  links: { pages: { next: string; last: string } };
  members: { urn: string }[];
  meta: { total: number };
  project: api.Project;
  reserved_ip: api.ReservedIp;
  resources: { urn: string; status: string }[];
  ssh_key: api.SshKey;
  tag: api.Tag;
  vpc: api.Vpc;
}

/** A client that returns answers unchanged. */
export class TestClient {
  constructor(private readonly env: Record<string, string>) {}

  get deleteToken(): string {
    return this.env.DIGITALOCEAN_DELETE_TOKEN ?? "";
  }

  async send(
    method: string,
    path: string,
    body?: object,
    token = this.env.DIGITALOCEAN_TOKEN,
  ): Promise<Answer> {
    const response = await fetch(`${this.env.DIGITALOCEAN_API_URL}/v2${path}`, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text ? JSON.parse(text) : undefined };
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  post(path: string, body: object): Promise<Answer> {
    return this.send("POST", path, body);
  }

  delete(path: string, body?: object): Promise<Answer> {
    return this.send("DELETE", path, body);
  }

  /** Creates a droplet, with defaults for missing values, and resolves to its id once it is active. */
  async droplet(spec: object = {}): Promise<number> {
    const { status, body } = await this.post("/droplets", { ...DROPLET, ...spec });
    if (status !== 202) throw new Error(body.message);
    const { id } = body.droplet;
    await this.until(`/droplets/${id}`, (answer) => answer.body.droplet?.status === "active");
    return id;
  }

  /** Polls until the answer is the wanted one. */
  async until(path: string, wanted: (answer: Answer) => boolean): Promise<Answer> {
    for (let attempt = 0; attempt < 100; attempt++) {
      const answer = await this.get(path);
      if (wanted(answer)) return answer;
      await sleep(50);
    }
    throw new Error(`${path} did not become what was awaited`);
  }

  async isGone(path: string): Promise<void> {
    await this.until(path, ({ status }) => status === 404);
  }
}

export const DROPLET = {
  name: "host",
  region: "fra1",
  size: "s-2vcpu-4gb",
  image: "docker-20-04",
};
