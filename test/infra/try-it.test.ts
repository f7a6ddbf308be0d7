import { execFile } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readSettings } from '../../infra/settings.ts';
import { curlLine } from '../../infra/try-it.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { serve } from '../support/server.ts';
import { jwt, lambda, mutualTls } from './synth.ts';

const run = promisify(execFile);
const credentials = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };

/** The names of the headers that the signature covers. */
const signed = ({ authorization = '' }: IncomingMessage['headers']) =>
  /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';');

/** Pastes the line into a shell with these variables, and returns the request that arrived. */
async function paste(set: Record<string, string>, environment: Record<string, string> = {}) {
  const received: { request: IncomingMessage; body: string }[] = [];
  const origin = await serve(async (request, response) => {
    received.push({ request, body: await text(request) });
    response.writeHead(404).end();
  });
  const line = curlLine(`${origin}${ROUTE_PATH}`, 'eu-west-1', readSettings({ stage: 'dev', ...set }));
  await run('sh', ['-c', line], { env: { PATH: process.env.PATH, ...environment } });
  const [first] = received;
  if (first === undefined) throw new Error('no request arrived');
  const { request, body } = first;
  return { method: request.method, path: request.url, headers: request.headers, body };
}

test('the line asks to log out a connection that does not exist', async () => {
  const { method, path, headers, body } = await paste({ auth: 'none' });
  expect({ method, path, type: headers['content-type'] }).toEqual({
    method: 'PUT',
    path: '/api/tt_cmd_connection/logout',
    type: 'application/json',
  });
  expect(JSON.parse(body)).toEqual({ id: '00000000-0000-0000-0000-000000000001' });
  expect(headers).not.toHaveProperty('authorization');
});

test('with auth=jwt it shows the token of the environment', async () => {
  const { headers } = await paste(jwt, { TOKEN: 'a.b.c' });
  expect(headers.authorization).toBe('Bearer a.b.c');
});

test('with auth=lambda it shows the token as it is', async () => {
  const { headers } = await paste(lambda, { TOKEN: 'secret of a device' });
  expect(headers.authorization).toBe('secret of a device');
});

test('with auth=iam it is signed for the gateway, with the credentials of the environment', async () => {
  const { headers } = await paste({ auth: 'iam' }, credentials);
  expect(headers.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/execute-api\/aws4_request, /,
  );
  expect(signed(headers)).toEqual(['content-type', 'host', 'x-amz-date']);
  expect(Object.keys(headers)).toEqual(expect.arrayContaining(signed(headers) ?? []));
});

test('with temporary credentials their token is sent, and signed', async () => {
  const { headers } = await paste({ auth: 'iam' }, { ...credentials, AWS_SESSION_TOKEN: 'token' });
  expect(headers['x-amz-security-token']).toBe('token');
  expect(signed(headers)).toContain('x-amz-security-token');
});

test('with mutual TLS it shows a certificate', () => {
  const settings = readSettings({ stage: 'dev', ...mutualTls, auth: 'none' });
  expect(curlLine('https://pos.example', 'eu-west-1', settings)).toContain(
    ' --cert terminal.pem --key terminal.key ',
  );
});
