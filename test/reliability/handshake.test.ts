import { createServer as createTlsServer } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Certificate, makeCertificate } from '../../tools/bench/certificate.ts';
import { putEvent } from '../support/events.ts';
import { startFunction } from '../support/function.ts';
import { listen, respondWritten } from '../support/server.ts';

const ID = '9da91479-03ed-42f5-9827-e03302f1a8e7';

let certificate: Certificate;

beforeAll(async () => {
  certificate = await makeCertificate();
  return certificate.remove;
});

test.for<[string, (socket: Socket) => void, string]>([
  ['plain text', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'EPROTO'],
  ['an end', (socket) => socket.end(), 'ECONNRESET'],
  ['a reset', (socket) => socket.resetAndDestroy(), 'ECONNRESET'],
])('a broken handshake is tried again on a new connection: %s', async ([, breakOff, code]) => {
  const table = createTlsServer(certificate, respondWritten);
  const tablePort = await listen(table);
  let broken = 0;
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => {});
      if (broken-- > 0) {
        breakOff(socket);
        return;
      }
      const upstream = connect(tablePort, '127.0.0.1').on('error', () => socket.destroy());
      socket.pipe(upstream).pipe(socket);
    }),
  );
  // The first is the one that is opened at the start.
  broken = 2;
  const lambda = await startFunction(`https://127.0.0.1:${port}`, { NODE_EXTRA_CA_CERTS: certificate.file });
  onTestFinished(() => lambda.close());
  const logOut = async () => {
    const { statusCode } = await lambda.invoke(putEvent({ body: { id: ID } }));
    return { statusCode, ...JSON.parse(lambda.output.at(-1) ?? '') };
  };
  expect(await logOut()).toMatchObject({ statusCode: 200, store_attempts: 2 });

  // Kept connections are closed, and each new one is broken.
  table.closeAllConnections();
  broken = Number.POSITIVE_INFINITY;
  expect(await logOut()).toMatchObject({ statusCode: 503, store_attempts: 3, cause: { code } });
});
