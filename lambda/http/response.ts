import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Connection, FIELD_TYPES, FIELDS, type FieldType } from '../domain/connection.ts';
import { UNSET_DATE } from '../domain/date-time.ts';
import { AlreadyLoggedOutError, type ErrorCode, type LogoutError } from '../domain/errors.ts';
import { NIL_GUID } from '../domain/guid.ts';
import { InvalidConnectionError } from './errors.ts';
import { readHeader } from './event.ts';
import { negotiateResponseType } from './media-type.ts';

/** The status of every outcome other than success. */
const STATUS: Readonly<Record<ErrorCode, number>> = {
  malformed_body: 400,
  invalid_connection: 400,
  connection_not_found: 404,
  already_logged_out: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  internal_error: 500,
  store_unavailable: 503,
};

/** What a .NET server sends for a value that was never set: a client whose fields cannot be null fails on null. */
const UNSET: Readonly<Record<FieldType, string | boolean | null>> = {
  guid: NIL_GUID,
  string: null,
  boolean: false,
  date: UNSET_DATE,
};

/**
 * Creates the response to a logout that succeeded.
 *
 * @param event the event of the request, whose headers choose the media type.
 * @param connection the connection as it is stored.
 */
export function createSuccessResponse(
  event: unknown,
  connection: Connection,
): APIGatewayProxyStructuredResultV2 {
  return createResponse(event, 200, createRecord({ ...connection, success: true }));
}

/** Creates the response to any other outcome. */
export function createErrorResponse(
  event: unknown,
  error: LogoutError,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const retry = error.code === 'store_unavailable' ? { 'retry-after': '1' } : {};
  return createResponse(event, STATUS[error.code], createErrorBody(error, requestId), retry);
}

/** The body of any response other than 200 reads as a `cmd_connection`. */
function createErrorBody(error: LogoutError, request_id: string): object {
  const { code, message } = error;
  if (error instanceof AlreadyLoggedOutError) {
    return { ...createRecord({ ...error.connection, success: false, message }), code, request_id };
  }
  const body = { success: false, code, message, request_id };
  if (!(error instanceof InvalidConnectionError)) return body;
  return { ...body, errors: error.errors.map(({ field, message }) => ({ field, message })) };
}

/** The ten fields in their order, and nothing else. */
function createRecord(connection: Connection): object {
  return Object.fromEntries(FIELDS.map((field) => [field, connection[field] ?? UNSET[FIELD_TYPES[field]]]));
}

function createResponse(
  event: unknown,
  statusCode: number,
  body: object,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  const type = negotiateResponseType(readHeader(event, 'accept'), readHeader(event, 'content-type'));
  return {
    statusCode,
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
