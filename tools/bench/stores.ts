import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { BatchWriteItemCommand, CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { findDatabaseCommand, startDynamoDbLocal } from '../local/dynamodb-local.ts';
import { freePort } from '../local/ports.ts';
import type { Item } from '../local/table.ts';
import type { Certificate } from './certificate.ts';

/** A DynamoDB behind TLS: over plain HTTP the SDK takes another road than to AWS. */
export interface Store {
  readonly endpoint: string;
  /** Writes items into the table. */
  put(items: readonly Item[]): Promise<void>;
  close(): Promise<void>;
}

/** A store that answers every update at once with an item that was written so: what is left is the function's own cost. */
export async function stubStore(tls: Certificate): Promise<Store> {
  const server = createServer(tls, async (incoming, response) => {
    const { Key, ExpressionAttributeValues: values } = JSON.parse(await textOf(incoming));
    const Attributes = {
      ...marshall(connection('')),
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
 * DynamoDB Local behind TLS, with a table.
 *
 * @param tableName the table's name.
 */
export async function localStore(tls: Certificate, tableName: string): Promise<Store> {
  const port = await freePort(0, 'DYNAMODB_PORT');
  const database = await startDynamoDbLocal(await findDatabaseCommand(), port);
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint: database.endpoint, region: 'eu-west-1', credentials });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  const agent = new Agent({ keepAlive: true });
  const server = createServer(tls, async (incoming, response) => {
    const { host, ...headers } = incoming.headers;
    const { method } = incoming;
    const outgoing = request(database.endpoint, { ...(method !== undefined && { method }), headers, agent });
    outgoing.end(await textOf(incoming));
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    response.end(await textOf(answer));
  });
  return {
    endpoint: await listen(server),
    async put(items) {
      for (let from = 0; from < items.length; from += 25) {
        const batch = items.slice(from, from + 25);
        const requests = batch.map((item) => ({ PutRequest: { Item: marshall(item) } }));
        await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
      }
    },
    async close() {
      client.destroy();
      agent.destroy();
      await stop(server);
      await database.close();
    },
  };
}

/** A connection that is logged in. */
export function connection(id: string): Item {
  return {
    id,
    locator: 'MAD-04-TERRACE',
    id_pos_sesion: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24',
    terminal_id: 'T-0412',
    date_login: '2026-11-24T10:01:03Z',
    terminal_type: 'handheld',
    id_user: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642',
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
