import { FileSystem } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { Document, isCollection, visit } from 'yaml';
import { FUNCTION_FOLDER, WATCH_FOLDER } from '../../infra/bundle.ts';
import { domain, existingTable, jwt, lambda, mutualTls, synthStack, writeValue } from './synth.ts';

type Values = Readonly<Record<string, unknown>>;

const runbookUrl = 'https://wiki.example.com/logout';
const alarmEmail = 'on-call@example.com';

/**
 * Together they hold every kind of caller, table, domain, stage and rollout, and each setting that shows. The file of
 * `prod-jwt` is its whole template, the others hold what differs from it.
 */
const CONFIGURATIONS = {
  'prod-jwt': {
    stage: 'prod',
    ...jwt,
    jwtAudience: 'terminals,kiosks',
    jwtScopes: 'logout,admin',
    ...domain,
    runbookUrl,
  },
  'prod-iam': {
    stage: 'prod',
    ...existingTable,
    timeZone: 'Europe/Madrid',
    alarmEmail,
    pageTopicArn: 'arn:aws:sns:eu-west-1:123456789012:pager',
    runbookUrl,
    throttleRate: 20,
    throttleBurst: 40,
    reservedConcurrency: 30,
    logRetentionDays: 30,
    logCaller: true,
  },
  'staging-mutual-tls': {
    stage: 'staging',
    auth: 'none',
    ...mutualTls,
    certificateSubject: 'terminal_id',
    ownershipCertificateArn: domain.certificateArn.replace(/\/.*/, '/public'),
    alarmEmail,
    probe: true,
    runbookUrl,
  },
  'dev-lambda': {
    stage: 'dev',
    ...lambda,
    account: '123456789012',
    region: 'eu-west-1',
    timeZone: 'Asia/Kolkata',
    throttleRate: 5,
    throttleBurst: 10,
    logRetentionDays: 7,
  },
};

/** The keys of CloudFormation's functions that {@link writeValue} resolves. */
const INTRINSIC = /^(Ref|Fn::(GetAtt|Join))$/;

/** The hashes that name what is deployed, by folder. */
const assets: Readonly<Record<string, string>> = {
  [FileSystem.fingerprint(FUNCTION_FOLDER)]: 'dist/lambda',
  [FileSystem.fingerprint(WATCH_FOLDER)]: 'dist/watch',
};

/** Reads each part of a stack: its properties by their names, without what another bundle or commit changes. */
function readParts(settings: { stage: string }): Map<string, Values> {
  const { template, stackName, environment, terminationProtection, tags } = synthStack(settings);
  const { Description, Mappings: _commit, ...sections } = template.toJSON();
  const stack = { stackName, Description, environment, terminationProtection, tags };
  const text = JSON.stringify({ Stack: { itself: stack }, ...sections })
    .replace(/(CurrentVersion)[0-9A-F]{8}[0-9a-f]{32}/g, '$1')
    .replace(/[0-9a-f]{64}/g, (hash) => assets[hash] ?? hash)
    .replace(new RegExp(`\\b${settings.stage}\\b`, 'g'), '<stage>');
  const simplified = JSON.stringify(JSON.parse(text), (name, value) => {
    if (name === 'Metadata' || name === 'COMMIT') return undefined;
    const [key = ''] = Object.keys(value ?? {});
    const simple = INTRINSIC.test(key) ? writeValue(value) : value;
    return typeof simple === 'string' && simple.startsWith('{"') ? JSON.parse(simple) : simple;
  });
  const all: Record<string, Record<string, Values>> = JSON.parse(simplified);
  const parts = Object.entries(all).flatMap(([section, byId]) =>
    Object.entries(byId).map(([id, { Properties, ...attributes }]): [string, Values] => [
      section === 'Resources' ? id : `${section} ${id}`,
      { ...attributes, ...(Properties as Values) },
    ]),
  );
  return new Map(parts);
}

/** Leaves out what is the same in another stack. `absent` is what only that one has. */
function keepDifferences(parts: Map<string, Values>, others: Map<string, Values>): Map<string, unknown> {
  const differences = new Map<string, unknown>();
  differences.set(
    'absent',
    [...others.keys()].filter((id) => !parts.has(id)),
  );
  for (const [id, part] of parts) {
    const other = others.get(id) ?? {};
    const names = Object.keys({ ...other, ...part }).filter(
      (name) => JSON.stringify(part[name]) !== JSON.stringify(other[name]),
    );
    if (names.length > 0)
      differences.set(id, Object.fromEntries(names.map((name) => [name, part[name] ?? 'absent'])));
  }
  return differences;
}

/** Writes YAML in which a value is in one line where it is short. */
function writeYaml(parts: Map<string, unknown>): string {
  const document = new Document(parts);
  visit(document, {
    Value(_key, node, path) {
      if (path.length > 3 && isCollection(node)) node.flow = JSON.stringify(node).length < 130;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

test.each(Object.entries(CONFIGURATIONS))(
  'the template of %s is the one in test/infra/templates: npx vitest run -u --project infra test/infra/templates.test.ts',
  async (name, settings) => {
    const parts = readParts(settings);
    const kept = name === 'prod-jwt' ? parts : keepDifferences(parts, readParts(CONFIGURATIONS['prod-jwt']));
    await expect(writeYaml(kept)).toMatchFileSnapshot(`templates/${name}.yaml`);
  },
);
