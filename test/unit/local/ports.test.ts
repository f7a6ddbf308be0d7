import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { findFreePort } from '../../../tools/local/ports.ts';

/** @returns a port that this test listens on. */
async function takePort(host?: string): Promise<number> {
  const server = createServer().listen(0, host);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['all interfaces', undefined],
])(
  'a port that is in use on %s is named, with a value of its variable that chooses another',
  async (_, host) => {
    const port = await takePort(host);
    await expect(findFreePort(port, 'PORT', host)).rejects.toThrow(
      `Port ${port} is in use by another program: choose another, such as PORT=${port + 1}.`,
    );
  },
);

test('for 0 a free port is found', async () => {
  expect(await findFreePort(0, 'PORT')).toBeGreaterThan(0);
});
