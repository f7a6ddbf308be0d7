import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Name } from '../../infra/settings.ts';
import {
  domain,
  existingTable,
  jwt,
  lambda,
  mutualTls,
  type Resource,
  resources,
  synthTemplate,
} from './synth.ts';

type Set = Record<string, unknown>;

/** For every setting but the stage, which is another stack, a template before and after a change of it. */
const changes = {
  production: [{}, { production: false }],
  auth: [{}, { auth: 'none' }],
  jwtIssuer: [jwt, { ...jwt, jwtIssuer: 'https://other.example.com/' }],
  jwtAudience: [jwt, { ...jwt, jwtAudience: 'kiosks' }],
  jwtScopes: [jwt, { ...jwt, jwtScopes: 'logout' }],
  authorizerArn: [lambda, { ...lambda, authorizerArn: `${lambda.authorizerArn}2` }],
  domainName: [domain, { ...domain, domainName: 'api.example.com' }],
  certificateArn: [domain, { ...domain, certificateArn: `${domain.certificateArn}2` }],
  truststoreUri: [domain, mutualTls],
  certificateSubject: [mutualTls, { ...mutualTls, certificateSubject: 'terminal_id' }],
  ownershipCertificateArn: [mutualTls, { ...mutualTls, ownershipCertificateArn: domain.certificateArn }],
  tableName: [{}, { tableName: 'login-connections' }],
  tableKeyArn: [{ tableName: existingTable.tableName }, existingTable],
  timeZone: [{}, { timeZone: 'Europe/Madrid' }],
  alarmEmail: [{ alarmEmail: 'on-call@example.com' }, { alarmEmail: 'night@example.com' }],
  pageTopicArn: [{}, { pageTopicArn: 'arn:aws:sns:eu-west-1:123456789012:pager' }],
  probe: [{}, { probe: false }],
  runbookUrl: [{}, { runbookUrl: 'https://wiki.example.com/logout' }],
  throttleRate: [{}, { throttleRate: 7 }],
  throttleBurst: [{}, { throttleBurst: 7 }],
  reservedConcurrency: [{}, { reservedConcurrency: 7 }],
  logRetentionDays: [{}, { logRetentionDays: 7 }],
  logCaller: [{}, { logCaller: true }],
  fipsEndpoint: [{}, { fipsEndpoint: true }],
  dualstackEndpoint: [{}, { dualstackEndpoint: true }],
  rollout: [{}, { rollout: 'allAtOnce' }],
} satisfies Record<Exclude<Name, 'stage'>, [before: Set, after: Set]>;

/** More changes between kinds of callers, which share resources. */
const otherChanges: readonly [string, [before: Set, after: Set]][] = [
  ['auth from jwt to lambda', [jwt, lambda]],
  ['auth from iam to jwt', [{}, jwt]],
  ['tableName to another table', [existingTable, { ...existingTable, tableName: 'other-connections' }]],
  ['truststoreUri to another file', [mutualTls, { ...mutualTls, truststoreUri: 's3://trust/new.pem' }]],
];

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

/** The create-only properties that differ in resources of the same logical id. */
function replacements(before: Record<string, Resource>, after: Record<string, Resource>): string[] {
  return Object.entries(before).flatMap(([id, { Type, Properties: old }]) => {
    const changed = after[id]?.Properties;
    if (changed === undefined) return [];
    return (createOnly.get(Type) ?? [])
      .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(changed[name]))
      .map((name) => `${Type} ${name}`);
  });
}

test('the schemas name the create-only properties of a domain and of a subscription', () => {
  expect(createOnly.get('AWS::ApiGatewayV2::DomainName')).toEqual(['DomainName']);
  expect(createOnly.get('AWS::SNS::Subscription')).toEqual(expect.arrayContaining(['Endpoint', 'Protocol']));
});

test.each([...Object.entries(changes), ...otherChanges])(
  'a change of %s replaces no resource in place: what cannot be changed is another resource, beside the one before',
  (_, [before, after]) => {
    const [old, changed] = [before, after].map((set) => resources(synthTemplate(set)));
    expect(replacements(old ?? {}, changed ?? {})).toEqual([]);
  },
);

/** Types whose names are one for all regions of an account, and the properties that hold them. */
const GLOBAL_NAMES: Readonly<Record<string, string>> = {
  'AWS::CloudWatch::Dashboard': 'DashboardName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::User': 'UserName',
  'AWS::S3::Bucket': 'BucketName',
};

test('a name that is global to the account holds the region, so that a stage can be deployed in two regions', () => {
  const all = Object.values(resources(synthTemplate({ ...mutualTls, ...jwt })));
  const named = all.filter(({ Type, Properties }) => Properties[GLOBAL_NAMES[Type] ?? ''] !== undefined);
  expect(named.map(({ Type }) => Type)).toContain('AWS::CloudWatch::Dashboard');
  for (const { Type, Properties } of named) {
    expect(JSON.stringify(Properties[GLOBAL_NAMES[Type] ?? '']), Type).toContain('{"Ref":"AWS::Region"}');
  }
});
