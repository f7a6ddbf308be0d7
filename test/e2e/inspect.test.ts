import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
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

test('npm start -- --inspect: a breakpoint in a source of the function stops a request', async () => {
  const run = new LocalStart({ INSPECT_PORT: '0' }, ['--inspect']);
  onTestFinished(() => run.clear());
  await run.printed(/Ctrl-C ends everything/);
  const [debuggerUrl] = await run.printed(/ws:\/\/127\.0\.0\.1:\d+\/\S+/, 'errors');
  const [, url = '', body = ''] = await run.printed(/-X PUT (\S+) .* -d '(.*)'/);

  const inspector = await Inspector.attach(debuggerUrl);
  await inspector.send('Debugger.enable');
  // At each `return` of the rules, one of which a logout comes to.
  const lines = readFileSync(join(PROJECT, 'lambda/domain/logout.ts'), 'utf8').split('\n');
  const returns = [...lines.keys()].filter((index) => /^ .*\breturn\b/.test(lines[index] as string));
  for (const lineNumber of returns) {
    const urlRegex = '.*/lambda/domain/logout\\.ts$';
    await inspector.send('Debugger.setBreakpointByUrl', { urlRegex, lineNumber });
  }

  const answered = fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body });
  const { hitBreakpoints } = await inspector.event('Debugger.paused');
  expect(hitBreakpoints).toHaveLength(1);
  // There is no second process, which could not have the debugger's port: the second request waits for its turn.
  const next = fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' });
  expect(await Promise.race([next, sleep(1_000, 'waits')])).toBe('waits');
  await inspector.send('Debugger.setBreakpointsActive', { active: false });
  await inspector.send('Debugger.resume');
  expect((await answered).status).toBe(200);
  expect((await next).status).toBe(400);

  run.kill('SIGINT');
  expect(await run.exitCode()).toBe(0);
});
