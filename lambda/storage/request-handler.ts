import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { HttpHandler, HttpRequest, HttpResponse } from '@smithy/core/protocols';

/** Thrown when an attempt has not had its whole response in time. */
export class AttemptTimeoutError extends Error {
  /** The SDK's own name for it. */
  override readonly name = 'TimeoutError';

  constructor(timeoutMs: number) {
    super(`The table has not responded within ${timeoutMs} ms.`);
  }
}

/**
 * Makes what sends the SDK's requests, over HTTP/1.1. One timer ends an attempt whole: connecting, sending, and the
 * response to its last byte. The SDK's own handler has a limit for each of these, none for a body that drips, and three
 * timers. Redirects are not followed, nor a proxy on the way to AWS, and `Expect` is not sent.
 *
 * @param httpsAgent makes the connections over TLS.
 * @param timeoutMs the longest that an attempt may take.
 */
export function createRequestHandler(httpsAgent: HttpsAgent, timeoutMs: number): HttpHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    handle: (request) => sendOnce(request, httpsAgent, timeoutMs),
    // The SDK's extensions would call these: there are none.
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/**
 * Sends a request once.
 *
 * @returns the response with its whole body, which the SDK then need not collect.
 * @throws {AttemptTimeoutError} when it does not come in time.
 * @throws an error with a `code` of Node.js when the connection fails, or the response is not HTTP or is cut.
 */
function sendOnce(
  request: HttpRequest,
  httpsAgent: HttpsAgent,
  timeoutMs: number,
): Promise<{ response: HttpResponse }> {
  const { protocol, hostname: host, port, method, path, headers, body } = request;
  const { promise, resolve, reject } = Promise.withResolvers<{ response: HttpResponse }>();
  const onResponse = (response: IncomingMessage) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.on('error', reject);
    response.on('end', () => {
      const { statusCode = 0, headers } = response;
      const body = Buffer.concat(chunks);
      resolve({ response: { statusCode, headers: headers as HttpResponse['headers'], body } });
    });
  };
  const options = { host, port, method, path, headers };
  const outgoing =
    protocol === 'https:'
      ? httpsRequest({ ...options, agent: httpsAgent }, onResponse)
      : httpRequest(options, onResponse);
  const timer = setTimeout(() => {
    reject(new AttemptTimeoutError(timeoutMs));
    outgoing.destroy();
  }, timeoutMs);
  outgoing.on('error', reject);
  outgoing.on('close', () => clearTimeout(timer));
  outgoing.end(body);
  return promise;
}
