import { setTimeout as sleep } from 'node:timers/promises';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { MAX_BODY_BYTES } from '../../lambda/http/errors.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { HARMLESS_BODY, HARMLESS_RESPONSE } from '../../lambda/watch/harmless-request.ts';
import { networkReason } from '../aws.ts';
import { UserError } from '../cli.ts';
import { type SmokeAnswer, SmokeClient, type SmokeRequest } from './client.ts';
import type { StackLogs } from './stack-logs.ts';
import type { Access, Target } from './target.ts';

/** One thing that only a deployment can answer. */
export interface Check {
  readonly name: string;
  /** What must come of it, in a few words. */
  readonly expected: string;
  /** @returns a sentence without its full stop for each difference; empty where all is right. */
  run(): Promise<readonly string[]>;
}

/** Compares an answer. @returns the differences. */
type Comparison = (answer: SmokeAnswer) => readonly string[];

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const DAY_MS = 86_400_000;
/** The alarm on the certificate pages then. */
const MIN_CERTIFICATE_DAYS = 7;
/** CloudWatch shows a line within seconds; a new log group takes longer. */
const MAX_LOG_DELAY_MS = 90_000;

/** Goes all the way to the table, where the connection is not found, and changes nothing: as the probe's does. */
export const HARMLESS_REQUEST = {
  path: ROUTE_PATH,
  contentType: JSON_TYPE,
  body: HARMLESS_BODY,
} as const satisfies SmokeRequest;

/**
 * Lists what to check, without a connection to log out.
 *
 * @param client sends the requests.
 * @param target how the endpoint lets callers in: those without credentials must be refused.
 * @param logs the logs of the stack; undefined: they are not looked at.
 */
export function listChecks(
  client: SmokeClient,
  target: Target,
  logs: StackLogs | undefined,
): readonly Check[] {
  const check = (
    name: string,
    request: Partial<SmokeRequest>,
    [expected, compare]: [string, Comparison],
  ) => ({
    name,
    expected,
    run: async () => compare(await client.send({ ...HARMLESS_REQUEST, ...request })),
  });
  const { status, code } = HARMLESS_RESPONSE;
  const notFound = byService(status, code);
  return [
    check('the function, its permission, the table', {}, notFound),
    ...(target.origin.startsWith('https:') ? [certificateCheck(client)] : []),
    ...(target.certificate ? [clientCertificateCheck(target)] : []),
    ...refusedCallers(target.access).map(([name, authorization]) =>
      check(name, { authorization }, refusedByGateway()),
    ),
    check(
      'a form, which the gateway sends as base64',
      { contentType: FORM_TYPE, body: `id=${NONEXISTENT_ID}` },
      notFound,
    ),
    check('text/json', { contentType: 'text/json' }, byService(status, code, 'text/json')),
    check(
      `a body of ${MAX_BODY_BYTES / 1_024} KiB`,
      { body: HARMLESS_BODY.padEnd(MAX_BODY_BYTES) },
      notFound,
    ),
    check(
      'a body of one byte more',
      { body: ' '.repeat(MAX_BODY_BYTES + 1) },
      byService(413, 'body_too_large'),
    ),
    check('another method', { method: 'POST' }, byGateway(404, 'Not Found')),
    check('a slash at the end of the path', { path: `${ROUTE_PATH}/` }, byGateway(404, 'Not Found')),
    ...(logs ? logChecks(client, logs) : []),
  ];
}

function certificateCheck(client: SmokeClient): Check {
  return {
    name: 'the certificate',
    expected: `${MIN_CERTIFICATE_DAYS} days left`,
    async run() {
      const { certificateExpires } = await client.send(HARMLESS_REQUEST);
      const days = Math.floor(((certificateExpires?.getTime() ?? 0) - Date.now()) / DAY_MS);
      return days < MIN_CERTIFICATE_DAYS ? [`the certificate expires in ${days} days`] : [];
    },
  };
}

/** The gateway ends the connection, or answers 403. */
function clientCertificateCheck(target: Target): Check {
  return {
    name: 'a caller without a client certificate',
    expected: 'refused',
    async run() {
      const { access: _, certificate: __, ...others } = target;
      const withoutCertificate = new SmokeClient({ ...others, access: { auth: 'none' } }, () =>
        Promise.reject(),
      );
      try {
        const { status } = await withoutCertificate.send({ ...HARMLESS_REQUEST, authorization: '' });
        return status === 403 ? [] : [`the status is ${status}, but must be 403`];
      } catch {
        return [];
      } finally {
        withoutCertificate.close();
      }
    },
  };
}

function refusedCallers({ auth }: Access): [name: string, authorization: string][] {
  if (auth === 'none') return [];
  const forged = {
    iam: 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/execute-api/aws4_request, SignedHeaders=host, Signature=00',
    jwt: 'Bearer smoke.test.token',
    lambda: 'smoke.test.token',
  };
  return [
    ['a caller without credentials', ''],
    ['a caller with forged credentials', forged[auth]],
  ];
}

function logChecks(client: SmokeClient, logs: StackLogs): Check[] {
  return [
    {
      name: 'the log lines of a request',
      expected: 'found by its id',
      async run() {
        const since = Date.now() - 60_000;
        const { headers } = await client.send(HARMLESS_REQUEST);
        const requestId = String(headers['apigw-requestid']);
        let missing = logs.requestLogGroupNames;
        for (const deadline = Date.now() + MAX_LOG_DELAY_MS; Date.now() < deadline; await sleep(2_000)) {
          const lines = await logs.findRequest(requestId, since, missing);
          missing = missing.filter((name) => !lines.some(({ logGroupName }) => logGroupName === name));
          if (missing.length === 0) return [];
        }
        return missing.map((name) => `the line is missing in ${name}`);
      },
    },
    ...logs.queries.map((query) => ({
      name: `the saved query ${query.name}`,
      expected: 'accepted',
      async run() {
        const reason = await logs.run(query);
        return reason === undefined ? [] : [reason];
      },
    })),
  ];
}

/** An answer of the service itself. */
function byService(status: number, code: string, type = JSON_TYPE): [string, Comparison] {
  return [
    `${status} ${code}`,
    ({ status: actual, headers, body }) => {
      const id = headers['apigw-requestid'];
      const value = parse(body);
      const isRight = value?.code === code && value.success === false && value.request_id === id;
      return [
        ...compareStatus(actual, status),
        ...compareHeader(headers, 'content-type', `${type}; charset=utf-8`),
        ...compareHeader(headers, 'cache-control', 'no-store'),
        ...compareHeader(headers, 'x-content-type-options', 'nosniff'),
        ...(id === undefined ? ['the header apigw-requestid is missing'] : []),
        ...(isRight
          ? []
          : [`the body has ${describe(value)}, but must have code ${code} and the request's id`]),
      ];
    },
  ];
}

/** An answer of the gateway, such as `{"message":"Not Found"}`. */
function byGateway(status: number, message: string): [string, Comparison] {
  return [
    `${status} of the gateway`,
    ({ status: actual, body }) => {
      const value = parse(body);
      const isRight = value?.message === message && value.code === undefined;
      return [
        ...compareStatus(actual, status),
        ...(isRight ? [] : [`the body has ${describe(value)}, but must have message "${message}"`]),
      ];
    },
  ];
}

/** The authorizer's refusal, 401 or 403: AWS documents several texts, and a Lambda authorizer has both. */
function refusedByGateway(): [string, Comparison] {
  return [
    '401 or 403 of the gateway',
    ({ status, body }) => [
      ...(status === 401 || status === 403 ? [] : [`the status is ${status}, but must be 401 or 403`]),
      ...(parse(body)?.code === undefined ? [] : ['the service answered in place of the gateway']),
    ],
  ];
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/**
 * Says what a body holds, without its texts: a server may echo the caller's token or signature in any of them. Only
 * what has the form of a code, or of the gateway's messages, is shown.
 */
function describe(value: Record<string, unknown> | undefined | null): string {
  const { code, message } = value ?? {};
  if (typeof code === 'string' && /^[a-z_]{1,40}$/.test(code)) return `code ${code}`;
  if (typeof message === 'string' && /^[A-Za-z ]{1,60}$/.test(message)) return `message "${message}"`;
  return 'neither a code nor a short message';
}

function compareStatus(actual: number, expected: number): string[] {
  return actual === expected ? [] : [`the status is ${actual}, but must be ${expected}`];
}

/** The value that came is not shown: the server may have echoed it. */
function compareHeader(headers: SmokeAnswer['headers'], name: string, expected: string): string[] {
  if (headers[name] === expected) return [];
  return [
    `the header ${name} ${headers[name] === undefined ? 'is missing' : 'is another'}, but must be ${expected}`,
  ];
}

/**
 * Runs a check.
 *
 * @returns its differences. Where there is no answer, that is the one.
 */
export async function runCheck(check: Check): Promise<readonly string[]> {
  try {
    return await check.run();
  } catch (error) {
    if (error instanceof UserError) return [error.message.replace(/\.$/, '')];
    return [`there is no answer: ${networkReason(error)}`];
  }
}
