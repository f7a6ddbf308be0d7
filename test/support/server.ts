import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** For `vi.waitFor`, whose own limit, a second, is one that a loaded machine reaches. */
export const WAIT = { timeout: 50_000 };

/** Takes what is to be called at the end. A test that runs at once with others gets one of its own in its context. */
type OnFinished = (end: () => void) => void;

/** Lets a server of any kind listen on 127.0.0.1, by default as long as the test runs. @returns its port. */
export async function listen(server: Server, onFinished: OnFinished = onTestFinished): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  onFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Starts an HTTP server, with {@link listen}. @returns its URL, without a path. */
export async function serve(listener: RequestListener, onFinished?: OnFinished): Promise<string> {
  return `http://127.0.0.1:${await listen(createServer(listener), onFinished)}`;
}

/** Responds to each write as a table does in which every connection is logged in. */
export const respondWritten: RequestListener = async (request, response) => {
  const { Key, ExpressionAttributeValues } = JSON.parse(Buffer.concat(await request.toArray()).toString());
  const date_logout = ExpressionAttributeValues[':date_logout'];
  response.end(JSON.stringify({ Attributes: { ...Key, date_logout, success: { BOOL: true } } }));
};
