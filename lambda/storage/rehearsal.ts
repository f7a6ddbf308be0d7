import type { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dateTimeAt } from '../domain/date-time.ts';
import { NIL_GUID } from '../domain/guid.ts';
import type { Logout } from '../domain/logout.ts';
import { UTC } from '../domain/time-zone.ts';
import { connectionStore } from './connection-store.ts';

/** The longest that a start waits for the network, in milliseconds. */
export const LONGEST_REHEARSAL = 500;

const LOGOUT: Logout = { id: NIL_GUID, identity: {}, receivedAt: dateTimeAt(0, UTC) };

/** What the table would answer. */
const ANSWER = { id: { S: LOGOUT.id }, date_logout: { S: LOGOUT.receivedAt.text }, success: { BOOL: true } };

/**
 * Logs a connection out that is not there, as far as the network, where a `GET /` goes in place of the write:
 * DynamoDB answers it with a word on its health, whoever asks. Afterwards the SDK's code has run once, and the
 * connection to the table is open. While an environment starts it has a whole CPU, in its first request only the
 * function's share.
 *
 * Never rejects, and waits half a second at most: what fails here may fail or not in the first request, which tells.
 *
 * @param client the client of the table. Only the rehearsal's own command is treated so.
 */
export async function rehearse(client: DynamoDBDocumentClient): Promise<void> {
  const stage = {
    send(command: UpdateCommand, options: object) {
      command.middlewareStack.add(healthInstead, { step: 'deserialize', priority: 'low' });
      return client.send(command, options);
    },
  };
  const store = connectionStore(stage as DynamoDBDocumentClient, 'rehearsal');
  await store.logOut(LOGOUT).catch(() => {});
}

type Middleware = Parameters<UpdateCommand['middlewareStack']['add']>[0];

/** Stands where the request leaves the SDK: sends another one, and answers as if the write had been sent. */
const healthInstead: Middleware = (next) => async (args) => {
  const { request } = args as { request: { headers: Record<string, string> } };
  const { host } = request.headers;
  const health = { ...request, method: 'GET', headers: { host }, body: undefined };
  const asked = next({ ...args, request: health })
    // Read to its end, so that the connection is free for the next request.
    .then(({ response }) => (response as { body: { toArray(): Promise<unknown> } }).body.toArray())
    .catch(() => {});
  await atMost(LONGEST_REHEARSAL, asked);
  const body = new TextEncoder().encode(JSON.stringify({ Attributes: ANSWER }));
  return { response: { statusCode: 200, headers: {}, body }, output: { $metadata: {} } };
};

async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
