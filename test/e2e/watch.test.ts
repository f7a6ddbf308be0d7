import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WATCH_FOLDER } from '../../infra/bundle.ts';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { type Certificate, makeCertificate } from '../../tools/bench/certificate.ts';
import { CREDENTIALS, isSigned, serveAuthorizer } from '../support/authorizer.ts';
import { reset } from '../support/faults.ts';
import { pass } from '../support/faulty-dynamodb.ts';
import { startFunction, type TestFunction } from '../support/function.ts';
import { send } from '../support/http.ts';
import { type LocalService, startLocalService } from '../support/local-service.ts';
import { listen, serve } from '../support/server.ts';

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function:connection-logout:live';
const ROLE = { ...CREDENTIALS, AWS_SESSION_TOKEN: 'session' };

let service: LocalService;
let logout: TestFunction;
let certificate: Certificate;

beforeAll(async () => {
  service = await startLocalService();
  logout = await startFunction(service.dynamodb.endpoint, { TABLE_NAME: service.table.tableName });
  certificate = await makeCertificate();
  // The probe waits ten seconds for a response, and a start may take longer on a busy machine.
  await send(service.url, {});
});

afterAll(async () => {
  await Promise.all([logout.close(), service.close(), certificate.remove()]);
});

/** Prints an error without the line of the bundle that threw it, which is minified. */
const PRINT_ERROR = 'console.error(error.code, String(error)); process.exitCode = 1;';

/** Runs a built function of dist/watch once, in a process of its own. @returns what it wrote about an error. */
async function run(name: string, variables: Record<string, string>, event: object = {}): Promise<string> {
  const bundle = pathToFileURL(join(WATCH_FOLDER, `${name}.mjs`));
  const script = `
    const { handler } = await import('${bundle}');
    await handler(${JSON.stringify(event)}).catch((error) => { ${PRINT_ERROR} });`;
  const args = ['--input-type=module', '--eval', script];
  const env = { PATH: process.env.PATH, ...ROLE, ...variables };
  return promisify(execFile)(process.execPath, args, { env }).then(
    ({ stderr }) => stderr,
    ({ stderr }) => String(stderr),
  );
}

/** A gateway's own refusal of every request. */
const refuse =
  (status: number): RequestListener =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');

/** Stands in for Lambda: an invocation of {@link ARN} runs a built function, or fails as a crash does. */
async function fakeLambda(crash = false, invoked = logout): Promise<{ AWS_ENDPOINT_URL_LAMBDA: string }> {
  const url = await serve(async (request, response) => {
    expect(request.url).toBe(`/2015-03-31/functions/${encodeURIComponent(ARN)}/invocations`);
    expect(request.headers['x-amz-invocation-type']).toBeUndefined(); // it then waits for the response
    const event = JSON.parse(await text(request));
    if (crash) response.setHeader('x-amz-function-error', 'Unhandled');
    response.end(JSON.stringify(crash ? { errorType: 'Runtime.ExitError' } : await invoked.invoke(event)));
  });
  return { AWS_ENDPOINT_URL_LAMBDA: url };
}

describe('the probe', () => {
  test('with auth=none succeeds against the local stack, whose table has no such connection', async () => {
    expect(await run('probe', { PROBE_URL: service.url, PROBE_AUTH: 'none' })).toBe('');
  });

  test('with auth=iam signs what it sends', async () => {
    const url = await serveAuthorizer(service.url, isSigned);
    expect(await run('probe', { PROBE_URL: url, PROBE_AUTH: 'iam' })).toBe('');
    expect(await run('probe', { PROBE_URL: url, PROBE_AUTH: 'none' })).toContain('The response is 403');
  });

  test('fails while the table cannot be reached, and says what the response was', async () => {
    service.dynamodb.choose(() => reset);
    const error = await run('probe', { PROBE_URL: service.url, PROBE_AUTH: 'none' });
    service.dynamodb.choose(() => pass);
    expect(error).toContain(
      'From outside: The response is 503 store_unavailable, but must be 404 connection_not_found.',
    );
  });

  test.each([
    ['iam', true],
    ['none', false],
  ])('with auth=%s connects to PROBE_HOST, and asks it for the name of the URL', async (auth, signs) => {
    const name = 'logout.example.com';
    const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    });
    const asked: unknown[] = [];
    const server = https.createServer({ cert, key }, async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      asked.push(
        (request.socket as TLSSocket).servername,
        request.headers.host,
        await isSigned(request, body),
      );
      response.writeHead(404).end('{"code":"connection_not_found"}');
    });
    const port = await listen(server);
    const trusted = join(certificate.file, '..', 'name.pem');
    await writeFile(trusted, cert);
    const set = { PROBE_URL: `https://${name}:${port}/`, PROBE_AUTH: auth, NODE_EXTRA_CA_CERTS: trusted };
    expect(await run('probe', { ...set, PROBE_HOST: '127.0.0.1' })).toBe('');
    expect(asked).toEqual([name, `${name}:${port}`, signs]);
  });

  test.each([
    ['the name does not resolve', 'https://nothing.invalid/', /ENOTFOUND|EAI_AGAIN/],
    ['nothing listens', 'http://127.0.0.1:1/', /ECONNREFUSED/],
  ])('fails where %s', async (_, url, code) => {
    expect(await run('probe', { PROBE_URL: url, PROBE_AUTH: 'none' })).toMatch(code);
  });

  test('with a token accepts the refusal of the gateway, but not an alias that fails', async () => {
    // Without a token the gateway refuses by itself, and its authorizer is not asked.
    const url = await serve((request, response) =>
      refuse(request.headers.authorization === 'Bearer probe' ? 401 : 500)(request, response),
    );
    const set = { PROBE_URL: url, PROBE_AUTH: 'token', ALIAS_ARN: ARN };
    expect(await run('probe', { ...set, ...(await fakeLambda()) })).toBe('');
    await expect.poll(() => logout.output.at(-1)).toMatch(/"request_id":"probe-\d{13}"/);
    expect(await run('probe', { ...set, ...(await fakeLambda(true)) })).toContain('Runtime.ExitError');
    service.dynamodb.choose(() => reset);
    const error = await run('probe', { ...set, ...(await fakeLambda()) });
    service.dynamodb.choose(() => pass);
    expect(error).toContain('The function: The response is 503 store_unavailable');
  });

  test('with a token fails where the gateway accepts a token that is not valid', async () => {
    const error = await run('probe', { PROBE_URL: service.url, PROBE_AUTH: 'token', ALIAS_ARN: ARN });
    expect(error).toContain('but must be 401 or 403');
  });

  describe('with mutual TLS', () => {
    const mutualTls = async (options: TlsOptions, respond = refuse(403)) => {
      const server = https.createServer({ ...certificate, ca: certificate.cert, ...options }, respond);
      server.on('tlsClientError', () => {});
      return `https://127.0.0.1:${await listen(server)}/`;
    };
    const probe = async (url: string, trusted: string) =>
      run('probe', {
        PROBE_URL: url,
        PROBE_AUTH: 'certificate',
        ALIAS_ARN: ARN,
        NODE_EXTRA_CA_CERTS: trusted,
        ...(await fakeLambda()),
      });
    const strict = { requestCert: true, rejectUnauthorized: true };

    test.each(['TLSv1.2', 'TLSv1.3'] as const)('takes the end of a handshake of %s', async (maxVersion) => {
      expect(await probe(await mutualTls({ ...strict, maxVersion }), certificate.file)).toBe('');
    });

    test('takes a connection that ends without a response', async () => {
      const url = await mutualTls({}, (request) => request.socket.destroy());
      expect(await probe(url, certificate.file)).toBe('');
    });

    test('takes the refusal 403', async () => {
      expect(await probe(await mutualTls({}), certificate.file)).toBe('');
    });

    test('fails where no one listens', async () => {
      expect(await probe('https://127.0.0.1:1/', certificate.file)).toContain('ECONNREFUSED');
    });

    test('fails where the certificate of the server is not trusted', async () => {
      expect(await probe(await mutualTls(strict), '')).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    });

    test('fails where a caller without a certificate is let in', async () => {
      const url = await mutualTls({}, (_, response) => response.writeHead(404).end('{}'));
      expect(await probe(url, certificate.file)).toContain('but must be 401 or 403');
    });
  });
});

describe('the hook before traffic', () => {
  const EVENT = { DeploymentId: 'd-123', LifecycleEventHookExecutionId: 'hook-456' };

  /** Runs the hook, whose first reports are denied. @returns what it reported to CodeDeploy, and what it logged. */
  async function runHook(lambda: object, denials = 0): Promise<{ calls: unknown[]; log: string }> {
    const calls: unknown[] = [];
    const codeDeploy = await serve(async (request, response) => {
      calls.push([request.headers['x-amz-target'], JSON.parse(await text(request))]);
      const isDenied = calls.length <= denials;
      response.writeHead(isDenied ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(isDenied ? '{"__type":"AccessDeniedException"}' : '{}');
    });
    const endpoints = { ...lambda, AWS_ENDPOINT_URL_CODEDEPLOY: codeDeploy };
    return { log: await run('hook', { VERSION_ARN: ARN, ...endpoints }, EVENT), calls };
  }

  const reported = (status: string) => [
    'CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus',
    { deploymentId: 'd-123', lifecycleEventHookExecutionId: 'hook-456', status },
  ];

  test('lets a version serve that responds as it must, whose log line has the id of the deployment', async () => {
    expect(await runHook(await fakeLambda())).toEqual({ calls: [reported('Succeeded')], log: '' });
    const ids = new RegExp(`"request_id":"d-123".*"connection_id":"${NONEXISTENT_ID}"`);
    await expect.poll(() => logout.output.at(-1)).toMatch(ids);
  });

  test('shows a version that asks for it a token and a certificate, which no connection has', async () => {
    const strict = await startFunction(service.dynamodb.endpoint, {
      TABLE_NAME: service.table.tableName,
      AUTH: 'jwt',
      CERTIFICATE_SUBJECT: 'terminal_id',
    });
    const { calls, log } = await runHook(await fakeLambda(false, strict));
    await strict.close();
    expect({ calls, log }).toEqual({ calls: [reported('Succeeded')], log: '' });
  });

  test('fails the deployment of a version that crashes, and logs why', async () => {
    const { calls, log } = await runHook(await fakeLambda(true));
    expect(calls).toEqual([reported('Failed')]);
    expect(log).toContain('The function ended without a response: {"errorType":"Runtime.ExitError"}');
  });

  test('fails the deployment of a version that cannot reach its table, and logs why', async () => {
    service.dynamodb.choose(() => reset);
    const { calls, log } = await runHook(await fakeLambda());
    service.dynamodb.choose(() => pass);
    expect(calls).toEqual([reported('Failed')]);
    expect(log).toContain('The response is 503 store_unavailable, but must be 404 connection_not_found.');
  });

  test('fails the deployment of a version that it may not invoke', async () => {
    const denied = await serve((_, response) => response.writeHead(403).end('{"message":"denied"}'));
    const { calls, log } = await runHook({ AWS_ENDPOINT_URL_LAMBDA: denied });
    expect(calls).toEqual([reported('Failed')]);
    expect(log).toContain('denied');
  });

  test('repeats a report that is denied, since the right to it may be seconds old', async () => {
    const { calls, log } = await runHook(await fakeLambda(), 2);
    expect({ calls, log }).toEqual({ calls: Array(3).fill(reported('Succeeded')), log: '' });
  });
});
