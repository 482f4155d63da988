/** An answer of AWS's API. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string) => text.replace(/[&<>"]/g, (found) => ESCAPES[found] ?? found);

/** An error in the form of the service that answers it. */
export function errorAnswer(
  service: string,
  error: { status: number; code: string; message: string },
): Answer {
  const { status, code, message } = error;
  if (service === "pricing") return json(status, { __type: code, message });
  const reported = `<Code>${escaped(code)}</Code><Message>${escaped(message)}</Message>`;
  const forms: Record<string, string> = {
    ec2: `<Response><Errors><Error>${reported}</Error></Errors><RequestID>${REQUEST_ID}</RequestID></Response>`,
    s3: `<Error>${reported}<RequestId>${REQUEST_ID}</RequestId></Error>`,
  };
  const type = status < 500 ? "Sender" : "Receiver";
  const query = `<ErrorResponse><Error><Type>${type}</Type>${reported}</Error><RequestId>${REQUEST_ID}</RequestId></ErrorResponse>`;
  return xml(status, forms[service] ?? query);
}

const REQUEST_ID = "00000000-0000-4000-8000-000000000000";

export function xml(status: number, body: string): Answer {
  const headers = { "content-type": "text/xml;charset=UTF-8" };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` };
}

export function json(status: number, body: object): Answer {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status, headers, body: JSON.stringify(body) };
}
