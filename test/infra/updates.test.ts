import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../infra/settings.ts';
import {
  domain,
  existingTable,
  jwt,
  lambda,
  mutualTls,
  type Resource,
  resources,
  synthTemplate,
  writeValue,
} from './synth.ts';

type SettingValues = Readonly<Record<string, unknown>>;

const PLACE = { region: 'eu-west-1', account: '123456789012' };

/** What may change on a live stage, several settings at a time: templates before and after. */
const CHANGES: readonly (readonly [before: SettingValues, after: SettingValues])[] = [
  [
    { alarmEmail: 'on-call@example.com' },
    {
      alarmEmail: 'night@example.com',
      production: false,
      timeZone: 'Europe/Madrid',
      pageTopicArn: 'arn:aws:sns:eu-west-1:123456789012:pager',
      probe: false,
      runbookUrl: 'https://wiki.example.com/logout',
      throttleRate: 7,
      throttleBurst: 7,
      reservedConcurrency: 7,
      logRetentionDays: 7,
      logCaller: true,
      rollout: 'allAtOnce',
      tableName: 'login-connections',
    },
  ],
  [{}, { auth: 'none' }],
  [{}, { ...jwt, jwtScopes: 'logout' }],
  [jwt, { ...jwt, jwtIssuer: 'https://other.example.com/', jwtAudience: 'kiosks', jwtScopes: 'logout' }],
  [jwt, lambda],
  [lambda, { ...lambda, authorizerArn: `${lambda.authorizerArn}2` }],
  [domain, { ...domain, domainName: 'api.example.com' }],
  [domain, { ...mutualTls, certificateArn: `${domain.certificateArn}2` }],
  [
    mutualTls,
    {
      ...mutualTls,
      truststoreUri: 's3://trust/new.pem',
      certificateSubject: 'terminal_id',
      ownershipCertificateArn: domain.certificateArn,
    },
  ],
  [{ tableName: 'login-connections' }, existingTable],
  [existingTable, { ...existingTable, tableName: 'other-connections' }],
  [{}, PLACE],
];

test('every setting is changed by one of the changes, but the stage, which is another stack', () => {
  const changed = CHANGES.flatMap(([before, after]) =>
    Object.keys(after).filter((name) => before[name] !== after[name]),
  );
  const names = Object.keys(SETTINGS.shape).filter((name) => name !== 'stage');
  expect([...new Set(changed)].toSorted()).toEqual(names.toSorted());
});

/** By the type of a resource, the properties that CloudFormation cannot change: it replaces the resource. */
const createOnly = readSchemas();

/** CloudFormation's own schemas, as the CDK command line brings them for `cdk diff`. */
function readSchemas(): Map<string, string[]> {
  const folder = dirname(createRequire(import.meta.url).resolve('aws-cdk/package.json'));
  const { schema } = JSON.parse(gunzipSync(readFileSync(join(folder, 'db.json.gz'))).toString());
  const types: { cloudFormationType: string; properties: Record<string, { causesReplacement?: string }> }[] =
    schema.resource.entities;
  return new Map(
    types.map(({ cloudFormationType, properties }) => [
      cloudFormationType,
      Object.keys(properties).filter((name) => (properties[name]?.causesReplacement ?? 'no') !== 'no'),
    ]),
  );
}

/** Writes a property as it is in the account and the region that {@link CHANGES} name. */
const writeInPlace = (value: unknown) =>
  writeValue(value)
    .replaceAll('<AWS::AccountId>', PLACE.account)
    .replaceAll('<AWS::Region>', PLACE.region)
    .replaceAll('<AWS::Partition>', 'aws');

/** The create-only properties that differ in resources of the same logical id. */
function findReplacements(before: Record<string, Resource>, after: Record<string, Resource>): string[] {
  return Object.entries(before).flatMap(([id, { Type, Properties: old }]) => {
    const changed = after[id]?.Properties;
    if (changed === undefined) return [];
    return (createOnly.get(Type) ?? [])
      .filter((name) => writeInPlace(old[name]) !== writeInPlace(changed[name]))
      .map((name) => `${Type} ${name}`);
  });
}

test('the schemas name the create-only properties of a domain and of a subscription', () => {
  expect(createOnly.get('AWS::ApiGatewayV2::DomainName')).toEqual(['DomainName']);
  expect(createOnly.get('AWS::SNS::Subscription')).toEqual(expect.arrayContaining(['Endpoint', 'Protocol']));
});

test.each(CHANGES)(
  'from %j to %j no resource is replaced in place: what cannot be changed is another resource beside the one before',
  (before, after) => {
    const replacements = findReplacements(resources(synthTemplate(before)), resources(synthTemplate(after)));
    expect(replacements).toEqual([]);
  },
);

test('a change of rollout deletes and creates no resource', () => {
  const ids = [{}, { rollout: 'allAtOnce' }].map((set) => Object.keys(resources(synthTemplate(set))));
  expect(ids[1]).toEqual(ids[0]);
});
