import { createServer, type Socket } from 'node:net';
import { listen } from './server.ts';

/** What a server, a proxy or a captive portal sends back to one request: bytes, or something else with the connection. */
export type RawAnswer = string | ((socket: Socket) => void);

/** A server that answers each request in its own way, whatever HTTP says. */
export interface OddServer {
  readonly url: string;
  /** The bodies of the requests, in order. */
  readonly bodies: readonly string[];
}

/** An answer of HTTP with a body and its length. */
export function http(status: string, body = '', headers: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`];
  return [...lines, 'Connection: close', '', body].join('\r\n');
}

/** An answer in JSON. */
export function json(status: string, body: unknown, headers: readonly string[] = []): string {
  return http(status, JSON.stringify(body), ['Content-Type: application/json; charset=utf-8', ...headers]);
}

/**
 * Answers the first request with the first answer, and so on; requests after the last get the last again. Ends with
 * the test.
 */
export async function startOddServer(answers: readonly RawAnswer[]): Promise<OddServer> {
  const bodies: string[] = [];
  const server = createServer(async (socket) => {
    socket.on('error', () => {});
    bodies.push(await readBody(socket));
    const answer = answers[Math.min(bodies.length, answers.length) - 1];
    if (typeof answer === 'string') socket.end(answer);
    else answer?.(socket);
  });
  return { url: `http://127.0.0.1:${await listen(server)}/api/tt_cmd_connection/logout`, bodies };
}

/** Reads one request. @returns its body. */
async function readBody(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket.setEncoding('latin1').iterator({ destroyOnReturn: false })) {
    text += chunk;
    const [head = '', body] = text.split(/\r\n\r\n(.*)/s);
    if (body === undefined) continue;
    if (body === '' && /^expect: 100-continue/im.test(head)) socket.write('HTTP/1.1 100 Continue\r\n\r\n');
    if (body.length >= Number(/^content-length: (\d+)/im.exec(head)?.[1])) return body;
  }
  return text;
}
