import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startLocalStack } from '../../../tools/local/stack.ts';

/** @returns a port that this test listens on. */
async function takenPort(host?: string): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test('a port that is in use is named, with the variable that chooses another, before anything starts', async () => {
  const port = await takenPort('127.0.0.1');
  await expect(startLocalStack({ port })).rejects.toThrow(
    new RegExp(`^Port ${port} is in use by another program: choose another, such as PORT=${port + 1}\\.$`),
  );
});

test('a port of DynamoDB that is in use on all interfaces is refused too', async () => {
  const dynamodbPort = await takenPort();
  await expect(startLocalStack({ dynamodbPort })).rejects.toThrow(`Port ${dynamodbPort} is in use`);
});
