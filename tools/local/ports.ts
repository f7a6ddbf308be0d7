import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { UserError } from '../cli.ts';

/**
 * Refuses a port that cannot be listened on, before anything is started.
 *
 * @param port the port, or 0 for any free one.
 * @param variable the environment variable that chooses it, for the message.
 * @param host the address that will be listened on. Default: all of them, as DynamoDB Local does.
 * @returns the port; where it was 0, one that is free.
 * @throws {UserError} if the port is in use or needs a right.
 */
export async function findFreePort(port: number, variable: string, host?: string): Promise<number> {
  const server = createServer().listen({ port, host });
  await once(server, 'listening').catch(({ code }) => {
    const reason = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${code})`;
    const other = port < 1024 ? port + 8000 : port - (port === 65_535 ? 1 : -1);
    throw new UserError(`Port ${port} ${reason}: choose another, such as ${variable}=${other}.`);
  });
  const free = (server.address() as AddressInfo).port;
  server.close();
  await once(server, 'close');
  return free;
}
