import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, test } from 'vitest';
import { dynamoDbSigner } from '../../../lambda/storage/signer.ts';

const region = 'eu-west-1';
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const temporary = { ...credentials, sessionToken: 'FwoGZXIvYXdzEXAMPLE' };

const request = (headers: Record<string, string> = {}, body: string | Uint8Array = '{"TableName":"é"}') => ({
  method: 'POST',
  protocol: 'https:',
  hostname: 'dynamodb.eu-west-1.amazonaws.com',
  path: '/',
  query: {},
  headers: {
    host: 'dynamodb.eu-west-1.amazonaws.com',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'DynamoDB_20120810.UpdateItem',
    ...headers,
  },
  body,
});

test.each([
  ['with temporary credentials', temporary, '2026-11-25T18:00:00.123Z', request()],
  ['with permanent credentials', credentials, '2026-11-25T18:00:00.123Z', request()],
  ['on the last second of a day', temporary, '2026-12-31T23:59:59.999Z', request()],
  ['on the first second of a day', temporary, '2027-01-01T00:00:00.000Z', request()],
  ['of a body in bytes', temporary, '2026-11-25T18:00:00Z', request({}, Buffer.from('{"a":1}'))],
  ['of an empty body', temporary, '2026-11-25T18:00:00Z', request({}, '')],
  ['of a header with spaces', temporary, '2026-11-25T18:00:00Z', request({ 'x-amz-user-agent': ' a  b c ' })],
  ['of a host with a port', temporary, '2026-11-25T18:00:00Z', request({ host: '127.0.0.1:8000' })],
])("a signature %s is that of the SDK's own signer", async (_, identity, time, toSign) => {
  const signingDate = new Date(time);
  const reference = new SignatureV4({
    service: 'dynamodb',
    region,
    credentials: identity,
    sha256: Sha256,
    applyChecksum: false,
  });
  const { headers } = await reference.sign(toSign, { signingDate });
  expect((await dynamoDbSigner(identity, region).sign(toSign, { signingDate })).headers).toEqual(headers);
});

test('a signer renews its key when the day changes', async () => {
  const signer = dynamoDbSigner(temporary, region);
  const signatures: string[] = [];
  for (const day of ['2026-11-25', '2026-11-26', '2026-11-25']) {
    const { headers } = await signer.sign(request(), { signingDate: new Date(`${day}T12:00:00Z`) });
    signatures.push(String(headers.authorization));
  }
  const fresh = await dynamoDbSigner(temporary, region).sign(request(), {
    signingDate: new Date('2026-11-26T12:00:00Z'),
  });
  expect(signatures[1]).toBe(fresh.headers.authorization);
  expect(signatures[2]).toBe(signatures[0]);
});

test('a request that is signed again, as a retry is, is signed as if it were new', async () => {
  const signer = dynamoDbSigner(temporary, region);
  const signingDate = new Date('2026-11-25T18:00:10Z');
  const retried = await signer.sign(request(), { signingDate: new Date('2026-11-25T18:00:00Z') });
  expect((await signer.sign(retried, { signingDate })).headers).toEqual(
    (await signer.sign(request(), { signingDate })).headers,
  );
});

test('headers that something on the way may change are not covered', async () => {
  const changing = { 'user-agent': 'a', 'X-Amzn-Trace-Id': 'Root=1', 'amz-sdk-request': 'attempt=1' };
  const { headers } = await dynamoDbSigner(temporary, region).sign(request(changing));
  expect(headers.authorization).toContain(
    'SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, ',
  );
});
