import { Agent } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { HttpRequest } from '@smithy/core/protocols';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { AttemptTimeoutError, createRequestHandler } from '../../../lambda/storage/request-handler.ts';
import { type Certificate, makeCertificate } from '../../../tools/bench/certificate.ts';
import { listen } from '../../support/server.ts';

/** Longer than anything but a fault takes here, on a busy machine too. */
const PATIENT_MS = 5_000;

/** For the attempts that time out. */
const TIMEOUT_MS = 1_000;

const BODY = '{"id":"1"}';
const OK = `HTTP/1.1 200 OK\r\nx-amzn-requestid: 7\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`;

let certificate: Certificate;
/** What ends the servers and handlers, since tests run at once. */
const endings: (() => void)[] = [];
const onFinished = (end: () => void) => endings.push(end);

beforeAll(async () => {
  certificate = await makeCertificate();
  return certificate.remove;
});
afterAll(() => {
  for (const end of endings) end();
});

/** A table that does to each request what is next in its script, and responds to those after the last. */
interface Table {
  readonly port: number;
  /** The requests as they were sent, and which connection each came by, from 1. */
  readonly requests: { readonly text: string; readonly connection: number }[];
  /** Resolves when the connection of the first request is closed. */
  readonly firstClosed: Promise<unknown>;
}

type Behavior = (socket: Socket) => void;

const respond: Behavior = (socket) => socket.write(OK);

async function startTable(...script: Behavior[]): Promise<Table> {
  const requests: Table['requests'] = [];
  const { promise: firstClosed, resolve } = Promise.withResolvers<unknown>();
  let connections = 0;
  const server = createTlsServer(certificate, (socket) => {
    const connection = ++connections;
    if (connection === 1) socket.once('close', resolve);
    socket.on('error', () => {});
    socket.on('data', (data) => {
      requests.push({ text: data.toString(), connection });
      (script.shift() ?? respond)(socket);
    });
  });
  return { port: await listen(server, onFinished), requests, firstClosed };
}

/** @returns what sends a request to a port, all of a test by the same handler. */
function sender(port: number, { protocol = 'https:', timeoutMs = PATIENT_MS } = {}) {
  const agent = new Agent({ keepAlive: true, ca: certificate.cert });
  onFinished(() => agent.destroy());
  const handler = createRequestHandler(agent, timeoutMs);
  return async () => {
    const headers = { host: `127.0.0.1:${port}`, 'content-length': '2' };
    const { response } = await handler.handle(
      new HttpRequest({
        protocol,
        hostname: '127.0.0.1',
        port,
        method: 'POST',
        path: '/',
        headers,
        body: '{}',
      }),
    );
    return { status: response.statusCode, headers: response.headers, body: String(response.body) };
  };
}

const whole = { status: 200, body: BODY };

test('a response has status, headers and body, and the connection is used again, without a timer that would end it', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const table = await startTable();
  const send = sender(table.port);
  const headers = { 'x-amzn-requestid': '7', 'content-length': String(BODY.length) };
  expect(await send()).toEqual({ ...whole, headers });
  expect(await send()).toEqual({ ...whole, headers });
  await new Promise(setImmediate);
  expect(vi.getTimerCount()).toBe(0);
  expect(table.requests.map(({ connection }) => connection)).toEqual([1, 1]);
  expect(table.requests[0]?.text).toMatch(/^POST \/ HTTP\/1\.1\r\n[\s\S]*\r\n\r\n\{\}$/);
  expect(table.requests[0]?.text.toLowerCase()).not.toMatch(/\r\n(?:expect|proxy-|transfer-encoding)/);
});

test('a table is asked over plain HTTP, as DynamoDB Local is', async () => {
  const port = await listen(
    createTcpServer((socket) => socket.on('data', () => respond(socket))),
    onFinished,
  );
  expect(await sender(port, { protocol: 'http:' })()).toMatchObject(whole);
});

test.each<[string, string[], object]>([
  ['in pieces', [OK.slice(0, 20), OK.slice(20, -3), OK.slice(-3)], whole],
  ['with an error', [OK.replace('200 OK', '400 Bad Request')], { status: 400, body: BODY }],
  [
    'with a redirect, which is not followed',
    [OK.replace('200 OK', '307 X\r\nlocation: /other')],
    { status: 307 },
  ],
])('a response %s is read whole', async (_, pieces, expected) => {
  const table = await startTable(async (socket) => {
    for (const piece of pieces) {
      socket.write(piece);
      await sleep(20);
    }
  });
  expect(await sender(table.port)()).toMatchObject(expected);
  expect(table.requests).toHaveLength(1);
});

/** Sends a byte of the body now and then. */
const drip: Behavior = async (socket) => {
  socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
  while (!socket.destroyed) {
    socket.write(' ');
    await sleep(20);
  }
};

const TIMED_OUT = { name: 'TimeoutError' };
const RESET = { code: 'ECONNRESET' };
const NOT_HTTP = { code: expect.stringMatching(/^HPE_/) };

test.concurrent.for<[string, Behavior, object]>([
  ['there is no response', () => {}, TIMED_OUT],
  ['the body drips past the limit', drip, TIMED_OUT],
  ['the body stops in the middle', (socket) => socket.write(OK.slice(0, -3)), TIMED_OUT],
  ['the body is cut', (socket) => socket.end(OK.slice(0, -3)), RESET],
  ['the connection is closed without a response', (socket) => socket.end(), RESET],
  ['the body is longer than its length', (socket) => socket.write(`${OK}}}}}`), NOT_HTTP],
  ['the response is not HTTP', (socket) => socket.write('HTTP/1.1 abc\r\n\r\n'), NOT_HTTP],
])(
  'an attempt fails where %s, and the next gets its response over a new connection',
  async ([, behavior, error]) => {
    const table = await startTable(behavior);
    const send = sender(table.port, { timeoutMs: error === TIMED_OUT ? TIMEOUT_MS : PATIENT_MS });
    await expect(send()).rejects.toMatchObject(error);
    await table.firstClosed;
    expect(await send()).toMatchObject(whole);
    expect(table.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  },
);

test('a second response to one request is not the response to the next', async () => {
  const table = await startTable((socket) => socket.write(OK + OK.replace('"1"', '"2"')));
  const send = sender(table.port);
  expect(await send()).toMatchObject(whole);
  await table.firstClosed;
  expect(await send()).toMatchObject(whole);
});

test('a server that never ends the handshake of TLS is given up at the limit of the attempt, and not before', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = createTcpServer((socket) => void socket.on('error', () => {}));
  const failed = vi.fn();
  sender(await listen(server, onFinished), { timeoutMs: TIMEOUT_MS })().catch(failed);
  await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 1);
  expect(failed).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(failed).toHaveBeenCalledWith(new AttemptTimeoutError(TIMEOUT_MS));
});

test.each([
  ['that does not speak TLS', 'EPROTO', (socket: Socket) => socket.on('data', () => socket.end(OK))],
  ['that closes the connection at once', 'ECONNRESET', (socket: Socket) => socket.end()],
])('a server %s fails the attempt', async (_, code, behavior) => {
  await expect(sender(await listen(createTcpServer(behavior), onFinished))()).rejects.toMatchObject({ code });
});
