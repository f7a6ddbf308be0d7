import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { readCredentials, readVariable } from '../config.ts';
import { describeDifference, HARMLESS_BODY, type ServiceResponse } from './harmless-request.ts';
import { invokeFunction } from './invoke.ts';
import { sign } from './sign.ts';

/** The longest that the probe waits for a response: as long as the function may take. */
const RESPONSE_TIMEOUT_MS = 10_000;

/**
 * How far the probe gets from outside. Without a token or a certificate of its own it is refused, which is then the
 * right response: name, certificate and authorizer work.
 */
const CHECKS = {
  iam: async (url: URL) => describeDifference(await put(url, await signedHeaders(url))),
  none: async (url: URL) => describeDifference(await put(url, {})),
  token: async (url: URL) => describeRefusal(await put(url, { authorization: 'Bearer probe' })),
  certificate: checkMutualTls,
} satisfies Record<string, (url: URL) => Promise<string | undefined>>;

const lambda = new LambdaClient({ credentials: readCredentials() });

/**
 * Sends the harmless request through the public URL, as a terminal does, and fails where the response is another than
 * it must be. Lambda's metric `Errors` of this function is what the alarm watches.
 *
 * Environment: `PROBE_URL`, where terminals send to; `PROBE_HOST`, the name in DNS to connect to, default: that of
 * `PROBE_URL`; `PROBE_AUTH`, a name of {@link CHECKS}; `ALIAS_ARN`, set where the request does not reach the function from
 * outside: the alias is then invoked too.
 *
 * @throws {Error} a sentence about what is wrong.
 */
export async function handler(): Promise<void> {
  const url = new URL(readVariable('PROBE_URL'));
  const failure = await CHECKS[readVariable('PROBE_AUTH') as keyof typeof CHECKS](url);
  if (failure !== undefined) throw new Error(`From outside: ${failure}`);

  const aliasArn = process.env.ALIAS_ARN;
  if (aliasArn === undefined) return;
  const difference = describeDifference(await invokeFunction(lambda, aliasArn, `probe-${Date.now()}`));
  if (difference !== undefined) throw new Error(`The function: ${difference}`);
}

/** @returns a sentence where the gateway's authorizer did not refuse. */
function describeRefusal({ status, body }: ServiceResponse): string | undefined {
  if (status === 401 || status === 403) return undefined;
  return `The response is ${status} ${body.slice(0, 200)}, but must be 401 or 403: the token is not valid.`;
}

/**
 * Without a certificate of the caller the gateway ends the handshake or responds with 403. With TLS 1.3 a wrong certificate
 * of the server is seen before; with TLS 1.2 the connection may end first, and the alarm on its expiry is left.
 */
async function checkMutualTls(url: URL): Promise<string | undefined> {
  try {
    return describeRefusal(await put(url, {}));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ECONNRESET' || code === 'EPIPE' || /tls[^:]* alert/i.test(message)) return undefined;
    throw error;
  }
}

async function signedHeaders(url: URL): Promise<Record<string, string>> {
  const request = { method: 'PUT', url, headers: CONTENT_TYPE, body: HARMLESS_BODY };
  return sign(request, readCredentials(), readVariable('AWS_REGION'));
}

const CONTENT_TYPE = { 'content-type': 'application/json' };

/** Sends the request over a connection of its own, so that name and certificate are checked each time. */
async function put(url: URL, headers: Record<string, string>): Promise<ServiceResponse> {
  const host = process.env.PROBE_HOST;
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    ...(host !== undefined && { hostname: host, servername: url.hostname }),
    method: 'PUT',
    headers: { ...CONTENT_TYPE, ...headers, host: url.host, 'content-length': HARMLESS_BODY.length },
    agent: false,
    signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
  });
  request.end(HARMLESS_BODY);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response) };
}
