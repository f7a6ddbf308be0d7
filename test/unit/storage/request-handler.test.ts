import { Agent } from 'node:https';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { HttpRequest } from '@smithy/core/protocols';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
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

beforeAll(async () => {
  certificate = await makeCertificate();
  return certificate.remove;
});

/** A table that does to each request what is next in its script, and answers those after the last. */
interface Table {
  readonly port: number;
  /** The requests as they were sent, and which connection each came by, from 1. */
  readonly requests: { readonly text: string; readonly connection: number }[];
  /** Resolves when the connection of the first request is closed. */
  readonly firstClosed: Promise<unknown>;
}

type Behavior = (socket: Socket) => void;

const answer: Behavior = (socket) => socket.write(OK);

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
      (script.shift() ?? answer)(socket);
    });
  });
  return { port: await listen(server), requests, firstClosed };
}

/** @returns what sends a request to a port, all of a test by the same handler. */
function sender(port: number, { protocol = 'https:', timeoutMs = PATIENT_MS } = {}) {
  const handler = createRequestHandler(new Agent({ keepAlive: true, ca: certificate.cert }), timeoutMs);
  onTestFinished(() => handler.destroy?.());
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

describe('an attempt is answered', () => {
  test('with status, headers and body, and the connection is used again', async () => {
    const table = await startTable();
    const send = sender(table.port);
    expect(await send()).toEqual({
      ...whole,
      headers: { 'x-amzn-requestid': '7', 'content-length': String(BODY.length) },
    });
    expect(await send()).toMatchObject(whole);
    expect(table.requests.map(({ connection }) => connection)).toEqual([1, 1]);
    expect(table.requests[0]?.text).toMatch(/^POST \/ HTTP\/1\.1\r\n/);
    expect(table.requests[0]?.text).toMatch(/\r\n\r\n\{\}$/);
    expect(table.requests[0]?.text.toLowerCase()).not.toMatch(/\r\n(?:expect|proxy-|transfer-encoding)/);
  });

  test('over plain HTTP, as DynamoDB Local is asked', async () => {
    const port = await listen(createTcpServer((socket) => socket.on('data', () => answer(socket))));
    expect(await sender(port, { protocol: 'http:' })()).toMatchObject(whole);
  });

  test.each<[string, string[], object]>([
    ['in pieces', [OK.slice(0, 20), OK.slice(20, -3), OK.slice(-3)], whole],
    [
      'in chunks',
      ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n', `a\r\n${BODY}\r\n0\r\n\r\n`],
      whole,
    ],
    ['after an interim answer', ['HTTP/1.1 100 Continue\r\n\r\n', OK], whole],
    [
      'with a wrong checksum, which TLS makes needless',
      [OK.replace('x-amzn-requestid: 7', 'x-amz-crc32: 1')],
      whole,
    ],
    ['with an error', [OK.replace('200 OK', '400 Bad Request')], { status: 400, body: BODY }],
    [
      'with a redirect, which is not followed',
      ['HTTP/1.1 307 X\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n'],
      { status: 307 },
    ],
  ])('%s', async (_, pieces, expected) => {
    const table = await startTable(async (socket) => {
      for (const piece of pieces) {
        socket.write(piece);
        await sleep(20);
      }
    });
    expect(await sender(table.port)()).toMatchObject(expected);
    expect(table.requests).toHaveLength(1);
  });

  test('by a new connection where the server has closed the idle one', async () => {
    const table = await startTable((socket) => socket.end(OK));
    const send = sender(table.port);
    expect(await send()).toMatchObject(whole);
    await table.firstClosed;
    expect(await send()).toMatchObject(whole);
    expect(table.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });
});

describe('an attempt fails, and the next is answered by a new connection', () => {
  const cut = OK.slice(0, -3);
  const drip: Behavior = async (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n`);
    while (!socket.destroyed) {
      socket.write(' ');
      await sleep(20);
    }
  };

  test.each<[string, Behavior, object]>([
    ['when nothing is answered', () => {}, { name: 'TimeoutError' }],
    [
      'when the answer is late',
      (socket) => void setTimeout(() => socket.write(OK), TIMEOUT_MS * 1.2),
      { name: 'TimeoutError' },
    ],
    ['when the body drips past the limit', drip, { name: 'TimeoutError' }],
    ['when the body stops in the middle', (socket) => socket.write(cut), { name: 'TimeoutError' }],
    ['when the connection is reset', (socket) => socket.destroy(), { code: 'ECONNRESET' }],
    ['when the connection is closed without an answer', (socket) => socket.end(), { code: 'ECONNRESET' }],
    ['when the body is longer than its length', (socket) => socket.write(`${OK}}}}}`), { code: /^HPE_/ }],
    ['when the body is cut', (socket) => socket.end(cut), { code: 'ECONNRESET' }],
    [
      'when the last chunk is missing',
      (socket) => socket.end(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n${BODY}\r\n`),
      { code: 'ECONNRESET' },
    ],
    [
      'when the status line cannot be read',
      (socket) => socket.write('HTTP/1.1 abc\r\n\r\n'),
      { code: /^HPE_/ },
    ],
    [
      'when the length is not a number',
      (socket) => socket.write(OK.replace(/length: \d+/, 'length: x')),
      { code: /^HPE_/ },
    ],
  ])('%s', async (_, behavior, expected) => {
    const table = await startTable(behavior);
    const send = sender(table.port, { timeoutMs: 'name' in expected ? TIMEOUT_MS : PATIENT_MS });
    const error = await send().catch((thrown: unknown) => thrown);
    for (const [name, value] of Object.entries(expected)) {
      expect(String((error as Record<string, unknown>)[name])).toMatch(value);
    }
    await table.firstClosed;
    expect(await send()).toMatchObject(whole);
    expect(table.requests.map(({ connection }) => connection)).toEqual([1, 2]);
  });
});

describe('what comes after an answer is not the answer of the next attempt', () => {
  const other = OK.replace('"1"', '"2"');

  test.each<[string, Behavior]>([
    ['a second answer at once', (socket) => socket.write(OK + other)],
    [
      'a second answer a little later',
      (socket) => socket.write(OK, () => setTimeout(() => socket.write(other), 20)),
    ],
    [
      'more bytes than the length says, a little later',
      (socket) => socket.write(OK, () => setTimeout(() => socket.write('}}}}'), 20)),
    ],
  ])('%s', async (_, behavior) => {
    const table = await startTable(behavior);
    const send = sender(table.port);
    expect(await send()).toMatchObject(whole);
    await table.firstClosed;
    expect(await send()).toMatchObject(whole);
  });
});

test('a server that never ends the handshake of TLS is given up at the limit of the attempt', async () => {
  const port = await listen(createTcpServer((socket) => void socket.on('error', () => {})));
  await expect(sender(port, { timeoutMs: TIMEOUT_MS })()).rejects.toThrow(AttemptTimeoutError);
});

test('a server that does not speak TLS fails the attempt', async () => {
  const port = await listen(createTcpServer((socket) => socket.on('data', () => socket.end(OK))));
  await expect(sender(port)()).rejects.toMatchObject({ code: 'EPROTO' });
});

test('a port on which no one listens fails the attempt', async () => {
  await expect(sender(9)()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
