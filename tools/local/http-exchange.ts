import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LogFields } from '../../lambda/observability.ts';
import { gatewayAnswer, type HttpAnswer } from './http-answer.ts';

/** How a request was answered, and what is known about it. */
export interface ServedRequest {
  /** The id in the answer's `apigw-requestid`. */
  readonly requestId: string;
  readonly status: number;
  /** The function's outcome, or what the gateway calls its own answer. */
  readonly code: string;
  /** Milliseconds from the request's head to the answer. */
  readonly ms: number;
  /** The function's own line about it. */
  readonly logLine?: Partial<LogFields> | undefined;
  /** Why the gateway answered by itself. */
  readonly reason?: string | undefined;
  /** Where the function failed. */
  readonly stack?: string | undefined;
}

/** What is known about an answer beside the answer itself. */
type Remarks = Pick<ServedRequest, 'code' | 'logLine' | 'reason' | 'stack'>;

/** A client that goes on sending after its answer is cut off after this. */
const LINGER_MS = 1_000;

/** Makes an id such as the gateway gives each request. */
export function newRequestId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

/** One request and its answer, which is given once: by the first who answers. */
export class HttpExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId = newRequestId();
  /** Milliseconds since 1970. */
  readonly startedAt = Date.now();
  /** Resolves when the answer was handed over, or the connection is gone. */
  readonly answered: Promise<void>;
  readonly #start = performance.now();
  readonly #onResponse: (request: ServedRequest) => void;
  #isAnswered = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    onResponse: (request: ServedRequest) => void,
  ) {
    this.request = request;
    this.response = response;
    this.#onResponse = onResponse;
    this.answered = new Promise((resolve) => response.once('close', resolve));
    // A client that goes away is seen where its body is read. An error without a listener would end the server.
    request.on('error', () => {});
    response.on('error', () => {});
  }

  /** Answers; a second answer to the same request is dropped. */
  answer({ status, headers, body }: HttpAnswer, remarks: Remarks): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { response, requestId } = this;
    const length = status === 204 || status === 304 ? {} : { 'content-length': body.length };
    response.writeHead(status, { ...headers, 'apigw-requestid': requestId, ...length });
    this.#end(body);
    this.#onResponse({ requestId, status, ms: Math.round(performance.now() - this.#start), ...remarks });
  }

  /** Answers as the gateway does by itself. */
  refuse(status: number, message: string, code: string, reason?: string): void {
    if (this.request.headers.expect !== undefined) {
      // The client may send the body or not: what comes next on this connection is unknown.
      this.response.shouldKeepAlive = false;
    }
    this.answer(gatewayAnswer(status, message), { code, reason });
  }

  /** Ends a request whose body cannot be read to its end. Mostly the client is gone. */
  breakOff(reason: string): void {
    this.response.shouldKeepAlive = false;
    this.answer(gatewayAnswer(400, 'Bad Request'), { code: 'body_broken_off', reason });
    this.response.end();
  }

  /** Answers for a defect of the local gateway itself. */
  fail(error: unknown): void {
    const stack = error instanceof Error ? error.stack : undefined;
    const reason = `the local gateway failed: ${error}`;
    this.answer(gatewayAnswer(500, 'Internal Server Error'), { code: 'gateway_error', reason, stack });
  }

  /**
   * A client reads the answer when it has sent its request. Where the connection is to be closed, that is waited
   * for, since closing it while data comes in takes the answer away. Otherwise Node.js reads the rest by itself.
   */
  #end(body: Buffer): void {
    const { request, response } = this;
    if (request.complete || response.shouldKeepAlive || request.destroyed) {
      response.end(body);
      return;
    }
    response.write(body);
    request.resume();
    const end = (): void => void response.end();
    request.once('close', end);
    setTimeout(end, LINGER_MS).unref();
  }
}

/**
 * Reads a body to its end.
 *
 * @param request its request.
 * @param maxBytes more than that is read no further; what still comes is dropped as it comes.
 * @returns the body, or why there is none; never rejects.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | 'too_large' | 'broken_off'> {
  const { promise, resolve } = Promise.withResolvers<Buffer | 'too_large' | 'broken_off'>();
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxBytes) {
      chunks.push(chunk);
    } else {
      resolve('too_large');
    }
  });
  request.on('end', () => resolve(request.complete ? Buffer.concat(chunks) : 'broken_off'));
  request.on('close', () => resolve('broken_off'));
  return promise;
}
