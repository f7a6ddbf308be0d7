import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Certificate } from './certificate.ts';

/** Makes an event of an HTTP API, payload format 2.0, that logs a connection out: what functions read of one. */
export function createEvent(): object {
  const date_logout = '2026-05-09T17:00:00.1234567+02:00';
  return {
    headers: { 'content-type': 'application/json' },
    requestContext: {
      requestId: randomUUID(),
      timeEpoch: Date.parse('2026-05-09T15:00:00Z'),
    },
    body: JSON.stringify({ id: randomUUID(), terminal_id: 'T-1', terminal_type: 'handheld', date_logout }),
    isBase64Encoded: false,
  };
}

/**
 * Starts a table that accepts every update at once: what is left is the function's own cost. It is behind TLS, since
 * over plain HTTP the SDK runs code that it never runs against AWS.
 *
 * @returns its URL, and what ends it.
 */
export async function startStore({ cert, key }: Certificate) {
  const server = createServer({ cert, key }, async (request, response) => {
    const update = (await json(request)) as Record<string, Record<string, object>>;
    const Attributes = {
      ...update.Key,
      locator: { S: 'L-1' },
      id_pos_sesion: { S: 'b8f20e6d-94c3-4a17-8e52-17c3d90b6a24' },
      terminal_id: { S: 'T-1' },
      message: { S: 'hello' },
      date_login: { S: '2026-05-09T09:00:00+02:00' },
      terminal_type: { S: 'handheld' },
      id_user: { S: '2d9e7c10-6a4b-4f83-b1d5-8c07e3f9a642' },
      success: { BOOL: true },
      date_logout: update.ExpressionAttributeValues?.[':date_logout'],
    };
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
    response.end(JSON.stringify({ Attributes }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
