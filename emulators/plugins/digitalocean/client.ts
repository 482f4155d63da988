import { setTimeout as sleep } from "node:timers/promises";
import { errorMessage } from "../lib/plugin";

/** The API's address, and how often a request is retried that the API could not serve. */
export interface ClientOptions {
  endpoint: string;
  token: string;
  /** Retries after 429 and 5xx. */
  retries: number;
  /** The first wait and the longest, seconds. */
  waitMin: number;
  waitMax: number;
}

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The polling intervals: shorter than the official plugin's, which are 10 s. */
const FIRST_LOOK_MS = 500;
const LONGEST_LOOK_MS = 3_000;
/** The API's largest page. */
const PER_PAGE = 200;

/** A client of DigitalOcean's API that retries and fails as the official plugin's does. */
export class DigitalOceanClient {
  constructor(
    private readonly options: ClientOptions,
    private readonly signal: AbortSignal,
  ) {}

  get<Answer>(path: string): Promise<Answer> {
    return this.send("GET", path);
  }

  post<Answer>(path: string, body: object): Promise<Answer> {
    return this.send("POST", path, body);
  }

  put(path: string, body: object): Promise<unknown> {
    return this.send("PUT", path, body);
  }

  patch(path: string, body: object): Promise<unknown> {
    return this.send("PATCH", path, body);
  }

  delete(path: string, body?: object): Promise<unknown> {
    return this.send("DELETE", path, body);
  }

  /** All pages of a list. */
  async list<Item>(path: string, name: string): Promise<Item[]> {
    const items: Item[] = [];
    for (let page = 1; ; page++) {
      const answer = await this.get<{ links?: { pages?: { last?: string } } }>(
        `${path}?page=${page}&per_page=${PER_PAGE}`,
      );
      items.push(...((answer as Record<string, Item[]>)[name] ?? []));
      if (!answer.links?.pages?.last) return items;
    }
  }

  /** Undefined if it does not exist. */
  find<Answer>(path: string): Promise<Answer | undefined> {
    return unlessGone(() => this.get<Answer>(path));
  }

  /** Polls until `done` is true, for at most so many seconds. */
  async until(seconds: number, expected: string, done: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + seconds * 1000;
    for (let wait = FIRST_LOOK_MS; ; wait = Math.min(wait * 1.5, LONGEST_LOOK_MS)) {
      await sleep(wait, undefined, { signal: this.signal });
      if (await done()) return;
      if (Date.now() > end) {
        throw new Error(
          `timeout while waiting for state to become '${expected}' (timeout: ${seconds}s)`,
        );
      }
    }
  }

  private async send<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    const { endpoint, token, retries, waitMin, waitMax } = this.options;
    const url = `${endpoint.replace(/\/$/, "")}${path}`;
    for (let attempt = 0; ; attempt++) {
      const answer = await request(this.signal, method, url, token, body);
      const { status } = answer;
      // No answer counts as a server error.
      const again = status === 0 || status === 429 || (status >= 500 && status !== 501);
      if (again && attempt < retries) {
        const wait = Math.min(waitMin * 2 ** attempt, waitMax);
        await sleep((answer.retryAfter ?? wait) * 1000, undefined, { signal: this.signal });
        continue;
      }
      if (status > 0 && status < 400) return answer.content as Answer;
      const attempts = again && retries > 0 ? `; giving up after ${attempt + 1} attempt(s)` : "";
      const reported = status === 0 ? "" : ` ${status} (request "${answer.id}")`;
      throw new ApiError(status, `${method} ${url}:${reported} ${answer.message}${attempts}`);
    }
  }
}

interface Answered {
  /** 0 if there was no answer. */
  status: number;
  id: string | null;
  message: string;
  content?: unknown;
  /** Seconds. */
  retryAfter?: number;
}

async function request(
  signal: AbortSignal,
  method: string,
  url: string,
  token: string,
  body: object | undefined,
): Promise<Answered> {
  try {
    const response = await fetch(url, {
      method,
      signal,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body && { "content-type": "application/json" }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    const content = text === "" ? undefined : (JSON.parse(text) as { message?: string });
    const retryAfter = response.headers.get("retry-after");
    return {
      status: response.status,
      id: response.headers.get("x-request-id"),
      message: content?.message ?? "",
      content,
      ...(retryAfter && { retryAfter: Number(retryAfter) }),
    };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? (error.cause ?? error) : error;
    return { status: 0, id: null, message: errorMessage(reason) };
  }
}

/** Undefined if the answer is that it does not exist. */
export async function unlessGone<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
