import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from '../config.ts';

/** A request, as far as a signature covers it. */
export interface Signable {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * Signs a request with SigV4, as the gateway checks it with `auth=iam`. The package that signs for the AWS SDK does it.
 *
 * @param request what is sent, byte for byte.
 * @param credentials who sends it.
 * @param region where the API is.
 * @param at when it is sent: the gateway takes a signature for some minutes. Default: now.
 * @returns all headers to send, `host` among them.
 */
export async function sign(
  { method, url, headers, body }: Signable,
  credentials: Credentials,
  region: string,
  at: Date = new Date(),
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service: 'execute-api', region, credentials, sha256: Sha256 });
  const request = {
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { ...headers, host: url.host },
    body,
  };
  return (await signer.sign(request, { signingDate: at })).headers;
}
