import { EventEmitter } from 'node:events';
import { Agent } from 'node:https';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { PreconnectAgent } from '../../../lambda/storage/preconnect-agent.ts';

/** A socket: only its state is real. */
class FakeSocket extends EventEmitter {
  readyState = 'open';
  remotePort = 443;
  isDestroyed = false;
  destroy = () => {
    this.isDestroyed = true;
  };
}

let sockets: FakeSocket[];

beforeEach(() => {
  sockets = [];
  vi.spyOn(Agent.prototype, 'createConnection').mockImplementation(() => {
    const socket = new FakeSocket();
    sockets.push(socket);
    setImmediate(() => socket.emit('secureConnect'));
    return socket as never;
  });
});

const TABLE = { host: 'table.example', port: 443 };

/** An agent that has opened a connection to the table. */
async function preconnected(): Promise<{ agent: PreconnectAgent; early: FakeSocket }> {
  const agent = new PreconnectAgent();
  await agent.preconnect(TABLE.host, TABLE.port);
  return { agent, early: sockets[0] as FakeSocket };
}

test('the first request takes the connection that was opened, and the second opens its own', async () => {
  const { agent, early } = await preconnected();
  expect(agent.createConnection(TABLE)).toBe(early);
  expect(agent.createConnection(TABLE)).toBe(sockets[1]);
});

test('the connection names its host to the server, and its end is not an error of the process', async () => {
  const { agent, early } = await preconnected();
  const options = vi.mocked(Agent.prototype.createConnection).mock.lastCall?.[0];
  expect(options).toMatchObject({ ...TABLE, servername: TABLE.host, noDelay: true });
  early.emit('error', new Error('reset'));
  early.readyState = 'closed';
  expect(agent.createConnection(TABLE)).toBe(sockets[1]);
});

test.each([
  ['host', { ...TABLE, host: 'other.example' }],
  ['port', { ...TABLE, port: 8443 }],
])('a request to another %s does not take the connection, which is closed', async (_, other) => {
  const { agent, early } = await preconnected();
  expect(agent.createConnection(other)).toBe(sockets[1]);
  expect(early.isDestroyed).toBe(true);
});

test('a connection that is closed is not taken', async () => {
  const { agent, early } = await preconnected();
  early.readyState = 'closed';
  expect(agent.createConnection(TABLE)).toBe(sockets[1]);
});

test('a connection is taken until it was idle for two seconds', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const young = await preconnected();
  vi.setSystemTime(Date.now() + 1_999);
  expect(young.agent.createConnection(TABLE)).toBe(young.early);

  sockets = [];
  const old = await preconnected();
  vi.setSystemTime(Date.now() + 2_000);
  expect(old.agent.createConnection(TABLE)).toBe(sockets[1]);
  expect(old.early.isDestroyed).toBe(true);
});
