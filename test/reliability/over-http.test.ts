import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CheckedResponse, createRecord } from '../support/api-document.ts';
import { findLeaks, MARKER, markedConnection, markedRequest } from '../support/connections.ts';
import { loseResponse } from '../support/faults.ts';
import { pass } from '../support/faulty-dynamodb.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { WAIT } from '../support/server.ts';
import type { Item } from '../support/table.ts';

let service: LocalService;
let item: Item & { id: string };

beforeAll(async () => {
  service = await startLocalService();
});

afterAll(() => service.close());

beforeEach(async () => {
  item = markedConnection();
  await service.table.put(item);
  service.dynamodb.choose(() => pass);
});

afterEach(() => expect(findLeaks(service.lambda.output)).toEqual([]));

const MANY = 30;
const each = <Value>(make: (index: number) => Value): Value[] =>
  Array.from({ length: MANY }, (_, index) => make(index));
const instant = (index: number) => `2026-05-09T17:00:00.${String(index + 1).padStart(7, '0')}+02:00`;

/** Logs out. Each value that must not reach the log is marked. */
const logOut = (fields: object): Promise<CheckedResponse> => {
  const { headers = {} } = markedRequest({});
  return service.logOut({ message: MARKER, ...fields }, { headers });
};

/** The responses to all of them, the item as it is then, and that it was written once. */
async function race(bodies: object[]): Promise<{ responses: CheckedResponse[]; stored: Item }> {
  const responses = await Promise.all(bodies.map((body) => logOut({ id: item.id, ...body })));
  expect(service.dynamodb.writes.get(item.id)).toBe(1);
  const stored = (await service.table.get(item.id)) ?? {};
  expect(stored).toEqual({ ...item, success: true, date_logout: expect.any(String) });
  return { responses, stored };
}

/** One of them was the first, and shows what it wrote; all others are shown it too, as a conflict. */
function expectOneWinner(responses: CheckedResponse[], stored: Item): void {
  const [winner, ...more] = responses.filter(({ status }) => status === 200);
  expect(more).toEqual([]);
  expect(winner?.record).toEqual(createRecord(stored));
  const seen = {
    ...createRecord(stored),
    success: false,
    message: expect.stringMatching(/at another time\.$/),
  };
  for (const response of responses.filter((one) => one !== winner)) {
    expect(response).toMatchObject({ status: 409, code: 'already_logged_out', record: seen });
  }
}

describe('races', () => {
  test.each([1, 2, 3, 4, 5])(
    'of many at once with different instants exactly one wins, and all others see it (%s)',
    async () => {
      const { responses, stored } = await race(each((index) => ({ date_logout: instant(index) })));
      expectOneWinner(responses, stored);
    },
  );

  test.each([
    ['the same instant', { date_logout: instant(0) }],
    ['no instant', {}],
  ])('many at once with %s all succeed, with the same bytes, by one write', async (_, body) => {
    const { responses, stored } = await race(each(() => body));
    for (const response of responses) {
      expect(response).toMatchObject({ status: 200, body: responses[0]?.body, record: createRecord(stored) });
    }
  });

  test('where the first response to each of them is lost, exactly one wins all the same', async () => {
    const seen = new Set<string>();
    service.dynamodb.choose(({ input }) => {
      const date = JSON.stringify(input.ExpressionAttributeValues);
      if (seen.has(date)) return pass;
      seen.add(date);
      return loseResponse;
    });
    const { responses, stored } = await race(each((index) => ({ date_logout: instant(index) })));
    expect(seen.size).toBe(MANY);
    expectOneWinner(responses, stored);
  });

  test('those of another identity among them are refused, and change nothing of the race', async () => {
    const wrong = [{ terminal_id: 'T-2' }, { locator: 'L-2' }, { id_user: randomUUID() }];
    const { responses, stored } = await race(
      each((index) => ({ date_logout: instant(index), ...(index % 2 === 1 && wrong[index % 3]) })),
    );
    const others = responses.filter((_, index) => index % 2 === 1);
    for (const response of others) expect(response).toMatchObject({ code: 'connection_not_found' });
    expectOneWinner(
      responses.filter((response) => !others.includes(response)),
      stored,
    );
  });
});

describe('a terminal on a bad network', () => {
  /** Sends a request byte for byte, of which the body may be cut. */
  async function sendCut(body: string, sent: string): Promise<Socket> {
    const { pathname, host, port } = new URL(service.url);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    const headers = ['Content-Type: application/json', `Content-Length: ${body.length}`];
    socket.write([`PUT ${pathname} HTTP/1.1`, `Host: ${host}`, ...headers, '', sent].join('\r\n'));
    return socket;
  }

  test('whose request breaks off, however late, has logged nothing out, and may repeat it', async () => {
    const before = service.dynamodb.requests.length;
    const body = JSON.stringify({ id: item.id });
    for (let length = 0; length < body.length; length += 7) {
      const socket = await sendCut(body, body.slice(0, length));
      await new Promise(setImmediate);
      socket.resetAndDestroy();
    }
    expect((await logOut({ id: randomUUID() })).status).toBe(404);
    expect(service.dynamodb.requests.length - before).toBe(1);
    expect(await service.table.get(item.id)).toEqual(item);
    expect((await logOut({ id: item.id })).status).toBe(200);
  });

  test('that is gone before the response has logged out, and the repeat says so', async () => {
    const body = JSON.stringify({ id: item.id });
    const { promise: sent, resolve } = Promise.withResolvers<Socket>();
    service.dynamodb.choose(() => async (exchange) => {
      (await sent).resetAndDestroy();
      await pass(exchange);
    });
    resolve(await sendCut(body, body));
    await vi.waitFor(() => expect(service.dynamodb.writes.get(item.id)).toBe(1), WAIT);
    service.dynamodb.choose(() => pass);
    const { status, record } = await logOut({ id: item.id });
    const stored = (await service.table.get(item.id)) ?? {};
    expect({ status, record }).toEqual({ status: 200, record: createRecord(stored) });
    expect(service.dynamodb.writes.get(item.id)).toBe(1);
  });
});
