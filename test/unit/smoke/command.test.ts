import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../tools/smoke/command.ts';

const GATEWAY = 'https://abc.execute-api.eu-south-2.amazonaws.com';
const ROUTE = '/api/tt_cmd_connection/logout';

const target = (args: string, environment: NodeJS.ProcessEnv = {}) => {
  const command = parseCommand(args === '' ? [] : args.split(' '), environment);
  return 'target' in command ? command.target : command.help;
};

describe('what is checked', () => {
  test.each([
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    [`${GATEWAY}${ROUTE}`, GATEWAY],
  ])('--url %s', (url, origin) => {
    expect(target(`--url ${url}`)).toEqual({ origin, access: { auth: 'none' } });
  });

  test.each([
    ["the host name's region", `--url ${GATEWAY}`, { AWS_REGION: 'eu-west-1' }, 'eu-south-2'],
    ['the one given', `--url ${GATEWAY} --region eu-west-3`, {}, 'eu-west-3'],
    ['that of the environment', '--url https://pos.example', { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
    [
      'the older variable',
      '--url https://pos.example',
      { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-gov-west-1' },
      'us-gov-west-1',
    ],
  ])('--auth iam: %s', (_, args, environment, region) => {
    expect(target(`${args} --auth iam`, environment)).toMatchObject({ access: { auth: 'iam', region } });
  });

  test('--auth jwt: the token given, else that of the environment', () => {
    const access = (token: string) => ({ access: { auth: 'jwt', token } });
    const args = `--url ${GATEWAY} --auth jwt`;
    expect(target(args, { TOKEN: 'a.b.c' })).toMatchObject(access('a.b.c'));
    expect(target(`${args} --token d.e.f`, { TOKEN: 'a.b.c' })).toMatchObject(access('d.e.f'));
  });

  test('--cert and --key are read', () => {
    const file = fileURLToPath(import.meta.url);
    expect(target(`--url ${GATEWAY} --cert ${file} --key ${file}`)).toMatchObject({
      certificate: { cert: expect.stringContaining('--cert and --key'), key: expect.any(String) },
    });
  });

  test('--help', () => {
    expect(target('--help')).toMatch(/--url URL/);
  });
});

test.each([
  ['', /^--url is not given, but must be the URL to check, such as http/],
  [
    '--url pos.example',
    /^--url is "pos.example", but must be an http or https URL, alone or with the path \/api/,
  ],
  ['--url ftp://pos.example', /^--url is /],
  [`--url ${GATEWAY}/prod`, /^--url is /],
  [`--url ${GATEWAY}${ROUTE}/`, /^--url is /],
  [`--url ${GATEWAY}?x=1`, /^--url is /],
  ['--url https://me:secret@pos.example', /^--url is /],
  [`--url ${GATEWAY} --auth basic`, /^--auth is "basic", but may be iam, jwt or none\.$/],
  [
    `--url ${GATEWAY} --region eu-west-1`,
    /^--region is given with --auth none, but goes with --auth iam only\.$/,
  ],
  [
    `--url ${GATEWAY} --auth iam --token x`,
    /^--token is given with --auth iam, but goes with --auth jwt only\.$/,
  ],
  [
    `--url ${GATEWAY} --auth jwt`,
    /^The token is missing: with --auth jwt give --token, or the variable TOKEN\.$/,
  ],
  [`--url ${GATEWAY} --auth jwt --token a"b`, /^The token has characters that no token has/],
  ['--url https://pos.example --auth iam', /^The region is missing, and the host name does not tell it/],
  ['--url https://pos.example --auth iam --region Spain', /^The region is "Spain", but must be one of AWS/],
  [
    '--url http://pos.example --auth jwt --token a.b.c',
    /: credentials are only sent by https, so give a URL/,
  ],
  [`--url ${GATEWAY} --cert a.pem`, /^--cert and --key need each other/],
  [`--url ${GATEWAY} --cert /no.pem --key /no.key`, /^--cert is "\/no\.pem", which cannot be read: ENOENT/],
  [
    `--url ${GATEWAY} --verbose`,
    /^Unknown option '--verbose': `npm run smoke -- --help` lists what can be given\.$/,
  ],
  ['--url', /^Option '--url <value>' argument missing: `npm run smoke/],
  [`${GATEWAY}`, /^Unexpected argument '.*': `npm run smoke/],
])('refused with a sentence: %s', (args, sentence) => {
  expect(() => target(args)).toThrow(
    expect.objectContaining({ name: 'UserError', message: expect.stringMatching(sentence) }),
  );
});
