import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { pass } from '../../tools/local/faulty-dynamodb.ts';
import { startFaultyStack } from '../../tools/local/faulty-stack.ts';
import type { LocalTemplate } from '../../tools/local/template.ts';
import { TABLE_SHAPE } from '../support/table.ts';

test('after the end of a stack with faults nothing listens where its HTTP, its proxy and its table did', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'faulty-stack-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'index.mjs'), 'export const handler = () => {};');
  const template: LocalTemplate = {
    route: { method: 'PUT', path: '/', integrationTimeoutMs: 30_000 },
    function: { handler: 'index.handler', folder, timeoutMs: 3_000, memoryMb: 128, variables: {} },
    table: TABLE_SHAPE,
  };
  const engines = inject('engines').map(({ name }) => name);
  const { stack, proxy, close } = await startFaultyStack(
    { engines, template: async () => template },
    () => pass,
  );
  const endpoints = [stack.url, proxy.endpoint, stack.table.endpoint];
  await close();
  for (const endpoint of endpoints) {
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
    await expect(once(socket, 'connect'), endpoint).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  }
});
