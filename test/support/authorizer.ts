import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { send } from './http.ts';
import { serve } from './server.ts';
import { verifySigV4 } from './sigv4.ts';

/** The environment of a caller whose signatures {@link isSigned} accepts. */
export const CREDENTIALS = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
} as const;

/** Whether a request is signed for the gateway, by the caller with these credentials. */
export function isSigned({ method = '', url = '', headers }: IncomingMessage, body: Buffer): boolean {
  const signer = verifySigV4(
    { method, path: url, headers, body },
    { [CREDENTIALS.AWS_ACCESS_KEY_ID]: CREDENTIALS.AWS_SECRET_ACCESS_KEY },
  );
  return signer?.service === 'execute-api' && signer.region === CREDENTIALS.AWS_REGION;
}

/**
 * Starts a server in front of the local service, for the time of the test, that refuses requests of the route as an
 * authorizer does.
 *
 * @param serviceUrl the URL of the route.
 * @param isAllowed says whether a request of the route passes.
 * @param onResponse called with the headers of each response of the service.
 * @returns the URL of the route there.
 */
export async function serveAuthorizer(
  serviceUrl: string,
  isAllowed: (request: IncomingMessage, body: Buffer) => boolean,
  onResponse: (headers: IncomingHttpHeaders) => void = () => {},
): Promise<string> {
  const { pathname, host } = new URL(serviceUrl);
  const origin = await serve(async (request, response) => {
    const { method = '', url = '' } = request;
    const body = Buffer.concat(await request.toArray());
    if (method === 'PUT' && url === pathname && !isAllowed(request, body)) {
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
      return;
    }
    const headers = { ...(request.headers as Record<string, string>), host };
    const result = await send(new URL(url, serviceUrl).href, { method, headers, body });
    onResponse(result.headers);
    response.writeHead(result.status, result.headers).end(result.body);
  });
  return origin + pathname;
}
