import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { RawClient } from '../support/raw-client.ts';
import { startToy, type Toy } from '../support/toy-function.ts';
import { WAIT } from '../support/wait.ts';

const MAX_BODY = 10 * 1024 * 1024;

/** A function that answers with the body that it was given, or its length, and how the request came. */
let toy: Toy;
let client: RawClient;
beforeAll(async () => {
  toy = await startToy(`export const handler = async ({ body = '', isBase64Encoded, requestContext }) => {
    const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
    return {
      statusCode: 200,
      headers: { protocol: requestContext.http.protocol },
      body: text.length > 100 ? String(text.length) : text,
    };
  };`);
});
afterAll(() => toy.close());

beforeEach(async () => {
  toy.responses.length = 0;
  client = await RawClient.connect(toy.port);
});

// Whatever a client did, the next one is served, and there was one line for each request.
afterEach(async () => {
  client.reset();
  const before = toy.responses.length;
  expect(await toy.put('next')).toMatchObject({ status: 200, body: 'next' });
  expect(toy.responses).toHaveLength(before + 1);
});

const head = (...headers: string[]) => ['PUT /toy HTTP/1.1', 'Host: pos', ...headers, '', ''].join('\r\n');
const full = (body: string, ...headers: string[]) =>
  head(...headers, `Content-Length: ${body.length}`) + body;
const statuses = () => toy.responses.map(({ status }) => status);

describe('bodies', () => {
  test('a chunked body is put together, trailer or not', async () => {
    client.send(`${head('Transfer-Encoding: chunked')}2\r\nab\r\n3;ext=1\r\ncde\r\n0\r\nTrailer: 1\r\n\r\n`);
    expect(await client.answer()).toMatchObject({ status: 200, body: 'abcde' });
  });

  test('a body may come byte by byte', async () => {
    for (const byte of full('slow')) {
      client.send(byte);
      await new Promise(setImmediate);
    }
    expect(await client.answer()).toMatchObject({ status: 200, body: 'slow' });
  });

  test('a client may close its side once it has sent its request', async () => {
    client.send(full('half-closed'));
    client.end();
    expect(await client.answer()).toMatchObject({ status: 200, body: 'half-closed' });
  });

  test.each([
    ['before its length', head('Content-Length: 10')],
    ['before its last chunk', `${head('Transfer-Encoding: chunked')}3\r\nabc\r\n`],
  ])('one that is broken off %s is not handed to the function', async (_, text) => {
    client.send(text);
    await new Promise(setImmediate);
    client.reset();
    await vi.waitFor(
      () => expect(toy.responses).toMatchObject([{ status: 400, code: 'body_broken_off' }]),
      WAIT,
    );
  });

  test('a body that ends too early gets an answer while the client still listens', async () => {
    client.send(`${head('Content-Length: 10')}abc`);
    client.end();
    expect(await client.answer()).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
    await client.closed();
    expect(toy.responses).toMatchObject([{ status: 400, code: 'body_broken_off' }]);
  });

  test.each([
    ['a length and chunks', ['Content-Length: 3', 'Transfer-Encoding: chunked']],
    ['two lengths', ['Content-Length: 3', 'Content-Length: 4']],
    ['a length that is not a number', ['Content-Length: 3, 3']],
    ['a name followed by a space', ['Content-Length : 3']],
  ])(
    'a request that is framed in two ways, by %s, gets 400, and what follows is not read as a request',
    async (_, headers) => {
      client.send(`${head(...headers)}3\r\nabc\r\n0\r\n\r\n${full('smuggled')}`);
      expect(await client.answer()).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
      await client.closed();
      expect(statuses()).toEqual([400]);
    },
  );

  test('many requests that stop in the middle delay no other request', async () => {
    const idle = await Promise.all(Array.from({ length: 50 }, () => RawClient.connect(toy.port)));
    for (const [index, one] of idle.entries()) {
      one.send(index % 2 === 0 ? `${head('Content-Length: 9')}abc` : 'PUT /toy HT');
    }
    expect(await toy.put('next')).toMatchObject({ status: 200, body: 'next' });
    for (const one of idle) one.reset();
    const broken = () => toy.responses.filter(({ code }) => code === 'body_broken_off');
    await vi.waitFor(() => expect(broken()).toHaveLength(25), WAIT);
  });

  test('a chunk without a size is a bad request', async () => {
    client.send(`${head('Transfer-Encoding: chunked')}2\r\nab\r\nzz\r\n`);
    expect(await client.answer()).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
    await client.closed();
    expect(statuses()).toEqual([400]);
  });
});

describe('Expect: 100-continue', () => {
  test('the body may be held back until the server says so', async () => {
    client.send(head('Expect: 100-continue', 'Content-Length: 4'));
    expect(await client.receive('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('held');
    expect(await client.answer()).toMatchObject({ status: 200, body: 'held' });
  });

  test('or be sent at once', async () => {
    client.send(full('sent', 'Expect: 100-continue'));
    await client.receive('HTTP/1.1 100 Continue\r\n\r\n');
    expect(await client.answer()).toMatchObject({ status: 200, body: 'sent' });
  });

  test('one that will be refused is not asked for', async () => {
    client.send(head('Expect: 100-continue', `Content-Length: ${MAX_BODY + 1}`));
    expect(await client.answer()).toMatchObject({ status: 413, headers: { connection: 'close' } });
  });

  test('another expectation can not be met', async () => {
    client.send(head('Expect: tea', 'Content-Length: 4'));
    expect(await client.answer()).toMatchObject({ status: 417 });
    expect(statuses()).toEqual([417]);
  });
});

describe('connections', () => {
  test('Upgrade: h2c simply gets HTTP/1.1, with its body', async () => {
    const upgrade = [
      'Connection: Upgrade, HTTP2-Settings',
      'Upgrade: h2c',
      'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk',
    ];
    client.send(full('java', ...upgrade));
    expect(await client.answer()).toMatchObject({
      status: 200,
      body: 'java',
      headers: { protocol: 'HTTP/1.1' },
    });
    client.send(full('again'));
    expect(await client.answer()).toMatchObject({ status: 200, body: 'again' });
  });

  test('one is kept for the next request', async () => {
    for (const body of ['one', '', 'three']) {
      client.send(full(body));
      expect(await client.answer()).toMatchObject({ status: 200, body });
    }
  });

  test('requests may be sent ahead of the answers, which come in their order', async () => {
    client.send(full('one') + full('two').replace('PUT', 'GET') + full('three'));
    expect(await client.answer()).toMatchObject({ status: 200, body: 'one' });
    expect(await client.answer()).toMatchObject({ status: 404 });
    expect(await client.answer()).toMatchObject({ status: 200, body: 'three' });
  });

  test('a request that can not be read is answered after those before it', async () => {
    client.send(`${full('one')}nonsense\r\n\r\n`);
    expect(await client.answer()).toMatchObject({ status: 200, body: 'one' });
    expect(await client.answer()).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
    await client.closed();
    expect(statuses()).toEqual([200, 400]);
  });

  test('HTTP/1.0 is answered, and the connection closed', async () => {
    client.send('PUT /toy HTTP/1.0\r\nContent-Length: 3\r\n\r\nold');
    expect(await client.answer()).toMatchObject({
      status: 200,
      body: 'old',
      headers: { protocol: 'HTTP/1.0' },
    });
    await client.closed();
  });

  test('HTTP/1.1 without a Host is a bad request', async () => {
    client.send('PUT /toy HTTP/1.1\r\n\r\n');
    expect(await client.answer()).toMatchObject({ status: 400, body: '{"message":"Bad Request"}' });
  });

  test.each([
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
    'PUT /toy HTTP/1.1\r\nno colon\r\n\r\n',
  ])('a request that is not HTTP/1.1, %j, gets 400', async (text) => {
    client.send(text);
    expect(await client.answer()).toMatchObject({ status: 400, headers: { 'apigw-requestid': /./ } });
    await client.closed();
    expect(statuses()).toEqual([400]);
  });

  test('CONNECT gets 404, and its client may break off', async () => {
    client.send('CONNECT pos:443 HTTP/1.1\r\nHost: pos\r\n\r\n');
    expect(await client.answer()).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
    client.send('more');
    client.reset();
    expect(statuses()).toEqual([404]);
  });

  test('a connection that is opened and closed is not a request', async () => {
    client.end();
    await client.closed();
    expect(toy.responses).toEqual([]);
  });
});

describe('limits', () => {
  /** A request whose request line and headers are of that many bytes. */
  const headOf = (bytes: number) =>
    full('', `X: ${'x'.repeat(bytes - (head('X: ', 'Content-Length: 0').length - 2))}`);

  test('10,240 bytes of request line and headers pass, one more is 431', async () => {
    client.send(headOf(10_240));
    expect(await client.answer()).toMatchObject({ status: 200 });
    client.send(headOf(10_241));
    expect(await client.answer()).toMatchObject({
      status: 431,
      headers: { 'content-type': 'application/json' },
    });
  });

  test.each([
    ['a long path', `PUT /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: pos\r\n\r\n`],
    ['many headers', head(...Array.from({ length: 3_000 }, (_, index) => `h${index}: 1`))],
    ['one long header', head(`X: ${'x'.repeat(100_000)}`)],
  ])('%s: 431', async (_, text) => {
    client.send(text);
    expect(await client.answer()).toMatchObject({ status: 431 });
    expect(statuses()).toEqual([431]);
  });

  test('10 MB of body pass', async () => {
    client.send(full('x'.repeat(MAX_BODY), 'Content-Type: text/plain'));
    expect(await client.answer()).toMatchObject({ status: 200, body: String(MAX_BODY) });
  });

  test.each([
    ['kept', 'Connection: keep-alive'],
    ['closed', 'Connection: close'],
  ])('one byte more is 413, on a connection that is %s', async (_, connection) => {
    client.send(full('x'.repeat(MAX_BODY + 1), connection));
    expect(await client.answer()).toMatchObject({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
    if (connection === 'Connection: close') {
      await client.closed();
    } else {
      client.send(full('next'));
      expect(await client.answer()).toMatchObject({ status: 200, body: 'next' });
    }
  });

  test('a chunked body has the same limit', async () => {
    const chunk = `100000\r\n${'x'.repeat(0x100000)}\r\n`;
    client.send(head('Transfer-Encoding: chunked') + chunk.repeat(11));
    expect(await client.answer()).toMatchObject({ status: 413 });
    client.send(`0\r\n\r\n${full('next')}`);
    expect(await client.answer()).toMatchObject({ status: 200, body: 'next' });
  });
});
