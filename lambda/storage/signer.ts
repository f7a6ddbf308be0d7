import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type Signer = Exclude<NonNullable<DynamoDBClientConfig['signer']>, (...args: never[]) => unknown>;
type Request = Parameters<Signer['sign']>[0];

/** AWS credentials of an environment, which stay the same as long as it lives. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** Headers that a signature covers, beside all that begin with `x-amz-`. */
const SIGNED = new Set(['content-type', 'host']);

/**
 * Makes what signs requests to DynamoDB: a `POST` to `/` without a query. It is made once and keeps its key for the
 * day, where the SDK makes a signer and its key's name anew for each request.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function dynamoDbSigner(credentials: Credentials, region: string): Signer {
  let day = '';
  let key: KeyObject;
  const keyOf = (date: string): KeyObject => {
    if (date !== day) {
      const steps = [date, region, 'dynamodb', 'aws4_request'];
      // A key object once: createHmac takes 12 us with the bytes of a key, and 2 with its object.
      key = createSecretKey(steps.reduce(hmac, Buffer.from(`AWS4${credentials.secretAccessKey}`)));
      day = date;
    }
    return key;
  };
  return {
    async sign(request: Request, { signingDate = new Date() } = {}) {
      const time = new Date(signingDate).toISOString().replace(/[-:]|\.\d+/g, '');
      const date = time.slice(0, 8);
      const { headers } = request;
      headers['x-amz-date'] = time;
      if (credentials.sessionToken) headers['x-amz-security-token'] = credentials.sessionToken;

      const names = Object.keys(headers)
        .filter((name) => SIGNED.has(name) || name.startsWith('x-amz-'))
        .sort();
      const lines = names.map((name) => `${name}:${headers[name]?.trim().replace(/ +/g, ' ')}\n`).join('');
      const signedHeaders = names.join(';');
      const canonical = `POST\n/\n\n${lines}\n${signedHeaders}\n${hash('sha256', request.body)}`;
      const scope = `${date}/${region}/dynamodb/aws4_request`;
      const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hash('sha256', canonical)}`;
      const signature = hmac(keyOf(date), text).toString('hex');
      headers.authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
      return request;
    },
  };
}

function hmac(key: Buffer | KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
