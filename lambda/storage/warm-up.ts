import type { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { NONEXISTENT_ID } from '../domain/connection.ts';
import type { PreconnectAgent } from './preconnect-agent.ts';

/** How long a start waits for the network at most. */
const WARM_UP_TIMEOUT_MS = 500;

const DATE_LOGOUT = '2026-01-01T00:00:00Z';

/** A request as most are, by a caller who holds whatever proof the function may require. */
const EVENT = {
  headers: { 'content-type': 'application/json' },
  requestContext: {
    authorizer: { jwt: { claims: { sub: NONEXISTENT_ID } } },
    authentication: { clientCert: { subjectDN: 'CN=warm-up' } },
  },
  body: JSON.stringify({ id: NONEXISTENT_ID, date_logout: DATE_LOGOUT }),
};

const CONTEXT = { awsRequestId: 'warm-up' } as Context;

/** What the table would respond. The store refuses it for any other logout, since no connection has this id. */
const ITEM = { id: { S: NONEXISTENT_ID }, date_logout: { S: DATE_LOGOUT }, success: { BOOL: true } };

/**
 * Handles one made-up request, as far as the network: nothing is sent, but the connection to the table is opened.
 * Afterwards all code that a logout needs has run once. While an environment starts it has a whole CPU, in its first
 * request only the function's share.
 *
 * Never rejects, and waits half a second at most: what fails here may fail or not in the first request, which reports it.
 *
 * @param client the client of the table. Only the warm-up's own command is not sent.
 * @param agent what the client's requests get their connections from.
 * @param createHandler creates the function's handler with a client that is used instead. It must not log.
 */
export async function warmUp(
  client: DynamoDBDocumentClient,
  agent: PreconnectAgent,
  createHandler: (client: DynamoDBDocumentClient) => (event: object, context: Context) => Promise<unknown>,
): Promise<void> {
  let opened: Promise<void> | undefined;
  /** Stands where the request leaves the SDK, and responds as if it had been sent. */
  const respondOffline: Middleware = () => async (args) => {
    const { protocol, hostname, port } = (args as { request: SdkRequest }).request;
    // DynamoDB Local is asked over plain HTTP, where a connection is cheap.
    if (protocol === 'https:') opened = agent.preconnect(hostname, port ?? 443);
    const body = new TextEncoder().encode(JSON.stringify({ Attributes: ITEM }));
    return { response: { statusCode: 200, headers: {}, body }, output: { $metadata: {} } };
  };
  const offlineClient = {
    send(command: UpdateCommand) {
      command.middlewareStack.add(respondOffline, { step: 'deserialize', priority: 'low' });
      return client.send(command);
    },
  };
  await createHandler(offlineClient as DynamoDBDocumentClient)(EVENT, CONTEXT).catch(() => {});
  await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, WARM_UP_TIMEOUT_MS))]);
}

type Middleware = Parameters<UpdateCommand['middlewareStack']['add']>[0];

/** Where the SDK would send a request to. */
interface SdkRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
}
