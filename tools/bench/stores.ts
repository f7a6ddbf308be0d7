import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { findEngine, startEngine } from '../local/engine.ts';
import { ANY_CREDENTIALS, createTable, type Item } from '../local/table.ts';
import { type LocalTemplate, TABLE_NAME } from '../local/template.ts';
import type { Certificate } from './certificate.ts';
import { newConnection } from './requests.ts';

/** The most items that one `BatchWriteItem` takes. */
const BATCH_SIZE = 25;

/** A DynamoDB behind TLS: over plain HTTP the SDK runs code that it never runs against AWS. */
export interface Store {
  readonly endpoint: string;
  /** Writes items into the table. */
  put(items: readonly Item[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts a store that answers every update at once, as if it were written: what is left is the function's own cost. */
export async function startStubStore(tls: Certificate): Promise<Store> {
  const item = marshall(newConnection());
  const server = createServer(tls, async (incoming, response) => {
    const { Key, ExpressionAttributeValues: values } = JSON.parse(await textOf(incoming));
    const Attributes = {
      ...item,
      id: Key.id,
      date_logout: values[':date_logout'],
      success: { BOOL: true },
    };
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ Attributes }));
  });
  const endpoint = await listen(server);
  return { endpoint, put: async () => {}, close: () => stop(server) };
}

/**
 * Starts DynamoDB Local behind TLS, with an empty table.
 *
 * @param shape the table's key, as the template has it.
 */
export async function startLocalStore(tls: Certificate, shape: LocalTemplate['table']): Promise<Store> {
  const database = await startEngine(await findEngine(['java', 'docker']));
  const table = await createTable(database.endpoint, TABLE_NAME, shape);
  const client = new DynamoDBClient({ endpoint: database.endpoint, ...ANY_CREDENTIALS });
  const agent = new Agent({ keepAlive: true });
  const server = createServer(tls, async (incoming, response) => {
    const { host, ...headers } = incoming.headers;
    const outgoing = request(database.endpoint, { method: 'POST', headers, agent });
    outgoing.end(await textOf(incoming));
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    response.end(await textOf(answer));
  });
  return {
    endpoint: await listen(server),
    async put(items) {
      for (let from = 0; from < items.length; from += BATCH_SIZE) {
        const batch = items.slice(from, from + BATCH_SIZE);
        const requests = batch.map((item) => ({ PutRequest: { Item: marshall(item) } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE_NAME]: requests } }));
      }
    },
    async close() {
      table.close();
      client.destroy();
      agent.destroy();
      await stop(server);
      await database.close();
    },
  };
}

async function textOf(stream: IncomingMessage): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString();
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
