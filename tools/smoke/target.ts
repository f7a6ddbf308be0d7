import { readFileSync } from 'node:fs';
import { ROUTE_PATH } from '../../lambda/http/event.ts';
import { UserError } from '../cli.ts';

/** How the endpoint lets callers in, and what is needed for it. */
export type Access =
  | { readonly auth: 'none' }
  | { readonly auth: 'jwt' | 'lambda'; readonly token: string }
  | { readonly auth: 'iam'; readonly region: string };

/** What is checked. */
export interface Target {
  /** Scheme, host and port, without a path. */
  readonly origin: string;
  readonly access: Access;
  /** The stack's region: as given, or of the host name, or of the environment. */
  readonly region: string | undefined;
  /** A client certificate and its key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string } | undefined;
}

/** The options of the command that say what is checked. */
export const TARGET_OPTIONS = {
  url: { type: 'string' },
  auth: { type: 'string' },
  region: { type: 'string' },
  token: { type: 'string' },
  cert: { type: 'string' },
  key: { type: 'string' },
} as const;

type Values = Partial<Record<keyof typeof TARGET_OPTIONS, string | undefined>>;

/**
 * Reads what is to be checked.
 *
 * @param values the values of the options.
 * @param environment the environment variables. An empty one counts as not set.
 * @throws {UserError} a sentence about the first value that is wrong.
 */
export function readTarget(values: Values, environment: NodeJS.ProcessEnv): Target {
  const url = readUrl(values.url);
  const region = readRegion(values.region, url, environment);
  const access = readAccess(values, region, environment);
  if (access.auth !== 'none' && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new UserError(
      `--url is "${url.href}", but credentials are only sent by https: give an https URL, or --auth none.`,
    );
  }
  return { origin: url.origin, access, region, certificate: readCertificate(values) };
}

function readUrl(text: string | undefined): URL {
  if (text === undefined) {
    throw new UserError('--url is missing: give the URL to check, such as http://127.0.0.1:3000.');
  }
  const url = URL.parse(text);
  const isBare = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!isBare || !/^https?:$/.test(url.protocol) || !['/', ROUTE_PATH].includes(url.pathname)) {
    throw new UserError(
      `--url ${text.includes('@') ? '' : `is "${text}", but `}must be an http or https URL, alone or with the path ${ROUTE_PATH}, without user, query or fragment.`,
    );
  }
  return url;
}

function readAccess(values: Values, region: string | undefined, environment: NodeJS.ProcessEnv): Access {
  const { auth = 'none', token } = values;
  if (auth !== 'iam' && auth !== 'jwt' && auth !== 'lambda' && auth !== 'none') {
    throw new UserError(`--auth is "${auth}", but may be iam, jwt, lambda or none.`);
  }
  if (token !== undefined && auth !== 'jwt' && auth !== 'lambda') {
    throw new UserError(`--token is given with --auth ${auth}, but goes with --auth jwt or lambda only.`);
  }
  if (auth === 'none') return { auth };
  if (auth !== 'iam') return { auth, token: readToken(token ?? environment.TOKEN, auth) };
  if (region === undefined) {
    throw new UserError(
      'The region is missing, and the host name does not hold it: with --auth iam give --region, or the variable AWS_REGION.',
    );
  }
  return { auth, region };
}

/** The token is not shown: it may be a good one. */
function readToken(token: string | undefined, auth: string): string {
  if (token === undefined || !/^[A-Za-z0-9._~+/=-]+$/.test(token)) {
    throw new UserError(
      `The token ${token ? 'has characters that a token cannot have' : 'is missing'}: with --auth ${auth} give --token, or the variable TOKEN.`,
    );
  }
  return token;
}

function readRegion(
  given: string | undefined,
  url: URL,
  { AWS_REGION, AWS_DEFAULT_REGION }: NodeJS.ProcessEnv,
): string | undefined {
  // The domain behind the region differs by partition: amazonaws.com, amazonaws.com.cn, amazonaws.eu, c2s.ic.gov …
  const [, hostRegion] = /\.execute-api\.([a-z0-9-]+)\./.exec(url.hostname) ?? [];
  const region = given ?? hostRegion ?? (AWS_REGION || AWS_DEFAULT_REGION || undefined);
  if (region !== undefined && !/^[a-z]+(-[a-z]+)+-\d+$/.test(region)) {
    throw new UserError(`The region is "${region}", but must be one of AWS, such as eu-west-1.`);
  }
  return region;
}

function readCertificate({ cert, key }: Values): Target['certificate'] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UserError('--cert and --key need each other: give both.');
  }
  return { cert: readFile('--cert', cert), key: readFile('--key', key) };
}

function readFile(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${option} is "${file}", which cannot be read: ${(error as Error).message}.`);
  }
}

const isLoopback = (host: string) => host === 'localhost' || host === '[::1]' || host.startsWith('127.');
