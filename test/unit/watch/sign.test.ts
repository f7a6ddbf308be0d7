import { describe, expect, test } from 'vitest';
import { sign } from '../../../lambda/watch/sign.ts';
import { verifySigV4 } from '../../support/sigv4.ts';

const ID = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

/** Of AWS's Signature Version 4 test suite: `get-vanilla` and `post-vanilla`. */
const VECTORS = [
  ['GET', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['POST', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
] as const;

const vector = (method: string, signature: string) => ({
  method,
  path: '/',
  body: '',
  headers: {
    host: 'example.amazonaws.com',
    'x-amz-date': '20150830T123600Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${ID}/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  },
});

describe('verifySigV4, the second implementation,', () => {
  test.each(VECTORS)('accepts what AWS published: %s', (method, signature) => {
    const found = verifySigV4(vector(method, signature), { [ID]: SECRET });
    expect(found).toEqual({ region: 'us-east-1', service: 'service' });
  });

  test('refuses another signature, another secret, another body and an unknown key', () => {
    const [[, get], [, post]] = VECTORS;
    expect(verifySigV4(vector('GET', post), { [ID]: SECRET })).toBeUndefined();
    expect(verifySigV4(vector('GET', get), { [ID]: 'another' })).toBeUndefined();
    expect(verifySigV4({ ...vector('GET', get), body: 'x' }, { [ID]: SECRET })).toBeUndefined();
    expect(verifySigV4(vector('GET', get), {})).toBeUndefined();
  });
});

describe('a request that sign has signed', () => {
  const request = {
    method: 'PUT',
    url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com:8443/api/tt_cmd_connection/logout'),
    headers: { 'content-type': 'application/json ; charset="utf-8"', accept: 'text/json,  */*' },
    body: '\uFEFF{"message":"¡adiós! 👋"}',
  };
  const arrived = (headers: Record<string, string>) => ({
    ...request,
    path: request.url.pathname,
    headers,
  });

  test('is accepted by the second implementation, for the region and the service', async () => {
    const credentials = { accessKeyId: ID, secretAccessKey: SECRET };
    const headers = await sign(request, credentials, 'eu-west-1');
    expect(verifySigV4(arrived(headers), { [ID]: SECRET })).toEqual({
      region: 'eu-west-1',
      service: 'execute-api',
    });
    expect(headers.host).toBe('abc.execute-api.eu-west-1.amazonaws.com:8443');
  });

  test('covers the token of temporary credentials', async () => {
    const credentials = { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: 'session' };
    const headers = await sign(request, credentials, 'eu-west-1');
    expect(headers['x-amz-security-token']).toBe('session');
    expect(verifySigV4(arrived(headers), { [ID]: SECRET })).toBeDefined();
    const another = arrived({ ...headers, 'x-amz-security-token': 'another' });
    expect(verifySigV4(another, { [ID]: SECRET })).toBeUndefined();
  });

  test('is made for the moment at which it is sent', async () => {
    const credentials = { accessKeyId: ID, secretAccessKey: SECRET };
    const headers = await sign(request, credentials, 'eu-west-1', new Date('2026-11-24T12:35:07Z'));
    expect(headers['x-amz-date']).toBe('20261124T123507Z');
  });
});
