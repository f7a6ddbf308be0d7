import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { styleText } from 'node:util';
import { CloudWatchLogs, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { NONEXISTENT_ID } from '../../lambda/domain/connection.ts';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { HARMLESS_BODY } from '../../lambda/watch/harmless-request.ts';
import { sign } from '../../lambda/watch/sign.ts';
import { escapeControlCharacters, runCommand, UserError } from '../cli.ts';
import { findObstacles } from './table.ts';

const HELP = `Checks a deployed endpoint from outside, and changes nothing.

  npm run smoke -- --url URL --auth iam --stage prod
  npm run smoke -- --table NAME

  --url URL          the base URL or the whole one, as the output Url shows it
  --auth HOW         none (default), iam (signs with SigV4), or token (sends the
                     variable TOKEN as the header Authorization)
  --connect-to HOST  connects to this host, such as the output DnsTarget, where
                     DNS does not lead the name in the URL there yet
  --cert FILE        a client certificate, PEM, where mutual TLS is on
  --key FILE         its key
  --stage STAGE      finds a request's line in both logs of that stack, and runs
                     each saved query: CloudWatch must accept all of them
  --table NAME       names the items of this table that no terminal could log
                     out, and why. Reads 1,000 items at most
  --help             prints this

AWS credentials are those that the AWS SDK finds, and the region is that of the
host name, else AWS_REGION. Behind a proxy, set HTTPS_PROXY.
Exit code: 0 when all is right, else 1.`;

/** The gateway itself waits 30 s at most for the function. */
const RESPONSE_TIMEOUT_MS = 35_000;
/** CloudWatch shows a line within seconds; a new log group takes longer. */
const MAX_LOG_DELAY_MS = 90_000;

const OPTIONS = {
  url: { type: 'string' },
  auth: { type: 'string' },
  'connect-to': { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
  stage: { type: 'string' },
  table: { type: 'string' },
} as const;

type Values = Partial<Record<keyof typeof OPTIONS, string>>;
type Target = ReturnType<typeof readTarget>;

/** What differs from the harmless request. `authorization` is sent in place of the caller's own; empty: none is. */
type SmokeRequest = Partial<Record<'method' | 'path' | 'contentType' | 'body' | 'authorization', string>>;

/** What is sent, and what must come back: of the service with this code, or of the gateway. */
type Check = readonly [name: string, request: SmokeRequest, statuses: readonly number[], code?: string];

const FORM_REQUEST = { contentType: 'application/x-www-form-urlencoded', body: `id=${NONEXISTENT_ID}` };

/** What only a deployment can respond: what is behind the function, and the gateway. */
const CHECKS: readonly Check[] = [
  ['the function, its permission, the table', {}, [404], 'connection_not_found'],
  ['a form', FORM_REQUEST, [404], 'connection_not_found'],
  ['text/json', { contentType: 'text/json' }, [404], 'connection_not_found'],
  ['a body of 64 KiB', { body: HARMLESS_BODY.padEnd(65_536) }, [404], 'connection_not_found'],
  ['a body of one byte more', { body: HARMLESS_BODY.padEnd(65_537) }, [413], 'body_too_large'],
  ['another method', { method: 'POST' }, [404]],
  ['a slash at the end of the path', { path: `${ROUTE_PATH}/` }, [404]],
  // Where callers are authenticated. AWS documents both statuses, and a Lambda authorizer has both.
  ['a caller without credentials', { authorization: '' }, [401, 403]],
  ['a caller with a forged token', { authorization: 'Bearer smoke.test.token' }, [401, 403]],
];

/** `npm run smoke`. */
export const smokeCommand = {
  name: 'npm run smoke',
  help: HELP,
  options: OPTIONS,
  async run(values: Values): Promise<number> {
    const target = readTarget(values);
    const { url, table, stage } = values;
    let wrong = 0;
    const report: Report = (name, difference) => {
      const mark = difference === undefined ? styleText('green', '✓') : styleText('red', '✗');
      console.log(`${mark} ${escapeControlCharacters(name)}`);
      if (difference === undefined) return;
      wrong++;
      console.log(styleText('red', `    ${escapeControlCharacters(difference).slice(0, 600)}`));
    };
    if (url !== undefined) await checkEndpoint(target, report);
    if (url !== undefined && stage !== undefined) await checkLogs(target, stage, report);
    if (table !== undefined) await checkTable(target, table, report);
    console.log(wrong === 0 ? styleText('green', '\nAll is right.') : styleText('red', `\nWrong: ${wrong}.`));
    return wrong === 0 ? 0 : 1;
  },
} as const;

/** Prints the result of a check. @param difference a sentence; undefined where all is right. */
type Report = (name: string, difference: string | undefined) => void;

/** @throws {UserError} a sentence about the first value that is wrong. */
function readTarget({ url: given, auth = 'none', cert, key, table, stage, 'connect-to': connectTo }: Values) {
  if (given === undefined && table === undefined) {
    throw new UserError('Give --url, such as http://127.0.0.1:3000, or --table with the name of a table.');
  }
  const url = URL.parse(given ?? 'http://127.0.0.1');
  if (!url || !/^https?:$/.test(url.protocol) || !['/', ROUTE_PATH].includes(url.pathname)) {
    throw new UserError(`--url must be an http or https URL, alone or with the path ${ROUTE_PATH}.`);
  }
  if (!['iam', 'token', 'none'].includes(auth)) {
    throw new UserError(`--auth is "${auth}", but may be iam, token or none.`);
  }
  if (auth === 'token' && !process.env.TOKEN) {
    throw new UserError('--auth token sends the variable TOKEN, which is not set.');
  }
  if (auth !== 'none' && url.protocol === 'http:' && !/^(localhost|127\..*)$/.test(url.hostname)) {
    throw new UserError('Credentials are only sent by https: give an https URL, or --auth none.');
  }
  if ((cert === undefined) !== (key === undefined)) throw new UserError('--cert and --key need each other.');
  // The domain behind the region differs by partition.
  const [, hostRegion] = /\.execute-api\.([a-z0-9-]+)\./.exec(url.hostname) ?? [];
  const { AWS_REGION, AWS_DEFAULT_REGION } = process.env;
  const region = hostRegion || AWS_REGION || AWS_DEFAULT_REGION || '';
  if (region === '' && (auth === 'iam' || stage !== undefined || table !== undefined)) {
    throw new UserError('The region is missing: set the variable AWS_REGION.');
  }
  const pem = { ...(cert && { cert: readPem(cert) }), ...(key && { key: readPem(key) }) };
  const options = { keepAlive: true, proxyEnv: process.env, ...pem };
  const agent = url.protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
  return { origin: url.origin, auth, region, connectTo, agent };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`--cert or --key cannot be read: ${(error as Error).message}.`);
  }
}

async function checkEndpoint(target: Target, report: Report): Promise<void> {
  console.log(styleText('bold', `PUT ${target.origin}${ROUTE_PATH}`));
  await send(target, {}).catch((error) => explain(error, `reach ${target.origin}`));
  for (const [name, request, statuses, code] of CHECKS) {
    if (target.auth === 'none' && request.authorization !== undefined) continue;
    const expected = `${statuses.join(' or ')} ${code ?? 'of the gateway'}`;
    const describeFailure = (error: Error) => ({ status: error.message, code: undefined });
    const { status, code: found } = await send(target, request).catch(describeFailure);
    const isRight = statuses.includes(Number(status)) && found === code;
    // The body is not shown: a server may echo the caller's token or signature.
    report(`${name}: ${expected}`, isRight ? undefined : `It is ${status} ${found ?? ''}.`);
  }
}

/** @returns the status, the gateway's request id, and the code of a response of the service, which holds that id. */
async function send(target: Target, request: SmokeRequest) {
  const { method = 'PUT', path = ROUTE_PATH, body = HARMLESS_BODY } = request;
  const url = new URL(path, target.origin);
  const headers = { 'content-type': request.contentType ?? 'application/json' };
  const authorization = request.authorization ?? (target.auth === 'token' ? process.env.TOKEN : '');
  const isSigned = target.auth === 'iam' && request.authorization === undefined;
  const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
    method,
    agent: target.agent,
    signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS),
    ...(target.connectTo && { hostname: target.connectTo, servername: url.hostname }),
    headers: {
      ...(isSigned
        ? await sign({ method, url, headers, body }, await defaultProvider()(), target.region)
        : { ...headers, host: url.host, ...(authorization && { authorization }) }),
      'content-length': Buffer.byteLength(body),
    },
  });
  outgoing.end(body);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const requestId = incoming.headers['apigw-requestid'];
  const [, code, id] = /"code":"([a-z_]{1,40})",.*"request_id":"([^"]*)"/.exec(await text(incoming)) ?? [];
  return { status: incoming.statusCode, requestId, code: id === requestId ? code : undefined };
}

/** Finds the logs by the saved queries, which name them. */
async function checkLogs(target: Target, stage: string, report: Report): Promise<void> {
  const logs = new CloudWatchLogs(createClientConfig(target));
  const folder = `connection-logout-${stage}/`;
  const { queryDefinitions: queries = [] } = await logs
    .describeQueryDefinitions({ queryDefinitionNamePrefix: folder, maxResults: 1_000 })
    .catch((error) => explain(error, 'list the saved queries of the stack'));
  const oneRequest = queries.find(({ name }) => name === `${folder}one-request`);
  if (oneRequest === undefined) {
    throw new UserError(`There are no saved queries of connection-logout-${stage} in ${target.region}.`);
  }
  const { requestId } = await send(target, {});
  const filterPattern = `{ $.request_id = ${JSON.stringify(requestId)} }`;
  for (const logGroupName of oneRequest.logGroupNames ?? []) {
    const search = { logGroupName, startTime: Date.now() - 300_000, filterPattern };
    const isThere = await hasEvents(logs, search).catch((error) => explain(error, `search ${logGroupName}`));
    report(`a request's line in ${logGroupName}`, isThere ? undefined : 'It is not there: look at DNS.');
  }
  const endTime = Math.floor(Date.now() / 1_000);
  for (const { name, queryString, logGroupNames } of queries) {
    const query = { queryString, logGroupNames, startTime: endTime - 3_600, endTime };
    const refusal = await logs.startQuery(query).then(
      () => undefined,
      (error: Error) => `${error.name}: ${error.message}`,
    );
    report(`the saved query ${name}`, refusal);
  }
}

type LogSearch = Parameters<typeof paginateFilterLogEvents>[1];

/** Waits for a line. All pages are read: one may be empty though the next one is not. */
async function hasEvents(client: CloudWatchLogs, search: LogSearch): Promise<boolean> {
  const deadline = Date.now() + MAX_LOG_DELAY_MS;
  do {
    for await (const { events = [] } of paginateFilterLogEvents({ client }, search)) {
      if (events.length > 0) return true;
    }
    await sleep(2_000);
  } while (Date.now() < deadline);
  return false;
}

async function checkTable(target: Target, tableName: string, report: Report): Promise<void> {
  const client = new DynamoDBClient(createClientConfig(target));
  const { Items: items = [] } = await client
    .send(new ScanCommand({ TableName: tableName, Limit: 1_000 }))
    .catch((error) => explain(error, `read ${tableName}`));
  console.log(styleText('bold', `${items.length} items of ${tableName}`));
  for (const item of items) {
    const obstacles = findObstacles(item, Date.now());
    const id = item.id?.S ?? JSON.stringify(item.id);
    if (obstacles.length > 0) report(`the item ${id}`, obstacles.join(' '));
  }
  report('each item that is not named is logged out, or a terminal can log it out', undefined);
}

/** A client that goes through the proxy that the requests go through. */
function createClientConfig({ region }: Target) {
  return { region, requestHandler: { httpsAgent: new https.Agent({ proxyEnv: process.env }) } };
}

/** @throws {UserError} a sentence on what failed. */
function explain(error: Error, action: string): never {
  const hint = error.name === 'CredentialsProviderError' ? ' Set AWS_PROFILE, or AWS_ACCESS_KEY_ID.' : '';
  const message = escapeControlCharacters(error.message || String((error as AggregateError).errors));
  throw new UserError(`It was not possible to ${action}: ${error.name}: ${message}.${hint}`);
}

if (import.meta.main) await runCommand(smokeCommand);
