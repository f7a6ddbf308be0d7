import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseArguments } from '../../../tools/cli.ts';
import { readTarget, TARGET_OPTIONS } from '../../../tools/smoke/target.ts';

const GATEWAY = 'https://abc.execute-api.eu-south-2.amazonaws.com';
const ROUTE = '/api/tt_cmd_connection/logout';

function target(args: string, environment: NodeJS.ProcessEnv = {}) {
  const parsed = parseArguments({ name: 'npm run smoke', options: TARGET_OPTIONS }, args.split(' '));
  if (parsed === 'help') throw new Error('Help was asked for.');
  return readTarget(parsed.values, environment);
}

describe('readTarget', () => {
  test.each([
    ['http://127.0.0.1:3000', 'http://127.0.0.1:3000'],
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    [`${GATEWAY}${ROUTE}`, GATEWAY],
  ])('takes the origin of --url %s', (url, origin) => {
    expect(target(`--url ${url}`)).toMatchObject({ origin, access: { auth: 'none' } });
  });

  test.each([
    ['eu-south-2', 'amazonaws.com'],
    ['us-gov-west-1', 'amazonaws.com'],
    ['cn-north-1', 'amazonaws.com.cn'],
    ['eusc-de-east-1', 'amazonaws.eu'],
    ['us-iso-east-1', 'c2s.ic.gov'],
    ['us-isob-east-1', 'sc2s.sgov.gov'],
    ['eu-isoe-west-1', 'cloud.adc-e.uk'],
    ['us-isof-south-1', 'csp.hci.ic.gov'],
  ])('takes the region %s of a host name below %s', (region, domain) => {
    const url = `https://abc123.execute-api.${region}.${domain}`;
    expect(target(`--url ${url} --auth iam`)).toMatchObject({ access: { auth: 'iam', region } });
    expect(target(`--url https://pos.example --auth iam --region ${region}`)).toMatchObject({ region });
  });

  test.each([
    ['the one given', `--url ${GATEWAY} --region eu-west-3`, {}, 'eu-west-3'],
    ['AWS_REGION', '--url https://pos.example', { AWS_REGION: 'eu-west-1' }, 'eu-west-1'],
    [
      'AWS_DEFAULT_REGION where AWS_REGION is empty',
      '--url https://pos.example',
      { AWS_REGION: '', AWS_DEFAULT_REGION: 'us-gov-west-1' },
      'us-gov-west-1',
    ],
  ])('with --auth iam takes as region %s', (_, args, environment, region) => {
    expect(target(`${args} --auth iam`, environment)).toMatchObject({ access: { auth: 'iam', region } });
  });

  test('with --auth jwt takes the token given, else that of the environment', () => {
    const access = (token: string) => ({ access: { auth: 'jwt', token } });
    const args = `--url ${GATEWAY} --auth jwt`;
    expect(target(args, { TOKEN: 'a.b.c' })).toMatchObject(access('a.b.c'));
    expect(target(`${args} --token d.e.f`, { TOKEN: 'a.b.c' })).toMatchObject(access('d.e.f'));
  });

  test('reads the files of --cert and --key', () => {
    const file = fileURLToPath(import.meta.url);
    expect(target(`--url ${GATEWAY} --cert ${file} --key ${file}`)).toMatchObject({
      certificate: { cert: expect.stringContaining('--cert and --key'), key: expect.any(String) },
    });
  });
});

test.each([
  ['--auth none', /^--url is missing: give the URL to check, such as http/],
  [
    '--url pos.example',
    /^--url is "pos.example", but must be an http or https URL, alone or with the path \/api/,
  ],
  ['--url ftp://pos.example', /^--url is /],
  [`--url ${GATEWAY}/prod`, /^--url is /],
  [`--url ${GATEWAY}${ROUTE}/`, /^--url is /],
  [`--url ${GATEWAY}?x=1`, /^--url is /],
  ['--url https://me:secret@pos.example', /^--url must be (?!.*secret)/],
  [`--url ${GATEWAY} --auth basic`, /^--auth is "basic", but may be iam, jwt, lambda or none\.$/],
  [
    `--url ${GATEWAY} --auth iam --token x`,
    /^--token is given with --auth iam, but goes with --auth jwt or lambda only\.$/,
  ],
  [
    `--url ${GATEWAY} --auth jwt`,
    /^The token is missing: with --auth jwt give --token, or the variable TOKEN\.$/,
  ],
  [`--url ${GATEWAY} --auth jwt --token a"b`, /^The token has characters that a token cannot have/],
  ['--url https://pos.example --auth iam', /^The region is missing, and the host name does not hold it/],
  ['--url https://pos.example --auth iam --region Spain', /^The region is "Spain", but must be one of AWS/],
  [
    '--url http://pos.example --auth jwt --token a.b.c',
    /credentials are only sent by https: give an https URL/,
  ],
  [`--url ${GATEWAY} --cert a.pem`, /^--cert and --key need each other/],
  [`--url ${GATEWAY} --cert /no.pem --key /no.key`, /^--cert is "\/no\.pem", which cannot be read: ENOENT/],
])('readTarget refuses %s with a sentence', (args, sentence) => {
  expect(() => target(args)).toThrow(
    expect.objectContaining({ name: 'UserError', message: expect.stringMatching(sentence) }),
  );
});
