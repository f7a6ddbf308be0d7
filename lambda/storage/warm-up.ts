import type { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { dateTimeAt } from '../domain/date-time.ts';
import { NIL_GUID } from '../domain/guid.ts';
import type { Logout } from '../domain/logout.ts';
import { UTC } from '../domain/time-zone.ts';
import { connectionStore } from './connection-store.ts';
import type { PreconnectAgent } from './preconnect-agent.ts';

/** How long a start waits for the network at most. */
const WARM_UP_TIMEOUT_MS = 500;

const LOGOUT: Logout = { id: NIL_GUID, identity: {}, receivedAt: dateTimeAt(0, UTC), caller: {} };

/** What the table would answer. The store refuses it for any other logout, since no connection has the nil GUID. */
const ANSWER = { id: { S: LOGOUT.id }, date_logout: { S: LOGOUT.receivedAt.text }, success: { BOOL: true } };

/**
 * Logs a connection out that is not there, as far as the network: nothing is sent, but the connection to the table
 * is opened. Afterwards the SDK's code has run once. While an environment starts it has a whole CPU, in its first
 * request only the function's share.
 *
 * Never rejects, and waits half a second at most: what fails here may fail or not in the first request, which reports it.
 *
 * @param client the client of the table. Only the warm-up's own command is not sent.
 * @param agent what the client's requests get their connections from.
 */
export async function warmUp(client: DynamoDBDocumentClient, agent: PreconnectAgent): Promise<void> {
  let opened: Promise<void> | undefined;
  /** Stands where the request leaves the SDK, and answers as if it had been sent. */
  const insteadOfTheNetwork: Middleware = () => async (args) => {
    const { protocol, hostname, port } = (args as { request: Target }).request;
    // DynamoDB Local is asked over plain HTTP, where a connection is cheap.
    if (protocol === 'https:') opened = agent.preconnect(hostname, port ?? 443);
    const body = new TextEncoder().encode(JSON.stringify({ Attributes: ANSWER }));
    return { response: { statusCode: 200, headers: {}, body }, output: { $metadata: {} } };
  };
  const stage = {
    send(command: UpdateCommand) {
      command.middlewareStack.add(insteadOfTheNetwork, { step: 'deserialize', priority: 'low' });
      return client.send(command);
    },
  };
  await connectionStore(stage as DynamoDBDocumentClient, 'warm-up')
    .logOut(LOGOUT)
    .catch(() => {});
  if (opened !== undefined) await atMost(WARM_UP_TIMEOUT_MS, opened);
}

type Middleware = Parameters<UpdateCommand['middlewareStack']['add']>[0];

/** Where the SDK would send a request to. */
interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}

async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, over]);
  clearTimeout(timer);
}
