import middy, { type MiddlewareObj } from '@middy/core';
import { readConfig } from './config.ts';
import { LogoutError } from './domain/errors.ts';
import { decide, type Logout, type Success } from './domain/logout.ts';
import { timeZone } from './domain/time-zone.ts';
import { answer } from './http/answer.ts';
import { asEvent, type GatewayEvent, requestId } from './http/event.ts';
import { parseBody } from './http/parse-body.ts';
import { readBody } from './http/read-body.ts';
import { validate } from './http/validate.ts';
import { causeOf, milliseconds, RequestLog } from './observability.ts';
import { documentClient } from './storage/client.ts';
import { connectionStore } from './storage/connection-store.ts';
import { EarlyAgent } from './storage/early-agent.ts';
import { rehearse } from './storage/rehearsal.ts';

const config = readConfig(process.env);
const agent = new EarlyAgent();
const client = documentClient(config, agent);
const store = connectionStore(client, config.tableName);
const log = new RequestLog(config.stage);
const zone = timeZone(config.timeZone);

// Part of the start, where the CPU is fast, and not of the first request.
await rehearse(client, agent);

/**
 * Logs a connection out. Middy runs what comes before the logout from top to bottom, and what comes after it from
 * bottom to top.
 */
export const handler = middy<GatewayEvent>({
  // The store's own deadline is earlier than the function's timeout, and leaves time to answer and to log.
  timeoutEarlyInMillis: 0,
})
  .use(observe()) // outermost: times all of it, and sees the answer of whatever went wrong within
  .use(answer()) // makes an answer of a success or of an error from any step below
  .use(readBody()) // size, emptiness, media type, encoding: the contract's order of checks
  .use(parseBody()) // JSON or form to fields
  .use(validate(zone)) // fields to a logout
  .handler(logOut);

async function logOut(event: GatewayEvent): Promise<Success> {
  const logout = event.body as Logout;
  const { terminal_id, terminal_type } = logout.identity;
  log.add({ connection_id: logout.id, terminal_id, terminal_type });

  const sentAt = performance.now();
  const write = await store.logOut(logout).finally(() => log.add({ store_latency_ms: milliseconds(sentAt) }));
  log.add({ store_attempts: write.attempts });

  const success = decide(write, logout, zone);
  const { connection, outcome } = success;
  log.add({ outcome, terminal_id: connection.terminal_id, terminal_type: connection.terminal_type });
  return success;
}

/** One log line and one metric for each request, whatever becomes of it. */
function observe(): MiddlewareObj<GatewayEvent> {
  return {
    before(request) {
      request.event = asEvent(request.event);
      log.start();
      log.add({ request_id: requestId(request.event) ?? request.context.awsRequestId });
    },
    after({ response }) {
      log.add({ status: response.statusCode });
      log.write();
    },
    onError({ error, response }) {
      const outcome = error instanceof LogoutError ? error.code : 'internal_error';
      const cause = error instanceof LogoutError ? error.cause : error;
      log.add({ outcome, status: response.statusCode, ...(error instanceof LogoutError && error.facts) });
      if (cause !== undefined) log.add({ cause: causeOf(cause) });
      log.write();
    },
  };
}
