import { createServer } from 'node:net';
import { UserError } from '../cli.ts';

/**
 * Refuses a port that another program listens on, before anything is started.
 *
 * @param port the port, or 0 for any free one.
 * @param variable the environment variable that chooses it, for the message.
 * @param host the address that will be listened on. Default: all of them, as DynamoDB Local does.
 * @returns the port; where it was 0, one that is free.
 * @throws {UserError} if the port is taken or may not be used.
 */
export async function freePort(port: number, variable: string, host?: string): Promise<number> {
  const probe = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  probe.once('error', (error) => reject(portError(error, port, variable)));
  probe.listen({ port, host }, resolve);
  await promise;
  const address = probe.address();
  await new Promise((closed) => probe.close(closed));
  return address !== null && typeof address === 'object' ? address.port : port;
}

/**
 * Turns what `listen` fails with into a sentence.
 *
 * @param error what `listen` failed with.
 * @param port the port that was asked for.
 * @param variable the environment variable that chooses it.
 * @returns a {@link UserError} for a port that is taken or forbidden, else the error itself.
 */
export function portError(error: unknown, port: number, variable: string): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  // Ports below 1024 need a right that few users have.
  const other = port < 1024 ? port + 8000 : port - (port === 65_535 ? 1 : -1);
  const another = `choose another with the variable ${variable}, such as ${variable}=${other}`;
  if (code === 'EADDRINUSE') {
    return new UserError(`Port ${port} is in use by another program: stop that program, or ${another}.`);
  }
  if (code === 'EACCES') return new UserError(`Port ${port} may not be used by this user: ${another}.`);
  return error;
}
