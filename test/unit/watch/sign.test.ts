import { expect, test } from 'vitest';
import { sign } from '../../../lambda/watch/sign.ts';

test('a request is signed for the gateway and the moment, over its host, body and session', async () => {
  const request = {
    method: 'PUT',
    url: new URL('https://abc.execute-api.eu-west-1.amazonaws.com:8443/api/tt_cmd_connection/logout'),
    headers: { 'content-type': 'application/json' },
    body: '{"message":"¡adiós! 👋"}',
  };
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'session' };
  const headers = await sign(request, credentials, 'eu-west-1', new Date('2026-11-24T12:35:07Z'));
  expect(headers).toEqual({
    'content-type': 'application/json',
    host: request.url.host,
    'x-amz-date': '20261124T123507Z',
    'x-amz-security-token': 'session',
    'x-amz-content-sha256': '65a7f45f55101cb7886c3e2c47f2a943cae0ed12ea8434186bcfb67aef69d0c3',
    // A verification without any package has accepted this signature.
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261124/eu-west-1/execute-api/aws4_request, ' +
      'SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, ' +
      'Signature=0ac00c814f37abf5873a456a6c0f25d25eb53635a8b7ce587004fc4b0c187af4',
  });
});
