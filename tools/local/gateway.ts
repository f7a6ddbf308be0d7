import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { LocalTemplate } from './template.ts';

/** The gateway's limit of request line and headers together, in bytes. */
const MAX_HEAD_BYTES = 10_240;

/** The gateway's limit of a body, in bytes. The function's own is lower. */
const MAX_PAYLOAD_BYTES = 10 * 1024 * 1024;

/** Headers about the connection, which end at the gateway. */
const HOP_BY_HOP = /^(connection|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/;

/** Types whose bodies the gateway passes as text; all others it encodes in base64. */
const TEXT_TYPES = /^(text\/.*|application\/(json|javascript|xml))$/;

/** What a gateway is made of. */
export interface GatewayOptions {
  readonly route: LocalTemplate['route'];
  /** The port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** Runs the function. Returns its response as JSON; rejects when there is none. */
  invoke(event: APIGatewayProxyEventV2): Promise<string>;
  /** Called for each response that is the gateway's own, with the reason. */
  onOwnResponse(status: number, requestId: string, reason: string): void;
}

/** An HTTP API with its one route. */
export interface Gateway {
  /** The URL of the route. */
  readonly url: string;
  /** Ends all connections at once and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves the route over HTTP as API Gateway's HTTP API does, and responds to everything else as it would. Authorizers
 * and throttles are not simulated.
 *
 * @throws what `listen` fails with.
 */
export async function startGateway({ route, port, invoke, onOwnResponse }: GatewayOptions): Promise<Gateway> {
  const server = createServer({ maxHeaderSize: MAX_HEAD_BYTES }, async (request, response) => {
    const requestId = createRequestId();
    response.setHeader('apigw-requestid', requestId);
    const respond = (status: number, message: string, reason = message): void => {
      onOwnResponse(status, requestId, reason);
      const body = JSON.stringify({ message });
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
      response.end(body);
    };
    try {
      const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s);
      if (request.method !== route.method || path !== route.path) {
        return respond(404, 'Not Found', `${request.method} ${path}`);
      }
      const payload = await readPayload(request);
      if (!request.complete) return respond(400, 'Bad Request', 'The body was cut off.');
      if (payload === undefined) return respond(413, 'Request Entity Too Large');
      sendResponse(response, await invoke(createEvent(request, payload, query, route, requestId)));
    } catch (error) {
      respond(500, 'Internal Server Error', (error as Error).message);
    }
  });
  // What Node.js cannot read as HTTP gets no request and no response of its own.
  server.on('clientError', ({ code }: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return;
    const isTooLong = code === 'HPE_HEADER_OVERFLOW';
    const status = isTooLong ? '431 Request Header Fields Too Large' : '400 Bad Request';
    const requestId = createRequestId();
    onOwnResponse(Number.parseInt(status, 10), requestId, status.slice(4));
    const body = JSON.stringify({ message: status.slice(4) });
    const headers = `content-type: application/json\r\ncontent-length: ${body.length}\r\napigw-requestid: ${requestId}`;
    socket.end(`HTTP/1.1 ${status}\r\n${headers}\r\nconnection: close\r\n\r\n${body}`);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${route.path}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** An id of the form that API Gateway's have. */
function createRequestId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** @returns the body, or what came of it before it was cut off; undefined where it is too large. */
async function readPayload(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size <= MAX_PAYLOAD_BYTES) chunks.push(chunk);
    }
  } catch {
    // Cut off: `request.complete` says so.
  }
  return size > MAX_PAYLOAD_BYTES ? undefined : Buffer.concat(chunks);
}

/**
 * Translates a request as the gateway does.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
function createEvent(
  request: IncomingMessage,
  payload: Buffer,
  rawQueryString: string,
  { method, path }: LocalTemplate['route'],
  requestId: string,
): APIGatewayProxyEventV2 {
  const headers: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(request.headersDistinct)) {
    if (!HOP_BY_HOP.test(name)) headers[name] = values.join(',');
  }
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  const isText = TEXT_TYPES.test(type.trim().toLowerCase());
  const now = new Date();
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString,
    headers,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: headers.host ?? '',
      domainPrefix: 'local',
      http: {
        method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: '127.0.0.1',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
    ...(payload.length > 0 && { body: payload.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: payload.length > 0 && !isText,
  };
}

/** @throws {Error} when it is not a response of payload format 2.0. */
function sendResponse(response: ServerResponse, payload: string): void {
  const result: APIGatewayProxyStructuredResultV2 | null = JSON.parse(payload);
  if (result?.statusCode === undefined) throw new Error('The response of the function has no statusCode.');
  const { statusCode, headers = {}, body = '' } = result;
  const length = { 'content-length': Buffer.byteLength(body) };
  response.writeHead(statusCode, { ...(headers as Record<string, string>), ...length }).end(body);
}
