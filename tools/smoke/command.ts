import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ROUTE_PATH } from '../../lambda/watch/harmless-request.ts';
import { UserError } from '../cli.ts';

const HELP = `Checks an endpoint against the contract, without leaving a trace in the table.

  npm run smoke -- --url URL                               a local endpoint, or one that is open
  npm run smoke -- --url URL --auth iam --region REGION    signs with SigV4
  npm run smoke -- --url URL --auth jwt --token TOKEN      shows a token
  npm run smoke -- --help                                  prints this

Options:
  --url URL        the base URL, or that of the whole route, as the stack's output Url prints it
  --auth HOW       iam, jwt or none (default none)
  --region REGION  with --auth iam: where the API is (default: what the host name says, else AWS_REGION)
  --token TOKEN    with --auth jwt: the token (default: the variable TOKEN, which other users of this machine
                   cannot see)
  --cert FILE --key FILE   a client certificate and its key, PEM, where mutual TLS is on

With --auth iam the credentials are those that the AWS SDK finds: from variables, profiles, SSO or a role.

It sends some 40 requests. No connection can have the id that they ask for, and the other fields that they give
can belong to none, so nothing is written. The requests are seen in logs and metrics as any others, and are too
few to raise the alarm on refusals.

Exit code: 0 when all is as the contract says, 1 when something differs, 2 when nothing was checked: wrong
arguments, no credentials, or nothing that answers at the URL.`;

/** How the endpoint lets callers in, and what is needed for it. */
export type Access =
  | { readonly auth: 'none' }
  | { readonly auth: 'jwt'; readonly token: string }
  | { readonly auth: 'iam'; readonly region: string };

/** What is checked. */
export interface Target {
  /** Scheme, host and port, without a path. */
  readonly origin: string;
  readonly access: Access;
  /** A client certificate and its key, PEM. */
  readonly certificate?: { readonly cert: string; readonly key: string };
}

/** What the person asked for: help, or a check. */
export type Command = { readonly help: string } | { readonly target: Target };

/**
 * Reads arguments and environment variables. An empty variable counts as not set.
 *
 * @param args what follows the script's name.
 * @param environment the environment variables.
 * @throws {UserError} a sentence about the first that is wrong.
 */
export function parseCommand(args: readonly string[], environment: NodeJS.ProcessEnv): Command {
  const values = parse(args);
  if (values.help === true) return { help: HELP };
  const url = endpoint(values.url);
  const access = accessOf(values, url, environment);
  if (access.auth !== 'none' && url.protocol === 'http:' && !isThisMachine(url.hostname)) {
    throw new UserError(
      `--url is "${url.href}": credentials are only sent by https, so give a URL that begins so, or --auth none.`,
    );
  }
  const certificate = certificateOf(values);
  return { target: { origin: url.origin, access, ...(certificate && { certificate }) } };
}

type Values = Partial<Record<'url' | 'auth' | 'region' | 'token' | 'cert' | 'key', string>> & {
  readonly help?: boolean;
};

function parse(args: readonly string[]): Values {
  const text = { type: 'string' } as const;
  try {
    const options = {
      url: text,
      auth: text,
      region: text,
      token: text,
      cert: text,
      key: text,
      help: { type: 'boolean' },
    } as const;
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\. |\n/);
    throw new UserError(`${sentence}: \`npm run smoke -- --help\` lists what can be given.`);
  }
}

function endpoint(text: string | undefined): URL {
  if (text === undefined) {
    throw new UserError(
      '--url is not given, but must be the URL to check, such as http://127.0.0.1:3000: `npm run smoke -- --help` tells more.',
    );
  }
  const url = URL.parse(text);
  const isBare = url !== null && `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (!isBare || !/^https?:$/.test(url.protocol) || !['/', ROUTE_PATH].includes(url.pathname)) {
    throw new UserError(
      `--url is "${text}", but must be an http or https URL, alone or with the path ${ROUTE_PATH}, and nothing behind it.`,
    );
  }
  return url;
}

function accessOf(values: Values, url: URL, environment: NodeJS.ProcessEnv): Access {
  const { auth = 'none', region, token } = values;
  if (auth !== 'iam' && auth !== 'jwt' && auth !== 'none') {
    throw new UserError(`--auth is "${auth}", but may be iam, jwt or none.`);
  }
  if (region !== undefined && auth !== 'iam') {
    throw new UserError(`--region is given with --auth ${auth}, but goes with --auth iam only.`);
  }
  if (token !== undefined && auth !== 'jwt') {
    throw new UserError(`--token is given with --auth ${auth}, but goes with --auth jwt only.`);
  }
  if (auth === 'none') return { auth };
  return auth === 'jwt'
    ? { auth, token: tokenOf(token ?? environment.TOKEN) }
    : { auth, region: regionOf(region, url, environment) };
}

function tokenOf(token: string | undefined): string {
  // What a header can carry as a token. The token itself is not shown: it may be a good one in bad company.
  if (token === undefined || !/^[A-Za-z0-9._~+/=-]+$/.test(token)) {
    throw new UserError(
      `The token ${token ? 'has characters that no token has' : 'is missing'}: with --auth jwt give --token, or the variable TOKEN.`,
    );
  }
  return token;
}

function regionOf(given: string | undefined, url: URL, environment: NodeJS.ProcessEnv): string {
  const [, ofHost] = /\.execute-api\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/.exec(url.hostname) ?? [];
  const region = given ?? ofHost ?? (environment.AWS_REGION || environment.AWS_DEFAULT_REGION);
  if (!region) {
    throw new UserError(
      'The region is missing, and the host name does not tell it: with --auth iam give --region, or the variable AWS_REGION.',
    );
  }
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    throw new UserError(`The region is "${region}", but must be one of AWS, such as eu-west-1.`);
  }
  return region;
}

function certificateOf({ cert, key }: Values): Target['certificate'] {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw new UserError(
      '--cert and --key need each other: a client certificate is of no use without its key.',
    );
  }
  return { cert: read('--cert', cert), key: read('--key', key) };
}

function read(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${option} is "${file}", which cannot be read: ${(error as Error).message}.`);
  }
}

const isThisMachine = (host: string) => host === 'localhost' || host === '[::1]' || host.startsWith('127.');
