import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

/** A request as a terminal sends it. What is not given is not sent: `fetch` would add an `Accept` of its own. */
export interface HttpRequest {
  readonly method?: string;
  readonly contentType?: string | undefined;
  readonly accept?: string | undefined;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer | undefined;
}

/** What came back. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const agent = new Agent({ keepAlive: true });

/** Sends a request and reads the whole response. Default: `PUT` with an empty body. */
export async function send(url: string, options: HttpRequest): Promise<HttpResponse> {
  const { method = 'PUT', contentType, accept, headers, body = '' } = options;
  const outgoing = request(url, {
    method,
    agent,
    headers: {
      'content-length': Buffer.byteLength(body),
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(accept !== undefined && { accept }),
      ...headers,
    },
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const bytes = Buffer.concat(await incoming.toArray());
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: bytes.toString() };
}
