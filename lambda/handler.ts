import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import middy, { type MiddlewareObj } from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { readConfig } from './config.ts';
import { secondsBetween } from './domain/date-time.ts';
import {
  AlreadyLoggedOutError,
  ConnectionNotFoundError,
  InternalError,
  type LogoutError,
  StoreUnavailableError,
  toLogoutError,
} from './domain/errors.ts';
import { resolveOutcome, type Success } from './domain/logout.ts';
import { PROCESS_TIME_ZONE, setProcessTimeZone } from './domain/process-time-zone.ts';
import { InvalidConnectionError, type PartialLogoutRequest } from './http/errors.ts';
import {
  decodeBody,
  type FieldsEvent,
  readCaller,
  readHeader,
  readReceivedAtMs,
  readRequestId,
} from './http/event.ts';
import { parseRequestType } from './http/media-type.ts';
import { readBody } from './http/read-body.ts';
import { readLogout } from './http/read-logout.ts';
import { createErrorResponse, createSuccessResponse } from './http/response.ts';
import { elapsedMs, type LogFields, monotonicMs, RequestLog, serializeError } from './observability.ts';
import { createClient, STORE_LIMITS } from './storage/client.ts';
import { type ConnectionStore, createConnectionStore } from './storage/connection-store.ts';
import { isLoggable } from './storage/errors.ts';
import { PreconnectAgent } from './storage/preconnect-agent.ts';
import { createRequestHandler } from './storage/request-handler.ts';
import { warmUp } from './storage/warm-up.ts';

const config = readConfig(process.env);
const agent = new PreconnectAgent();
const client = createClient(config, createRequestHandler(agent, STORE_LIMITS.attemptTimeoutMs));
setProcessTimeZone(config.timeZone);

// Part of the start, where the CPU is fast, and not of the first request.
await warmUp(client, agent, (offlineClient) => createHandler(offlineClient, () => {}));

/** Logs a connection out. Its log goes past `console`, which Lambda would wrap into a line of its own. */
export const handler = createHandler(client, (line) => process.stdout.write(line));

/** What Lambda passes along with an event, and the log line of the request. */
type RequestContext = Context & { log: RequestLog };

type Response = APIGatewayProxyStructuredResultV2;

/** What Lambda calls with an event of any form. Its response goes to the gateway. */
type LambdaHandler = (event: unknown, context: Context) => Promise<Response>;

/**
 * Creates the handler. Middy runs what comes before the logout from top to bottom, and what comes after it from bottom
 * to top.
 *
 * @param writeLog is called with the log line of each request.
 */
function createHandler(client: DynamoDBDocumentClient, writeLog: (line: string) => void): LambdaHandler {
  const store = createConnectionStore(client, config.tableName);
  const handler = middy<FieldsEvent, Success | Response, Error, RequestContext>({
    // The store's attempts end earlier than the function's timeout, and leave time to respond and to log.
    timeoutEarlyInMillis: 0,
  })
    .use(observe(writeLog)) // outermost: times all of it, and sees the response to whatever went wrong within
    .use(respond()) // before what may fail: it responds to an error of any step below, and to a success
    .use(readBody()) // before the parser: bytes in any of the three formats become the JSON text of the fields
    .use(httpJsonBodyParser({ disableContentTypeCheck: true })) // text to fields. Its own check refuses text/json
    .handler((event, { log }) => logOut(event, log, store));
  // Middy's types ask for what its middlewares add: the fields and the log.
  return handler as unknown as LambdaHandler;
}

/** Takes a request from its fields to its success. */
async function logOut(event: FieldsEvent, log: RequestLog, store: ConnectionStore): Promise<Success> {
  const request = readLogout(event.body, PROCESS_TIME_ZONE, readReceivedAtMs(event));
  log.add(describeRequest(request));
  const logout = { ...request, caller: readCaller(event, config) };

  const sentAt = monotonicMs();
  const write = await store.logOut(logout).finally(() => log.add({ store_latency_ms: elapsedMs(sentAt) }));
  log.add({ store_attempts: write.attempts });

  const success = resolveOutcome(write, logout, PROCESS_TIME_ZONE);
  const { terminal_id, terminal_type } = success.connection;
  log.add({ outcome: success.outcome, terminal_id, terminal_type });
  return success;
}

/** Responds to a success, and to whatever was thrown in its place. */
function respond(): MiddlewareObj<unknown, Success | Response> {
  return {
    after(request) {
      const { connection } = request.response as Success;
      request.response = createSuccessResponse(request.event, connection);
    },
    onError(request) {
      const { event, context, error } = request;
      request.response = createErrorResponse(event, toLogoutError(error), readRequestId(event, context));
    },
  };
}

/** Writes one log line, which is one metric, for each request, whatever its outcome. */
function observe(writeLog: (line: string) => void): MiddlewareObj<unknown, Response, Error, RequestContext> {
  let isColdStart = true;
  return {
    before({ event, context }) {
      context.log = new RequestLog({
        stage: config.stage,
        commit: config.commit,
        request_id: readRequestId(event, context),
        function_request_id: context.awsRequestId,
        function_version: context.functionVersion,
        body_format: parseRequestType(readHeader(event, 'content-type')),
        body_bytes: decodeBody(event).length,
        cold_start: isColdStart,
        tz_version: isColdStart ? process.versions.tz : undefined,
      });
      isColdStart = false;
    },
    after({ context, response }) {
      context.log.add({ status: response?.statusCode });
      writeLog(context.log.line());
    },
    onError({ context, error, response }) {
      context.log.add({ status: response?.statusCode, ...describeError(toLogoutError(error)) });
      writeLog(context.log.line());
    },
  };
}

/** What the log says of a request, as far as it could be read. */
function describeRequest({ id, identity, dateLogout, receivedAt }: PartialLogoutRequest): LogFields {
  return {
    connection_id: id,
    terminal_id: identity?.terminal_id,
    terminal_type: identity?.terminal_type,
    date_skew_s: dateLogout && receivedAt && secondsBetween(receivedAt, dateLogout),
    date_has_offset: dateLogout?.hasOffset,
  };
}

/** What the log says of an error, and its response does not. */
function describeError(error: LogoutError): LogFields {
  const { code: outcome, cause } = error;
  if (error instanceof InvalidConnectionError) {
    const reasons = error.errors.map(({ field, reason }) => `${field}:${reason}`);
    const invalid_fields = error.errors.map(({ field }) => field).join(', ');
    return {
      outcome,
      ...describeRequest(error.request),
      invalid_fields,
      invalid_reasons: reasons.join(', '),
    };
  }
  if (error instanceof ConnectionNotFoundError) {
    return {
      outcome,
      failed_condition: error.failedConditions.join(', '),
      item_exists: error.stored !== undefined,
      stored_terminal_type: error.stored?.terminal_type,
    };
  }
  if (error instanceof AlreadyLoggedOutError) {
    const { terminal_id, terminal_type } = error.connection;
    return { outcome, terminal_id, terminal_type, failed_condition: 'logged_in', item_exists: true };
  }
  if (error instanceof InternalError || error instanceof StoreUnavailableError) {
    return { outcome, cause: serializeError(cause, isLoggable), store_attempts: error.attempts };
  }
  return { outcome };
}
