import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { LONGEST_REHEARSAL } from '../../lambda/storage/rehearsal.ts';
import { putEvent } from '../support/events.ts';
import { startFunction, type TestFunction } from '../support/function.ts';

const DATE = '2026-05-09T15:00:00Z';

/** A stand-in for DynamoDB. @returns its URL. */
async function server(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts the function. @returns it, and how long the start took. */
async function start(
  endpoint: string,
  variables: Record<string, string> = {},
): Promise<{ lambda: TestFunction; took: number }> {
  const startedAt = performance.now();
  const lambda = await startFunction(endpoint, variables);
  onTestFinished(() => lambda.close());
  return { lambda, took: performance.now() - startedAt };
}

/** Answers a write as the table does. */
const written: RequestListener = async (request, response) => {
  const { Key } = JSON.parse(Buffer.concat(await request.toArray()).toString());
  response.end(JSON.stringify({ Attributes: { ...Key, date_logout: { S: DATE }, success: { BOOL: true } } }));
};

const logout = () => putEvent({ body: { id: randomUUID(), date_logout: DATE } });

test('the start opens the connection that the first request writes by, with a question that changes nothing', async () => {
  const seen: object[] = [];
  const endpoint = await server((request, response) => {
    const { method, url, headers, socket } = request;
    seen.push({ method, url, signed: headers.authorization !== undefined, port: socket.remotePort });
    if (method === 'GET') response.end('healthy');
    else written(request, response);
  });
  const { lambda } = await start(endpoint);
  expect(lambda.output).toEqual([]);
  expect(seen).toEqual([{ method: 'GET', url: '/', signed: false, port: expect.any(Number) }]);
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
  const [{ port } = { port: 0 }] = seen as [{ port: number }];
  expect(seen[1]).toEqual({ method: 'POST', url: '/', signed: true, port });
  expect(JSON.parse(String(lambda.output[0]))).toMatchObject({ outcome: 'logged_out', cold_start: true });
});

test.each<[string, RequestListener]>([
  ['answers with an error', (_, response) => void response.writeHead(500).end('{}')],
  ['resets the connection', (request) => void request.socket.resetAndDestroy()],
  ['breaks off its answer', (_, response) => void response.write('{', () => response.destroy())],
])('a table that %s at the start is no hindrance', async (_, instead) => {
  const endpoint = await server((request, response) =>
    (request.method === 'GET' ? instead : written)(request, response),
  );
  const { lambda } = await start(endpoint);
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
  expect(lambda.output).toHaveLength(1);
});

test('a table that is silent at the start delays it by a moment only', async () => {
  const quick = await start(await server((_, response) => void response.end('healthy')));
  const { lambda, took } = await start(
    await server((request, response) => {
      if (request.method !== 'GET') written(request, response);
    }),
  );
  // What a start takes by itself differs from one to the next, by far less than the seconds of a request's limits.
  expect(took - quick.took).toBeLessThan(LONGEST_REHEARSAL + 1_000);
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
});

test('without a table the start is none the worse, and the first request says so', async () => {
  const { lambda } = await start('http://127.0.0.1:9');
  expect(lambda.output).toEqual([]);
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 503 });
});

test("as in AWS, where no endpoint is set, it calls the region's own, and no configuration file is read", async () => {
  const endpoint = await server((request, response) =>
    request.method === 'GET' ? response.end('healthy') : written(request, response),
  );
  const { lambda } = await start('', {
    NODE_OPTIONS: `--require ${fileURLToPath(new URL('../support/as-in-aws.cjs', import.meta.url))}`,
    TEST_ENDPOINT: endpoint,
  });
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
  const [health, write] = lambda.output;
  expect([health, write]).toEqual(Array(2).fill('asked: https://dynamodb.eu-west-1.amazonaws.com/'));
  expect(lambda.output.filter((line) => line.startsWith('read:'))).toEqual([]);
});
