import { createHash, createHmac } from 'node:crypto';

/** A request with a SigV4 signature, as it arrives. */
export interface SignedRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string | Buffer;
}

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/**
 * Verifies a signature step by step, as AWS describes it and without any package: independent of the package that the
 * smoke test signs with. Not supported: paths that need escapes, queries, repeated headers.
 *
 * @param request what arrived.
 * @param secrets the secret of each access key id.
 * @returns the region and service of the signature; undefined if it is not valid for any of the secrets.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function verifySigV4(
  request: SignedRequest,
  secrets: Readonly<Record<string, string>>,
): { readonly region: string; readonly service: string } | undefined {
  const [, id = '', scope = '', names = '', signature] =
    AUTHORIZATION.exec(String(request.headers.authorization)) ?? [];
  const secret = secrets[id];
  if (secret === undefined || !names.split(';').includes('host')) return undefined;

  const canonicalRequest = [
    request.method,
    request.path,
    '',
    ...names.split(';').map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, ' ')}`),
    '',
    names,
    sha256(request.body),
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonicalRequest)].join(
    '\n',
  );
  const key = scope.split('/').reduce<string | Buffer>((soFar, part) => hmac(soFar, part), `AWS4${secret}`);
  const [, region = '', service = ''] = scope.split('/');
  return hmac(key, text).toString('hex') === signature ? { region, service } : undefined;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
