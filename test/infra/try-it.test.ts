import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { writeCurlLine } from '../../infra/try-it.ts';
import { CREDENTIALS, isSigned } from '../support/authorizer.ts';
import { isInstalled } from '../support/programs.ts';
import { serve } from '../support/server.ts';
import { jwt, lambda, mutualTls } from './synth.ts';

const write = (url: string, set: Record<string, string>) =>
  writeCurlLine(url, 'eu-west-1', readSettings({ stage: 'dev', ...set }));

const REQUEST = `-H 'Content-Type: application/json' -d '{"id":"00000000-0000-0000-0000-000000000001"}' https://pos.example/`;

test.each([
  ['auth=none', { auth: 'none' }, ''],
  ['auth=jwt', jwt, '-H "Authorization: Bearer $TOKEN" '],
  ['auth=lambda', lambda, '-H "Authorization: $TOKEN" '],
  ['mutual TLS', { ...mutualTls, auth: 'none' }, '--cert terminal.pem --key terminal.key '],
])(
  'with %s the line shows what the caller holds, and asks for a connection that does not exist',
  (_, set, shown) => {
    expect(write('https://pos.example/', set)).toBe(`curl -i -X PUT ${shown}${REQUEST}`);
  },
);

test.skipIf(!isInstalled('curl')).for([
  ['the credentials of a user', {}],
  ['temporary credentials, whose token it sends and signs', { AWS_SESSION_TOKEN: 'token' }],
] as const)('with auth=iam the line signs with %s', async ([, more], { expect }) => {
  const arrived: unknown[] = [];
  const origin = await serve(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const [, signed] = /SignedHeaders=([^,]*)/.exec(request.headers.authorization ?? '') ?? [];
    arrived.push(
      await isSigned(request, body),
      request.headers['x-amz-security-token'],
      signed?.includes('token'),
    );
    response.writeHead(404).end();
  });
  const env = { PATH: process.env.PATH, ...CREDENTIALS, ...more };
  await promisify(execFile)('sh', ['-c', write(origin, { auth: 'iam' })], { env });
  const token = 'AWS_SESSION_TOKEN' in more ? more.AWS_SESSION_TOKEN : undefined;
  expect(arrived).toEqual([true, token, token !== undefined]);
});
