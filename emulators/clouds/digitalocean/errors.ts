/** An answer that refuses a request, in the API's form: `{"id": …, "message": …}`. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** Derived from the status when missing. */
    readonly code = ERROR_CODES[status] ?? "server_error",
  ) {
    super(message);
  }
}

const ERROR_CODES: Record<number, string> = {
  400: "bad_request",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  409: "conflict",
  412: "precondition_failed",
  422: "unprocessable_entity",
  429: "too_many_requests",
  500: "server_error",
  503: "service_unavailable",
};

export function notFound(): ApiError {
  return new ApiError(404, "The resource you were accessing could not be found.");
}

export function unprocessable(message: string): ApiError {
  return new ApiError(422, message);
}

export function conflict(message: string): ApiError {
  return new ApiError(409, message);
}
