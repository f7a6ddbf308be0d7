import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Connection, FIELD_TYPES, FIELDS, type FieldType } from '../domain/connection.ts';
import { UNSET_DATE } from '../domain/date-time.ts';
import { AlreadyLoggedOutError, type ErrorCode, type LogoutError, toLogoutError } from '../domain/errors.ts';
import { NIL_GUID } from '../domain/guid.ts';
import type { Success } from '../domain/logout.ts';
import { InvalidConnectionError } from './errors.ts';
import { type GatewayEvent, header, requestId } from './event.ts';
import { answerType } from './media-type.ts';

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

/** Makes the gateway's answer of a success, and of whatever was thrown in its place. */
export function answer(): MiddlewareObj<GatewayEvent, Success | APIGatewayProxyStructuredResultV2> {
  return {
    after(request) {
      const { connection } = request.response as Success;
      request.response = result(request.event, 200, record({ ...connection, success: true }));
    },
    onError(request) {
      const { event, context } = request;
      const error = toLogoutError(request.error);
      const retry = error.code === 'store_unavailable' ? { 'retry-after': '1' } : {};
      request.response = result(
        event,
        STATUS[error.code],
        errorBody(error, requestId(event, context)),
        retry,
      );
    },
  };
}

/** The body of an answer other than 200. Each of them reads as a `cmd_connection`. */
function errorBody(error: LogoutError, request_id: string): object {
  const { code, message } = error;
  if (error instanceof AlreadyLoggedOutError) {
    return { ...record({ ...error.connection, success: false, message }), code, request_id };
  }
  const body = { success: false, code, message, request_id };
  if (!(error instanceof InvalidConnectionError)) return body;
  return { ...body, errors: error.errors.map(({ field, message }) => ({ field, message })) };
}

/** The ten fields in their order, and nothing else. */
function record(connection: Connection): object {
  return Object.fromEntries(FIELDS.map((field) => [field, connection[field] ?? UNSET[FIELD_TYPES[field]]]));
}

function result(
  event: GatewayEvent,
  statusCode: number,
  body: object,
  headers: Record<string, string> = {},
): APIGatewayProxyStructuredResultV2 {
  const type = answerType(header(event, 'accept'), header(event, 'content-type'));
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
