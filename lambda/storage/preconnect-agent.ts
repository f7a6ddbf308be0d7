import { once } from 'node:events';
import { Agent } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';

type ConnectionOptions = Parameters<Agent['createConnection']>[0];
type Callback = Parameters<Agent['createConnection']>[1];

/**
 * How long a connection may be idle before its first request: the one that an environment is started for comes at once.
 * An environment that was started in advance may sleep for minutes, and there are servers that send a 408 of
 * their own over a silent connection, which would pass for the response to the request.
 */
const MAX_IDLE_MS = 2_000;

/** An agent that keeps connections for the next request, and can open one before there is a first. */
export class PreconnectAgent extends Agent {
  #connection: { readonly socket: TLSSocket; readonly host: string; readonly openedAtMs: number } | undefined;

  constructor() {
    super({ keepAlive: true });
  }

  /**
   * Opens a connection, over which nothing is sent, for the first request to take. Never rejects: where it fails,
   * that request opens its own.
   */
  async preconnect(host: string, port: number): Promise<void> {
    const servername = isIP(host) === 0 ? host : '';
    const socket = super.createConnection({ ...this.options, host, port, servername }) as TLSSocket;
    socket.on('error', () => {});
    // By the clock on the wall, which goes on while an environment sleeps.
    this.#connection = { socket, host, openedAtMs: Date.now() };
    await once(socket, 'secureConnect').catch(() => {});
  }

  /** Makes the connection of a request that finds none free: the one that was opened early, if it is still good. */
  override createConnection(options: ConnectionOptions, callback?: Callback): Duplex | null | undefined {
    const connection = this.#connection;
    this.#connection = undefined;
    const isUsable =
      connection?.socket.readyState === 'open' &&
      connection.host === options.host &&
      connection.socket.remotePort === options.port &&
      Date.now() - connection.openedAtMs < MAX_IDLE_MS;
    if (isUsable) return connection.socket;
    connection?.socket.destroy();
    return super.createConnection(options, callback);
  }
}
