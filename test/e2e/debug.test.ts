import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../tools/local/ports.ts';
import { LocalStart } from '../support/local-start.ts';

const PROJECT = join(import.meta.dirname, '../..');

/** What the inspector sends: an answer to a message, or an event. */
interface FromInspector {
  readonly id?: number;
  readonly method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: each message is of its own shape.
  readonly result?: any;
  // biome-ignore lint/suspicious/noExplicitAny: each message is of its own shape.
  readonly params?: any;
}

/** A debugger, as far as it takes to stop at a breakpoint. */
class Inspector {
  readonly #socket: WebSocket;
  readonly #received: FromInspector[] = [];
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', ({ data }) => this.#received.push(JSON.parse(String(data))));
  }

  static async attach(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve);
      socket.addEventListener('error', reject);
    });
    return new Inspector(socket);
  }

  async send(method: string, params: object = {}): Promise<FromInspector['result']> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return (await this.#next((message) => message.id === id)).result;
  }

  async event(method: string): Promise<FromInspector['params']> {
    return (await this.#next((message) => message.method === method)).params;
  }

  async #next(isIt: (message: FromInspector) => boolean): Promise<FromInspector> {
    while (true) {
      const found = this.#received.find(isIt);
      if (found !== undefined) return found;
      await new Promise((resolve) => this.#socket.addEventListener('message', resolve, { once: true }));
    }
  }
}

/** Waits until the output holds a text, and gives all of it. */
async function printed(output: Readable, text: string): Promise<string> {
  let all = '';
  output.setEncoding('utf8').on('data', (more: string) => {
    all += more;
  });
  while (!all.includes(text)) await once(output, 'data');
  return all;
}

test('npm run debug: a breakpoint in a source of the function stops a request, for as long as one looks', async () => {
  const inspectPort = await freePort(0, 'INSPECT_PORT', '127.0.0.1');
  const variables = { PORT: '0', DYNAMODB_PORT: '0', INSPECT_PORT: String(inspectPort) };
  const child = spawn(process.execPath, ['tools/local/debug.ts'], {
    cwd: PROJECT,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = await printed(child.stdout, 'Ctrl-C ends everything');
  const debuggerUrl = /ws:\/\/\S+/.exec(output)?.[0] ?? '';
  expect(output).not.toContain('address already in use');
  expect(debuggerUrl).toContain(`ws://127.0.0.1:${inspectPort}/`);
  const [, url = '', body = ''] = /-X PUT (\S+) .* -d '(.*)'/.exec(output) ?? [];

  const inspector = await Inspector.attach(debuggerUrl);
  await inspector.send('Debugger.enable');
  const lines = readFileSync(join(PROJECT, 'lambda/domain/logout.ts'), 'utf8').split('\n');
  const lineNumber = lines.findIndex((line) => line.includes('if (write.written) return'));
  const { locations } = await inspector.send('Debugger.setBreakpointByUrl', {
    urlRegex: '.*/lambda/domain/logout\\.ts$',
    lineNumber,
  });
  expect(locations).toMatchObject([{ lineNumber }]);

  const answered = fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  const { callFrames } = await inspector.event('Debugger.paused');
  expect(callFrames[0]).toMatchObject({ functionName: 'decide', location: { lineNumber } });
  const { callFrameId } = callFrames[0];
  const { result } = await inspector.send('Debugger.evaluateOnCallFrame', {
    callFrameId,
    expression: 'logout.id',
  });
  expect(result.value).toBe(JSON.parse(body).id);
  // There is no second process, which could not have the debugger's port: the second request waits for its turn.
  const next = fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
  expect(await Promise.race([next, sleep(1_000, 'waits')])).toBe('waits');
  await inspector.send('Debugger.resume');
  expect((await answered).status).toBe(200);
  expect((await next).status).toBe(400);

  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('a debugger for the local run itself is in its process only: no other asks for its port', async () => {
  const inspectPort = await freePort(0, 'INSPECT_PORT', '127.0.0.1');
  const run = new LocalStart({ NODE_OPTIONS: `--inspect=127.0.0.1:${inspectPort}` });
  onTestFinished(() => run.clear());
  await run.printed(/Ctrl-C ends everything/);
  expect(run.errors).toContain(`Debugger listening on ws://127.0.0.1:${inspectPort}/`);
  expect(run.output + run.errors).not.toContain('address already in use');
});
