import { expect, test } from 'vitest';
import { sign } from '../../../lambda/watch/sign.ts';
import { verifySigV4 } from '../../support/sigv4.ts';

const ID = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

// Of AWS's Signature Version 4 test suite: `get-vanilla` and `post-vanilla`.
test.each([
  ['GET', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31', true],
  ['POST', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b', true],
  ['PUT', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b', false],
])(
  'the verification of the tests knows the signature of %s, as AWS published it',
  (method, signature, isValid) => {
    const headers = {
      host: 'example.amazonaws.com',
      'x-amz-date': '20150830T123600Z',
      authorization: `AWS4-HMAC-SHA256 Credential=${ID}/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
    };
    const signer = verifySigV4({ method, path: '/', body: '', headers }, { [ID]: SECRET });
    expect(signer).toEqual(isValid ? { region: 'us-east-1', service: 'service' } : undefined);
  },
);

test('a request is signed for the gateway and the moment, over its host, body and session', async () => {
  const request = {
    method: 'PUT',
    url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com:8443/api/tt_cmd_connection/logout'),
    headers: { 'content-type': 'application/json ; charset="utf-8"', accept: 'text/json,  */*' },
    body: '\uFEFF{"message":"¡adiós! 👋"}',
  };
  const credentials = { accessKeyId: ID, secretAccessKey: SECRET, sessionToken: 'session' };
  const headers = await sign(request, credentials, 'eu-west-1', new Date('2026-11-24T12:35:07Z'));
  expect(headers).toMatchObject({ host: request.url.host, 'x-amz-date': '20261124T123507Z' });
  const verify = (changes: object) =>
    verifySigV4({ ...request, path: request.url.pathname, headers, ...changes }, { [ID]: SECRET });
  expect(verify({})).toEqual({ region: 'eu-west-1', service: 'execute-api' });
  expect(verify({ body: '{}' })).toBeUndefined();
  expect(verify({ headers: { ...headers, 'x-amz-security-token': 'another' } })).toBeUndefined();
});
