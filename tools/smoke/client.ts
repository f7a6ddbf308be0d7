import { once } from 'node:events';
import {
  Agent as HttpAgent,
  request as http,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as https } from 'node:https';
import { type Credentials, sign } from '../../lambda/watch/sign.ts';
import type { Access, Target } from './command.ts';

/** After this a request counts as not answered: the gateway itself waits no longer than 30 s. */
const TIMEOUT_MS = 35_000;

/** A request as a terminal sends it. What is not given is not sent. */
export interface SmokeRequest {
  /** Default: `PUT`. */
  readonly method?: string;
  readonly path: string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body?: string;
  /** Sent as it is, in place of what lets this caller in; empty: nothing is. */
  readonly authorization?: string;
}

/** What came back. */
export interface SmokeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Milliseconds from sending the request to the answer's last byte; a new connection is part of it. */
  readonly ms: number;
}

/** Sends requests over one connection, one after the other. */
export class SmokeClient {
  readonly #origin: string;
  readonly #agent: HttpAgent;
  readonly #authorize: (request: Parameters<typeof sign>[0]) => Promise<Record<string, string>>;

  /**
   * @param target where to, and as whom.
   * @param credentials finds AWS credentials; asked with `auth: 'iam'` only.
   */
  constructor({ origin, access, certificate }: Target, credentials: () => Promise<Credentials>) {
    this.#origin = origin;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = origin.startsWith('https:')
      ? new HttpsAgent({ ...options, ...certificate })
      : new HttpAgent(options);
    this.#authorize = authorizer(access, credentials);
  }

  /**
   * Sends a request.
   *
   * @throws an error of the operating system's or of TLS when there is no answer.
   */
  async send(request: SmokeRequest): Promise<SmokeAnswer> {
    const { method = 'PUT', path, contentType, accept, body = '', authorization } = request;
    const url = new URL(path, this.#origin);
    const headers = {
      ...(contentType !== undefined && { 'content-type': contentType }),
      ...(accept !== undefined && { accept }),
    };
    const sent =
      authorization === undefined
        ? await this.#authorize({ method, url, headers, body })
        : { ...headers, ...(authorization !== '' && { authorization }) };

    const since = performance.now();
    const outgoing = (url.protocol === 'https:' ? https : http)(url, {
      method,
      headers: { ...sent, 'content-length': Buffer.byteLength(body) },
      agent: this.#agent,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const bytes = Buffer.concat(await answer.toArray());
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: bytes.toString(),
      ms: performance.now() - since,
    };
  }

  /** Ends the connection. */
  close(): void {
    this.#agent.destroy();
  }
}

function authorizer(
  access: Access,
  credentials: () => Promise<Credentials>,
): (request: Parameters<typeof sign>[0]) => Promise<Record<string, string>> {
  if (access.auth === 'iam') return async (request) => sign(request, await credentials(), access.region);
  const authorization = access.auth === 'jwt' ? { authorization: `Bearer ${access.token}` } : {};
  return async ({ headers }) => ({ ...headers, ...authorization });
}
