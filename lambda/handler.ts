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
import { processTimeZone } from './domain/process-time-zone.ts';
import { answer } from './http/answer.ts';
import { InvalidConnectionError, type PartialLogout } from './http/errors.ts';
import {
  bodyBytes,
  callerOf,
  type GatewayEvent,
  header,
  receivedAtMs,
  requestId,
  toEvent,
} from './http/event.ts';
import { requestType } from './http/media-type.ts';
import { readBody } from './http/read-body.ts';
import { readLogout } from './http/read-logout.ts';
import { elapsedMs, type LogFields, monotonicMs, RequestLog, serializeError } from './observability.ts';
import { documentClient, STORE_LIMITS } from './storage/client.ts';
import { type ConnectionStore, connectionStore } from './storage/connection-store.ts';
import { hasKnownWording } from './storage/errors.ts';
import { PreconnectAgent } from './storage/preconnect-agent.ts';
import { requestHandler } from './storage/request-handler.ts';
import { warmUp } from './storage/warm-up.ts';

const config = readConfig(process.env);
const agent = new PreconnectAgent();
const client = documentClient(config, requestHandler(agent, STORE_LIMITS.attemptTimeoutMs));
const zone = processTimeZone(config.timeZone);

// Part of the start, where the CPU is fast, and not of the first request.
await warmUp(client, agent, (stage) => logoutHandler(stage, () => {}));

/** Logs a connection out. Its log goes past `console`, which Lambda would wrap into a line of its own. */
export const handler = logoutHandler(client, (line) => process.stdout.write(line));

/** What Lambda passes along with an event, and the log line of the request. */
type RequestContext = Context & { log: RequestLog };

/** What Lambda calls with an event of any form. Its answer goes to the gateway. */
type LambdaHandler = (event: unknown, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Makes the handler. Middy runs what comes before the logout from top to bottom, and what comes after it from bottom to
 * top.
 *
 * @param writeLog is called with the log line of each request.
 */
function logoutHandler(client: DynamoDBDocumentClient, writeLog: (line: string) => void): LambdaHandler {
  const store = connectionStore(client, config.tableName);
  const handler = middy<GatewayEvent, unknown, Error, RequestContext>({
    // The store's attempts end earlier than the function's timeout, and leave time to answer and to log.
    timeoutEarlyInMillis: 0,
  })
    .use(observe(writeLog)) // outermost: times all of it, and sees the answer of whatever went wrong within
    .use(answer()) // makes an answer of a success or of an error from any step below
    .use(readBody()) // bytes to text, and text of any format to the JSON of the record's fields
    .use(httpJsonBodyParser({ disableContentTypeCheck: true })) // that to fields. Its own check refuses text/json
    .handler((event, { log }) => logOut(event, log, store));
  // Middy's types ask for an event of the gateway, and for the log that the first middleware adds.
  return handler as unknown as LambdaHandler;
}

async function logOut(event: GatewayEvent, log: RequestLog, store: ConnectionStore): Promise<Success> {
  const logout = readLogout(event.body, zone, receivedAtMs(event), callerOf(event, config));
  log.add(describeLogout(logout));

  const sentAt = monotonicMs();
  const write = await store.logOut(logout).finally(() => log.add({ store_latency_ms: elapsedMs(sentAt) }));
  log.add({ store_attempts: write.attempts });

  const success = resolveOutcome(write, logout, zone);
  const { connection, outcome } = success;
  log.add({ outcome, terminal_id: connection.terminal_id, terminal_type: connection.terminal_type });
  return success;
}

/** Writes one log line, which is one metric, for each request, whatever its outcome. */
function observe(
  writeLog: (line: string) => void,
): MiddlewareObj<GatewayEvent, APIGatewayProxyStructuredResultV2, Error, RequestContext> {
  let isColdStart = true;
  return {
    before(request) {
      const event = toEvent(request.event);
      const { context } = request;
      request.event = event;
      context.log = new RequestLog({
        stage: config.stage,
        commit: config.commit,
        request_id: requestId(event, context),
        function_request_id: context.awsRequestId,
        function_version: context.functionVersion,
        body_format: requestType(header(event, 'content-type')),
        body_bytes: bodyBytes(event).length,
        cold_start: isColdStart,
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
function describeLogout({ id, identity, dateLogout, dateHasOffset, receivedAt }: PartialLogout): LogFields {
  return {
    connection_id: id,
    terminal_id: identity?.terminal_id,
    terminal_type: identity?.terminal_type,
    date_skew_s: dateLogout && receivedAt && secondsBetween(receivedAt, dateLogout),
    date_has_offset: dateHasOffset,
  };
}

/** What the log says of an error, and its answer does not. */
function describeError(error: LogoutError): LogFields {
  const { code: outcome, cause } = error;
  if (error instanceof InvalidConnectionError) {
    const reasons = error.errors.map(({ field, reason }) => `${field}:${reason}`);
    const invalid_fields = error.errors.map(({ field }) => field).join(', ');
    return { outcome, ...describeLogout(error.logout), invalid_fields, invalid_reasons: reasons.join(', ') };
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
    return { outcome, cause: serializeError(cause, hasKnownWording), store_attempts: error.attempts };
  }
  return { outcome };
}
