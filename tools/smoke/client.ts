import { once } from 'node:events';
import {
  Agent as HttpAgent,
  request as http,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as https } from 'node:https';
import { TLSSocket } from 'node:tls';
import type { Credentials } from '../../lambda/config.ts';
import { sign } from '../../lambda/watch/sign.ts';
import type { Target } from './target.ts';

/** The gateway itself waits 30 s at most for the function. */
const REQUEST_TIMEOUT_MS = 35_000;

/** A request as a terminal sends it. What is not given is not sent. */
export interface SmokeRequest {
  /** Default: `PUT`. */
  readonly method?: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Sent in place of the caller's own credentials; empty: none are sent. */
  readonly authorization?: string;
}

/** What came back. */
export interface SmokeAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** When the server's certificate expires; undefined without TLS. */
  readonly certificateExpires: Date | undefined;
}

/** Sends requests over one connection, one after the other. */
export class SmokeClient {
  readonly #target: Target;
  readonly #agent: HttpAgent;
  readonly #credentials: () => Promise<Credentials>;

  /**
   * @param target the URL and the credentials.
   * @param credentials finds AWS credentials; asked with `auth: 'iam'` only.
   */
  constructor(target: Target, credentials: () => Promise<Credentials>) {
    this.#target = target;
    this.#credentials = credentials;
    // A resumed TLS session would not show the server's certificate.
    const options = { keepAlive: true, maxSockets: 1, maxCachedSessions: 0 };
    this.#agent = target.origin.startsWith('https:')
      ? new HttpsAgent({ ...options, ...target.certificate })
      : new HttpAgent(options);
  }

  /**
   * Sends a request.
   *
   * @throws an error of the operating system or of TLS when there is no answer.
   */
  async send({
    method = 'PUT',
    path,
    contentType,
    body = '',
    authorization,
  }: SmokeRequest): Promise<SmokeAnswer> {
    const url = new URL(path, this.#target.origin);
    const type = contentType === undefined ? {} : { 'content-type': contentType };
    const headers =
      authorization === undefined
        ? await this.#authorize({ method, url, headers: type, body })
        : { ...type, ...(authorization !== '' && { authorization }) };
    const outgoing = (url.protocol === 'https:' ? https : http)(url, {
      method,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: this.#agent,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const { socket } = answer;
    const expires = socket instanceof TLSSocket ? socket.getPeerCertificate().valid_to : undefined;
    return {
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: Buffer.concat(await answer.toArray()).toString(),
      certificateExpires: expires === undefined ? undefined : new Date(expires),
    };
  }

  /** Ends the connection. */
  close(): void {
    this.#agent.destroy();
  }

  async #authorize(request: Parameters<typeof sign>[0]): Promise<Record<string, string>> {
    const { access } = this.#target;
    if (access.auth === 'none') return { ...request.headers };
    if (access.auth === 'iam') return sign(request, await this.#credentials(), access.region);
    return {
      ...request.headers,
      authorization: access.auth === 'jwt' ? `Bearer ${access.token}` : access.token,
    };
  }
}
