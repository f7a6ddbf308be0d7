import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** An HTTP response, as it came over the wire. */
export interface RawResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly body: string;
}

/** An HTTP client that sends exactly the given bytes, also where an HTTP library would correct them. */
export class RawClient {
  readonly #socket: Socket;
  readonly #closed: Promise<unknown>;
  #received = '';
  #ended = false;
  #wake = (): void => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#closed = once(socket, 'close');
    socket.setEncoding('latin1').on('data', (text) => {
      this.#received += text;
      this.#wake();
    });
    for (const event of ['end', 'close', 'error'] as const) {
      socket.on(event, () => {
        this.#ended = true;
        this.#wake();
      });
    }
  }

  /** Connects to a port of 127.0.0.1. */
  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends text, as Latin-1. */
  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  /** Says that nothing more will be sent; responses can still be read. */
  end(): void {
    this.#socket.end();
  }

  /** Breaks the connection off, as a terminal that loses its network. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Waits until the server has closed the connection. */
  async closed(): Promise<void> {
    while (!this.#ended) {
      await this.#more();
    }
    this.#socket.end();
    await this.#closed;
  }

  /** Waits for text to arrive and takes it and all before it. */
  async receive(text: string): Promise<string> {
    await this.#until(() => this.#received.includes(text));
    return this.#take(this.#received.indexOf(text) + text.length);
  }

  /** Waits for the next response. It must have a `content-length`. */
  async readResponse(): Promise<RawResponse> {
    const head = await this.receive('\r\n\r\n');
    const [statusLine = '', ...lines] = head.trimEnd().split('\r\n');
    const headers = Object.fromEntries(
      lines.map((line) => [
        line.slice(0, line.indexOf(':')).toLowerCase(),
        line.slice(line.indexOf(':') + 1).trim(),
      ]),
    );
    const length = Number(headers['content-length']);
    await this.#until(() => this.#received.length >= length);
    return {
      status: Number(statusLine.split(' ')[1]),
      headers,
      body: Buffer.from(this.#take(length), 'latin1').toString(),
    };
  }

  async #until(arrived: () => boolean): Promise<void> {
    while (!arrived()) {
      if (this.#ended) {
        throw new Error(`The server closed the connection after ${JSON.stringify(this.#received)}`);
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(length: number): string {
    const taken = this.#received.slice(0, length);
    this.#received = this.#received.slice(length);
    return taken;
  }
}
