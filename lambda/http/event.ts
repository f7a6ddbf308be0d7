import { type Guid, NIL_GUID, parseGuid } from '../domain/guid.ts';
import type { Caller } from '../domain/logout.ts';
import { commonName } from './distinguished-name.ts';
import { isJsonObject } from './json-object.ts';

/** The one path that is served. Terminals have it built in. */
export const ROUTE_PATH = '/api/tt_cmd_connection/logout';

/**
 * An event of an HTTP API route, payload format 2.0. Nothing of it is taken for granted: an event that the gateway
 * cannot have sent is answered like any other request.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface GatewayEvent {
  readonly headers?: unknown;
  readonly requestContext?: unknown;
  readonly isBase64Encoded?: unknown;
  /** What the gateway hands over. `readBody` makes it the JSON of the record, and Middy's parser the object. */
  body?: unknown;
}

/** Takes whatever the function was invoked with for an event: what is not an object is one without fields. */
export function toEvent(event: unknown): GatewayEvent {
  return isJsonObject(event) ? event : {};
}

/**
 * Reads a header.
 *
 * @param name in lower case, as the gateway sends it. Repeated headers come joined by commas.
 */
export function header(event: GatewayEvent, name: string): string | undefined {
  return textAt(event.headers, name);
}

/** Reads the gateway's id of the request: the one that the caller gets in `apigw-requestid`. Else it is Lambda's. */
export function requestId(event: GatewayEvent, { awsRequestId }: { readonly awsRequestId: string }): string {
  return textAt(event.requestContext, 'requestId') ?? awsRequestId;
}

const MAX_EPOCH_MS = Date.parse('9999-01-01');

/**
 * Reads when the request came in: by the gateway's clock, since the function's can lag after a pause.
 *
 * @returns milliseconds since 1970-01-01T00:00:00Z, by the function's own clock where the event has no such time.
 */
export function receivedAtMs(event: GatewayEvent): number {
  const epoch = valueAt(event.requestContext, 'timeEpoch');
  const isTime = typeof epoch === 'number' && Number.isInteger(epoch) && epoch > 0 && epoch < MAX_EPOCH_MS;
  return isTime ? epoch : Date.now();
}

/** The bytes of the body as the gateway hands it over. */
export function bodyBytes({ body, isBase64Encoded }: GatewayEvent): Buffer {
  if (typeof body !== 'string') return Buffer.alloc(0);
  return Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');
}

/** What callers must prove, whatever the event says. */
interface Requirements {
  /** That they hold a token. Else only an event with a token's claims is held to it. */
  readonly requiresToken: boolean;
  /** That they hold the certificate of the connection's terminal. */
  readonly requiresCertificate: boolean;
}

/**
 * Reads who calls: from the claims of the token and from the client certificate. The gateway has verified both.
 */
export function callerOf(event: GatewayEvent, { requiresToken, requiresCertificate }: Requirements): Caller {
  const { requestContext } = event;
  const token = valueAt(valueAt(requestContext, 'authorizer'), 'jwt');
  const certificate = valueAt(valueAt(requestContext, 'authentication'), 'clientCert');
  return {
    id_user: requiresToken || token !== undefined ? subjectOf(token) : undefined,
    terminal_id: requiresCertificate ? commonName(textAt(certificate, 'subjectDN') ?? '') : undefined,
  };
}

/** The subject of a token, taken as a GUID; `null` where it is not one, or one that was never set. */
function subjectOf(token: unknown): Guid | null {
  const subject = parseGuid(textAt(valueAt(token, 'claims'), 'sub') ?? '');
  return subject === undefined || subject === NIL_GUID ? null : subject;
}

function valueAt(container: unknown, name: string): unknown {
  return isJsonObject(container) ? container[name] : undefined;
}

function textAt(container: unknown, name: string): string | undefined {
  const value = valueAt(container, name);
  return typeof value === 'string' ? value : undefined;
}
