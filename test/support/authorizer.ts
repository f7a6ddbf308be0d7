import type { IncomingMessage } from 'node:http';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { send } from './http.ts';
import { serve } from './server.ts';

/** The environment of a caller whose signatures {@link isSigned} accepts. */
export const CREDENTIALS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
} as const;

/** Whether a request is signed for the gateway, its host and body included, by the caller with these credentials. */
export async function isSigned(
  { method = '', url = '', headers }: IncomingMessage,
  body: Buffer,
): Promise<boolean> {
  const { host = '', authorization = '', 'x-amz-date': date } = headers;
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(';') ?? [];
  if (!names.includes('host')) return false;
  const signer = new SignatureV4({
    service: 'execute-api',
    region: CREDENTIALS.AWS_REGION,
    credentials: {
      accessKeyId: CREDENTIALS.AWS_ACCESS_KEY_ID,
      secretAccessKey: CREDENTIALS.AWS_SECRET_ACCESS_KEY,
    },
    sha256: Sha256,
    applyChecksum: names.includes('x-amz-content-sha256'),
  });
  // The hash of the body is made anew: one that the caller sends would be taken for it.
  const signed = names.filter((name) => name !== 'x-amz-content-sha256');
  const again = await signer.sign(
    {
      method,
      protocol: 'https:',
      hostname: host,
      path: url,
      headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
      body,
    },
    { signingDate: new Date(String(date).replace(/^(....)(..)(..T..)(..)/, '$1-$2-$3:$4:')) },
  );
  return again.headers.authorization === authorization;
}

/**
 * Starts a server in front of the local service, for the time of the test, that refuses requests of the route as an
 * authorizer does.
 *
 * @param serviceUrl the URL of the route.
 * @param isAllowed says whether a request of the route passes.
 * @returns the URL of the route there.
 */
export async function serveAuthorizer(
  serviceUrl: string,
  isAllowed: (request: IncomingMessage, body: Buffer) => boolean | Promise<boolean>,
): Promise<string> {
  const { pathname, host } = new URL(serviceUrl);
  const origin = await serve(async (request, response) => {
    const { method = '', url = '' } = request;
    const body = Buffer.concat(await request.toArray());
    if (method === 'PUT' && url === pathname && !(await isAllowed(request, body))) {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
      return;
    }
    const headers = { ...(request.headers as Record<string, string>), host };
    const result = await send(new URL(url, serviceUrl).href, { method, headers, body });
    response.writeHead(result.status, result.headers).end(result.body);
  });
  return origin + pathname;
}
