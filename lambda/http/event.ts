import type { Field } from '../domain/connection.ts';
import { type Guid, NIL_GUID, parseGuid } from '../domain/guid.ts';
import type { Caller } from '../domain/logout.ts';
import { readCommonName } from './distinguished-name.ts';
import { MissingCertificateError, MissingClaimsError } from './errors.ts';
import { isJsonObject } from './json.ts';

// What is read here is an event of an HTTP API route, payload format 2.0. Nothing of it is taken for granted: an event
// that the gateway cannot have sent gets a response like any other.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html

/** The one path that is served. Terminals have it built in. */
export const ROUTE_PATH = '/api/tt_cmd_connection/logout';

/**
 * Reads a header.
 *
 * @param name in lower case, as the gateway sends it. Repeated headers come joined by commas.
 */
export function readHeader(event: unknown, name: string): string | undefined {
  return textAt(valueAt(event, 'headers'), name);
}

/** Reads the gateway's id of the request: the one that the caller gets in `apigw-requestid`. Else it is Lambda's. */
export function readRequestId(event: unknown, { awsRequestId }: { readonly awsRequestId: string }): string {
  return textAt(valueAt(event, 'requestContext'), 'requestId') ?? awsRequestId;
}

const MAX_EPOCH_MS = Date.parse('9999-01-01');

/**
 * Reads when the request came in: by the gateway's clock, since the function's can lag after a pause.
 *
 * @returns milliseconds since 1970-01-01T00:00:00Z, by the function's own clock where the event has no such time.
 */
export function readReceivedAtMs(event: unknown): number {
  const epoch = valueAt(valueAt(event, 'requestContext'), 'timeEpoch');
  const isTime = typeof epoch === 'number' && Number.isInteger(epoch) && epoch > 0 && epoch < MAX_EPOCH_MS;
  return isTime ? epoch : Date.now();
}

/** Decodes the body to the bytes that the caller sent. */
export function decodeBody(event: unknown): Buffer {
  return Buffer.from(
    textAt(event, 'body') ?? '',
    valueAt(event, 'isBase64Encoded') === true ? 'base64' : 'utf8',
  );
}

/** An event whose body is the JSON text of the record's fields. */
export interface TextEvent {
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** The values of a request's fields, as it gives them. */
export type RequestFields = { readonly [F in Field]?: unknown };

/** An event whose body is the record's fields. */
export interface FieldsEvent {
  readonly body: RequestFields;
}

/** Replaces the body of an event, which keeps its headers and its context. */
export function replaceBody(event: unknown, body: string): TextEvent {
  return { ...(isJsonObject(event) ? event : {}), body, isBase64Encoded: false };
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
 *
 * @throws {MissingClaimsError} when a token is required and the event has none.
 * @throws {MissingCertificateError} when a certificate is required and the event has none.
 */
export function readCaller(event: unknown, { requiresToken, requiresCertificate }: Requirements): Caller {
  const context = valueAt(event, 'requestContext');
  const token = valueAt(valueAt(context, 'authorizer'), 'jwt');
  const certificate = valueAt(valueAt(context, 'authentication'), 'clientCert');
  if (requiresToken && valueAt(token, 'claims') == null) throw new MissingClaimsError();
  if (requiresCertificate && certificate == null) throw new MissingCertificateError();
  return {
    id_user: token === undefined ? undefined : readSubject(token),
    terminal_id: requiresCertificate ? readCommonName(textAt(certificate, 'subjectDN') ?? '') : undefined,
  };
}

/** The subject of a token, taken as a GUID; `null` where it is not one, or one that was never set. */
function readSubject(token: unknown): Guid | null {
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
