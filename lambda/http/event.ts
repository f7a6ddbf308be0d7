import { type Guid, NIL_GUID, parseGuid } from '../domain/guid.ts';
import type { Caller } from '../domain/logout.ts';

/**
 * An event of an HTTP API route, payload format 2.0. Nothing of it is taken for granted: an event that the gateway
 * cannot have sent is answered like any other request.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export interface GatewayEvent {
  readonly headers?: unknown;
  readonly requestContext?: unknown;
  isBase64Encoded?: unknown;
  /** The text that the gateway hands over; each step of the chain puts there what it has made of it. */
  body?: unknown;
}

/** Takes whatever the function was invoked with for an event: what is no object is one without fields. */
export function asEvent(event: unknown): GatewayEvent {
  return typeof event === 'object' && event !== null ? event : {};
}

/**
 * Reads a header.
 *
 * @param name in lower case, as the gateway sends it. Repeated headers come joined by commas.
 */
export function header(event: GatewayEvent, name: string): string | undefined {
  return textAt(event.headers, name);
}

/** Reads the gateway's id of the request: the one that the caller gets in `apigw-requestid`. */
export function requestId(event: GatewayEvent): string | undefined {
  return textAt(event.requestContext, 'requestId');
}

/**
 * Reads who calls from the claims of the token that the gateway's authorizer has verified.
 *
 * @returns `undefined` where callers are not authenticated by token. A token without a subject that is a GUID makes
 *   a caller without a subject, to whom no connection belongs.
 */
export function callerOf(event: GatewayEvent): Caller | undefined {
  const token = valueAt(valueAt(event.requestContext, 'authorizer'), 'jwt');
  if (token === undefined) return undefined;
  const subject: Guid | undefined = parseGuid(textAt(valueAt(token, 'claims'), 'sub') ?? '');
  return subject === undefined || subject === NIL_GUID ? {} : { subject };
}

function valueAt(container: unknown, name: string): unknown {
  return typeof container === 'object' && container !== null
    ? (container as Record<string, unknown>)[name]
    : undefined;
}

function textAt(container: unknown, name: string): string | undefined {
  const value = valueAt(container, name);
  return typeof value === 'string' ? value : undefined;
}
