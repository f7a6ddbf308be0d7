import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { portError } from '../../../tools/local/ports.ts';
import { startLocalStack } from '../../../tools/local/stack.ts';

/** @returns a port that this test listens on. */
async function takenPort(host?: string): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test('ports that are in use are all named, with the variables that choose others, before anything starts', async () => {
  const [port, dynamodbPort] = [await takenPort('127.0.0.1'), await takenPort('127.0.0.1')];
  await expect(startLocalStack({ port, dynamodbPort })).rejects.toThrow(
    new RegExp(
      `^Port ${port} is in use .* variable PORT, such as PORT=${port + 1}\\.\nPort ${dynamodbPort} is in use .* DYNAMODB_PORT`,
    ),
  );
});

test('a port of DynamoDB that is in use on all interfaces is refused too', async () => {
  const dynamodbPort = await takenPort();
  await expect(startLocalStack({ dynamodbPort })).rejects.toThrow(`Port ${dynamodbPort} is in use`);
});

test('for a port that needs a right, one is suggested that needs none', () => {
  const error = Object.assign(new Error('listen'), { code: 'EACCES' });
  expect(portError(error, 80, 'PORT')).toMatchObject({
    message:
      'Port 80 may not be used by this user: choose another with the variable PORT, such as PORT=8080.',
  });
});
