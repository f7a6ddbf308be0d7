import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Invocation } from './environment.ts';
import { gatewayAnswer, type HttpAnswer, toAnswer } from './http-answer.ts';
import { splitTarget, toEvent } from './http-event.ts';
import { HttpExchange, newRequestId, readBody, type ServedRequest } from './http-exchange.ts';
import type { LocalTemplate } from './template.ts';

/** The gateway's limit of request line and headers together, in bytes. */
const MAX_HEAD_BYTES = 10_240;

/** The gateway's limit of a body, in bytes. */
const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly route: LocalTemplate['route'];
  /** The port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** Runs the function; `signal` is aborted when the gateway waits no longer. Never rejects. */
  invoke(event: APIGatewayProxyEventV2, signal: AbortSignal): Promise<Invocation>;
  /** Called once for each request, when it is answered. */
  onResponse(request: ServedRequest): void;
}

/** An HTTP API with its one route. */
export interface Gateway {
  /** The URL of the route. */
  readonly url: string;
  /** Ends all connections at once and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves the route over HTTP as API Gateway's HTTP API does, and answers everything else as it would.
 *
 * Authorizers and throttles are not simulated: every caller is let in, and no event carries a caller's claims.
 *
 * @returns the gateway, listening.
 * @throws what `listen` fails with.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const server = createServer({
    // The parser's limit leaves the separators out: the exact one is held below.
    maxHeaderSize: MAX_HEAD_BYTES + 1,
    requireHostHeader: false,
    keepAliveTimeout: 60_000,
  });
  server.maxHeadersCount = 0;
  // A client may close its side when it has sent its request. Node.js has this, but no type for it, as it has no
  // documentation; without it such a client gets no answer.
  Object.assign(server, { httpAllowHalfOpen: true });
  serve(server, options);
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${options.route.path}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function serve(server: Server, options: GatewayOptions): void {
  /** The requests of a connection that are not answered yet: a client may send the next before an answer. */
  const open = new WeakMap<Duplex, Set<HttpExchange>>();
  const unreadable = new WeakSet<Duplex>();

  const accept = async (
    request: IncomingMessage,
    response: ServerResponse,
    expects: string,
  ): Promise<void> => {
    const exchange = new HttpExchange(request, response, options.onResponse);
    const onSocket = open.get(request.socket) ?? new Set();
    open.set(request.socket, onSocket);
    onSocket.add(exchange);
    await handle(exchange, expects, options).catch((error: unknown) => exchange.fail(error));
    await exchange.answered;
    onSocket.delete(exchange);
  };
  server.on('request', (request, response) => accept(request, response, ''));
  server.on('checkContinue', (request, response) => accept(request, response, '100-continue'));
  server.on('checkExpectation', (request, response) => accept(request, response, 'unknown'));

  // There is no listener for 'upgrade': Node.js then goes on in HTTP/1.1, which is all that the gateway speaks.
  server.on('connect', (_request, socket: Duplex) => {
    answerRaw(socket, gatewayAnswer(404, 'Not Found'), 'not_found', 'CONNECT', options);
  });

  // What cannot be parsed. In a body it ends that request; before one there is no request yet.
  server.on('clientError', async (error: NodeJS.ErrnoException, socket: Socket) => {
    const onSocket = [...(open.get(socket) ?? [])];
    const broken = onSocket.find(({ request }) => !request.complete);
    if (broken !== undefined) {
      broken.breakOff(error.message);
    } else if (!socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
    } else if (!unreadable.has(socket)) {
      unreadable.add(socket);
      await Promise.all(onSocket.map((exchange) => exchange.answered));
      const [answer, code] = unreadableRequest(error.code);
      answerRaw(socket, answer, code, error.message, options);
    }
  });
}

/** Takes one request from its head to its answer. */
async function handle(
  exchange: HttpExchange,
  expects: string,
  { route, invoke }: GatewayOptions,
): Promise<void> {
  const { request, response } = exchange;
  const { path } = splitTarget(request.url ?? '');
  if (expects === 'unknown') return exchange.refuse(417, 'Expectation Failed', 'expectation_failed');
  if (headBytes(request) > MAX_HEAD_BYTES) {
    return exchange.refuse(431, 'Request Header Fields Too Large', 'headers_too_large');
  }
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    return exchange.refuse(400, 'Bad Request', 'bad_request', 'there is no Host header');
  }
  if (request.method !== route.method || path !== route.path) {
    return exchange.refuse(404, 'Not Found', 'not_found', `${request.method} ${path}`);
  }
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    return exchange.refuse(413, 'Request Entity Too Large', 'request_too_large');
  }
  if (expects === '100-continue') response.writeContinue();

  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === 'too_large') return exchange.refuse(413, 'Request Entity Too Large', 'request_too_large');
  if (body === 'broken_off') return exchange.breakOff('the connection ended');

  const waited = AbortSignal.timeout(route.integrationTimeoutMs);
  const event = toEvent(
    request,
    body,
    `${route.method} ${route.path}`,
    exchange.requestId,
    exchange.startedAt,
  );
  const invocation = await Promise.race([invoke(event, waited), aborted(waited)]);
  if (invocation === undefined) {
    const reason = `the function took longer than the gateway's ${route.integrationTimeoutMs / 1000} s`;
    return exchange.refuse(503, 'Service Unavailable', 'integration_timed_out', reason);
  }
  const { logLine } = invocation;
  if (!invocation.ok) {
    const { code, reason, stack } = invocation;
    return exchange.answer(gatewayAnswer(500, 'Internal Server Error'), { code, reason, stack, logLine });
  }
  const answer = toAnswer(invocation.payload);
  if (answer === undefined) {
    const reason = 'the function answered what the gateway cannot translate';
    return exchange.answer(gatewayAnswer(500, 'Internal Server Error'), {
      code: 'bad_answer',
      reason,
      logLine,
    });
  }
  return exchange.answer(answer, { code: logLine?.outcome ?? 'answered', logLine });
}

function headBytes({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): number {
  const requestLine = `${method} ${url} HTTP/${httpVersion}\r\n`.length;
  const separators = (rawHeaders.length / 2) * ': \r\n'.length;
  return rawHeaders.reduce((sum, part) => sum + part.length, requestLine + separators);
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
}

function unreadableRequest(code: string | undefined): [HttpAnswer, string] {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return [gatewayAnswer(431, 'Request Header Fields Too Large'), 'headers_too_large'];
  }
  return code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? [gatewayAnswer(408, 'Request Timeout'), 'request_timed_out']
    : [gatewayAnswer(400, 'Bad Request'), 'bad_request'];
}

/** Answers where Node.js has no response object, and ends the connection. */
function answerRaw(
  socket: Duplex,
  { status, headers, body }: HttpAnswer,
  code: string,
  reason: string,
  { onResponse }: GatewayOptions,
): void {
  const requestId = newRequestId();
  const head = {
    ...headers,
    'apigw-requestid': requestId,
    'content-length': body.length,
    connection: 'close',
  };
  // Node.js no longer listens to a socket that it has handed over, and an error without a listener ends the server.
  socket.on('error', () => {});
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} \r\n${lines.join('')}\r\n${body}`);
  // Cut off only once the client can have read it: data that is still coming in would take the answer away.
  setTimeout(() => socket.destroy(), 1_000).unref();
  onResponse({ requestId, status, code, ms: 0, reason });
}
