import { randomUUID } from 'node:crypto';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import type { Store } from './stores.ts';

/** Makes a new connection that is logged in, as the login service writes it. */
export const newConnection = () => ({
  id: randomUUID(),
  locator: 'L-1',
  id_pos_sesion: randomUUID(),
  terminal_id: 'T-1',
  message: 'hello',
  date_login: '2026-05-09T09:00:00+02:00',
  terminal_type: 'handheld',
  id_user: randomUUID(),
});

const ROUTE = { method: 'PUT', path: ROUTE_PATH };
const HOST = 'abcde12345.execute-api.eu-west-1.amazonaws.com';
const RECEIVED_AT = new Date('2026-05-09T15:00:00Z');

/**
 * Writes new connections that are logged in into a table, and makes a logout of each.
 *
 * @returns events of an HTTP API, payload format 2.0.
 */
export async function loggedInRequests(store: Store, count: number): Promise<object[]> {
  const connections = Array.from({ length: count }, newConnection);
  await store.put(connections);
  return connections.map(({ id, terminal_id, terminal_type, id_user }) =>
    event({ id, terminal_id, terminal_type, id_user, date_logout: '2026-05-09T17:00:00.1234567+02:00' }),
  );
}

function event(fields: object): object {
  const body = JSON.stringify(fields);
  const routeKey = `${ROUTE.method} ${ROUTE.path}`;
  return {
    version: '2.0',
    routeKey,
    rawPath: ROUTE.path,
    rawQueryString: '',
    headers: {
      'content-length': String(body.length),
      'content-type': 'application/json',
      host: HOST,
      'x-amzn-trace-id': 'Root=1-69ff1c86-2f0d6f0b4b0a5a1e5d9f3c11',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcde12345',
      domainName: HOST,
      domainPrefix: 'abcde12345',
      http: { ...ROUTE, protocol: 'HTTP/1.1', sourceIp: '203.0.113.7', userAgent: '' },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: '09/May/2026:15:00:00 +0000',
      timeEpoch: RECEIVED_AT.getTime(),
    },
    body,
    isBase64Encoded: false,
  };
}
