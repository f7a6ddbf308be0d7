import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../tools/bench/certificate.ts';
import { putEvent } from '../support/events.ts';
import { startFunction, type TestFunction } from '../support/function.ts';
import { listen, respondWritten } from '../support/server.ts';

let certificate: Certificate;

beforeAll(async () => {
  certificate = await makeCertificate();
  return certificate.remove;
});

/** Starts the function, trusting the certificate. */
async function start(endpoint: string, variables: Record<string, string> = {}): Promise<TestFunction> {
  const lambda = await startFunction(endpoint, { NODE_EXTRA_CA_CERTS: certificate.file, ...variables });
  onTestFinished(() => lambda.close());
  return lambda;
}

const logout = () => putEvent({ body: { id: randomUUID() } });

test('a start sends nothing and opens the connection of the first request, which alone is a cold start', async () => {
  const seen: string[] = [];
  const server = createTlsServer(certificate, (request, response) => {
    seen.push(`${request.method} by ${request.socket.remotePort}`);
    respondWritten(request, response);
  });
  server.on('secureConnection', ({ remotePort }) => seen.push(`connection ${remotePort}`));
  const lambda = await start(`https://127.0.0.1:${await listen(server)}`);
  await expect.poll(() => seen).toEqual([expect.stringMatching(/^connection \d+$/)]);
  expect(lambda.output).toEqual([]);

  const [, port] = String(seen[0]).split(' ');
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
  expect(seen.slice(1)).toEqual([`POST by ${port}`, `POST by ${port}`]);
  await expect.poll(() => lambda.output).toHaveLength(2);
  expect(lambda.output.map((line) => JSON.parse(line))).toMatchObject([
    { outcome: 'logged_out', cold_start: true },
    { outcome: 'logged_out', cold_start: false },
  ]);
});

test('a start waits for the connection to the table: half a second at most', async () => {
  let connectedAt = Number.POSITIVE_INFINITY;
  const silent = createTcpServer((socket) => {
    connectedAt = Date.now();
    socket.on('error', () => {});
  });
  await start(`https://127.0.0.1:${await listen(silent)}`);
  // Far from both what it waits and what a start takes that does not.
  expect(Date.now() - connectedAt).toBeGreaterThan(200);
});

test('without a table a start logs nothing, and the first request gets 503', async () => {
  const lambda = await start('https://127.0.0.1:9');
  expect(lambda.output).toEqual([]);
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 503 });
  await expect.poll(() => lambda.output).toHaveLength(1);
  const line = JSON.parse(String(lambda.output[0]));
  expect(line).toMatchObject({
    store_attempts: 3,
    cause: { code: 'ECONNREFUSED', message: expect.stringContaining('ECONNREFUSED') },
  });
  // The delays between the attempts alone take 200 ms or more.
  expect(line.store_latency_ms).toBeGreaterThan(190);
  expect(line.latency_ms).toBeGreaterThanOrEqual(line.store_latency_ms);
});

test("as in AWS, where no endpoint is set, it calls the region's own, reads no configuration file, and its log line is not wrapped", async () => {
  const server = createServer(respondWritten);
  const lambda = await start('', {
    NODE_OPTIONS: `--require ${fileURLToPath(new URL('../support/as-in-aws.cjs', import.meta.url))}`,
    TEST_ENDPOINT: `http://127.0.0.1:${await listen(server)}`,
  });
  expect(await lambda.invoke(logout())).toMatchObject({ statusCode: 200 });
  await expect.poll(() => lambda.output.length).toBeGreaterThan(2);
  const [opened, write, line = ''] = lambda.output;
  expect(opened).toBe('opened: dynamodb.eu-west-1.amazonaws.com:443');
  expect(write).toBe('asked: https://dynamodb.eu-west-1.amazonaws.com/');
  expect(JSON.parse(line)).toMatchObject({ outcome: 'logged_out', _aws: expect.any(Object) });
  expect(lambda.output.filter((line) => line.startsWith('read:'))).toEqual([]);
});
