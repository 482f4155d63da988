import type { FastifyRequest } from "fastify";
import type { ZodType } from "zod";
import { unprocessable } from "./errors";

/** Pages of lists: 20 entries unless asked otherwise, 200 at most. */
const PER_PAGE = 20;
const MAX_PER_PAGE = 200;

/** The request's body. @throws ApiError when it is not of this form */
export function bodyOf<Output>(schema: ZodType<Output>, { body }: FastifyRequest): Output {
  const { success, data, error } = schema.safeParse(body ?? {});
  if (success) return data;
  const [issue] = error.issues;
  throw unprocessable(`${issue?.path.join(".") || "body"}: ${issue?.message}`);
}

/** One page of a list, with links to the others. */
export function page(request: FastifyRequest, name: string, all: readonly object[]): object {
  const query = request.query as Record<string, string | undefined>;
  const perPage = Math.min(Math.max(Number(query.per_page) || PER_PAGE, 1), MAX_PER_PAGE);
  const number = Math.max(Number(query.page) || 1, 1);
  const last = Math.max(Math.ceil(all.length / perPage), 1);
  const link = (target: number) => {
    const url = new URL(request.url, `${request.protocol}://${request.host}`);
    url.searchParams.set("page", String(target));
    return url.href;
  };
  const pages = {
    ...(number > 1 && { first: link(1), prev: link(number - 1) }),
    ...(number < last && { next: link(number + 1), last: link(last) }),
  };
  return {
    [name]: all.slice((number - 1) * perPage, number * perPage),
    links: Object.keys(pages).length > 0 ? { pages } : {},
    meta: { total: all.length },
  };
}
