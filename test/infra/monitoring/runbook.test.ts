import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessLogFields } from '../../../infra/logs.ts';
import { OBJECTIVE } from '../../../infra/monitoring/alarms.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { recordOutcomes } from '../../support/recorded-outcomes.ts';
import { domain, resources, synthTemplate } from '../synth.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
const runbook = read('runbook.md');
const reference = read('runbook-reference.md');
const template = synthTemplate({ ...domain, runbookUrl: 'https://wiki.example.com/logout' });

/** The text below a heading, up to the next one. */
const sectionOf = (document: string, title: string) =>
  document.split(/^(?=#{1,3} )/m).find((text) => text.split('\n', 1)[0]?.replace(/^#+ /, '') === title) ?? '';

describe('the text of each alarm', () => {
  const alarms = Object.values(resources(template)).flatMap(({ Type, Properties }) =>
    Type.endsWith('Alarm') && Properties.AlarmDescription.startsWith('Type: ')
      ? [{ text: Properties.AlarmDescription as string, sends: Properties.AlarmActions !== undefined }]
      : [],
  );
  const queries = Object.keys(SAVED_QUERIES);

  test.each(alarms)(
    'begins with a command, says what it means, and ends with a link to its section: $text',
    ({ text, sends }) => {
      const [, command = '', query, anchor = ''] =
        /^Type: (q ([a-z-]+) \d+|aws acm .+)\n\n[A-Z0-9].+\.\n\nRunbook: https:.+#([\w-]+)$/.exec(text) ?? [];
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
      expect(text.length).toBeLessThanOrEqual(1_024);
      const section = sectionOf(runbook, sends ? anchor : 'A deployment was rolled back');
      expect(section).toContain(query ? `\`${command}\`` : 'the command in the message');
      if (query) expect(queries).toContain(query);
      // Commands first, and eight lines at most.
      expect(section.trim().split('\n').filter(Boolean).length).toBeLessThanOrEqual(9);
      expect(anchor).toBe(section.split('\n', 1)[0]?.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'));
    },
  );

  test('no section is of an alarm that there is not', () => {
    const [, list = ''] = /^## Alarms$([\s\S]+?)^## /m.exec(runbook) ?? [];
    const anchors = alarms.flatMap(({ text, sends }) => (sends ? text.split('#')[1] : []));
    expect([...list.matchAll(/^### (.+)$/gm)].map(([, title]) => title).toSorted()).toEqual(
      anchors.toSorted(),
    );
  });

  test('every query that the runbook types is saved, and every saved query is typed or named', () => {
    const typed = [...runbook.matchAll(/`?q ([a-z-]+) [0-9]/g)].map(([, id = '']) => id);
    for (const id of typed) expect(queries).toContain(id);
    for (const id of queries) expect(typed).toContain(id);
  });
});

describe('the commands', () => {
  const [first = '', ...blocks] = [...runbook.matchAll(/```sh\n([\s\S]*?)```/g)].map(
    ([, block = '']) => block,
  );
  const blockWith = (part: string) => blocks.find((block) => block.includes(part)) ?? '';
  let folder = '';

  /** A stand-in for `aws`, which prints what its `--query` would leave, and writes down its calls. */
  const AWS = `#!/bin/bash
echo "$*" >> "$CALLS"
case "$*" in
  *describe-stacks*) key=$(sed "s/.*OutputKey=='\\([A-Za-z]*\\)'.*/\\1/" <<< "$*")
    case " ${Object.keys(template.findOutputs('*')).join(' ')} " in *" $key "*) echo "the/$key" ;; *) exit 1 ;; esac ;;
  *'get-alias --function-name the/FunctionName --name live'*FunctionVersion*) cat "$CALLS.alias" 2> /dev/null || echo 7 ;;
  *'get-alias --function-name the/FunctionName --name live'*Weights*) if [ -e "$CALLS.alias" ]; then echo 0; else echo "$WEIGHTS"; fi ;;
  *'list-versions-by-function --function-name the/FunctionName'*) serving=$(sed 's/.*< .\\([0-9]*\\).*/\\1/' <<< "$*"); echo "\\"$((serving - 1))\\"" ;;
  *update-alias*) sed 's/.*--function-version \\([0-9]*\\).*/\\1/' <<< "$*" > "$CALLS.alias" ;;
  *'list-deployments --application-name the/RolloutApplication --deployment-group-name the/RolloutGroup --include-only-statuses InProgress'*) echo d-1 ;;
  *get-stage*RateLimit*) echo 5000 ;;
  *get-stage*BurstLimit*) echo 9000 ;;
  *describe-query-definitions*) echo '{"queryString": "filter id = \\"PASTE-HERE\\"", "logGroupNames": ["a", "b"]}' ;;
  *start-query*) echo q-1 ;;
  *get-query-results*'query status'*) if [ -e "$CALLS.once" ]; then echo Complete; else echo Running; touch "$CALLS.once"; fi ;;
  *get-query-results*) echo 'status: 404' ;;
esac
`;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'runbook-'));
    writeFileSync(join(folder, 'aws'), AWS);
    chmodSync(join(folder, 'aws'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Runs a block after the first one. @returns its output, its exit code and the calls that change something. */
  function run(block: string, variables: Record<string, string> = {}) {
    const calls = join(folder, 'calls');
    for (const file of [calls, `${calls}.once`, `${calls}.alias`]) rmSync(file, { force: true });
    const PATH = `${folder}${delimiter}${process.env.PATH}`;
    const env = { PATH, CALLS: calls, WEIGHTS: '0', ...variables };
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', `set -eu\n${first}\n${block}`], {
      env,
      encoding: 'utf8',
    });
    const made = existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [];
    const changes = made.filter((call) => !/^\w+ (describe|get|list|scan|start-query|tail)\b/.test(call));
    return { stdout, stderr, status, made, changes };
  }

  test('the first block asks for a profile and a region, and every output that is named exists', () => {
    expect(first).toMatch(/^export AWS_PROFILE=EDIT-ME AWS_REGION=EDIT-ME$/m);
    const outputs = [...runbook.matchAll(/\$\(out (\w+)\)/g)].map(([, name]) => `out ${name}`);
    expect(outputs.length).toBeGreaterThan(5);
    expect(run(outputs.join('\n'))).toMatchObject({ status: 0, changes: [] });
  });

  test('q runs a saved query over its logs for so many hours, with an id in its place, and prints rows', () => {
    const { stdout, made } = run('q one-request 24 11-22');
    expect(stdout).toContain('status: 404');
    const [started = ''] = made.filter((call) => call.includes('start-query'));
    expect(started).toContain(
      '--cli-input-json {"queryString": "filter id = \\"11-22\\"", "logGroupNames": ["a", "b"]}',
    );
    const [, from = 0, to = 0] = (/--start-time (\d+) --end-time (\d+)/.exec(started) ?? []).map(Number);
    expect(to - from).toBe(24 * 3_600);
    expect(made).toContainEqual(
      expect.stringContaining('--query-definition-name-prefix connection-logout-prod/one-request'),
    );
  });

  test.each([
    { weights: '0', to: '6', when: 'the version before the one that serves' },
    { weights: '1', to: '7', when: 'the one that serves, during a canary' },
  ])('the alias goes back to $when, also if the block is pasted twice', ({ weights, to }) => {
    const block = blockWith('update-alias');
    const change = `lambda update-alias --function-name the/FunctionName --name live --function-version ${to} --routing-config AdditionalVersionWeights={}`;
    expect(run(`${block}\n${block}`, { WEIGHTS: weights }).changes).toEqual([change, change]);
  });

  const ALARM = { ALARM: 'failing' };
  const AT = { AT: '2026-05-09T14:55:00Z' };
  const CHANGES: [command: string, argumentsOfIt: string, needed?: Record<string, string>][] = [
    ['deploy stop-deployment', '--auto-rollback-enabled --deployment-id d-1'],
    [
      'apigatewayv2 update-stage',
      '--api-id AccessLog --stage-name $default --default-route-settings ThrottlingRateLimit=10000,ThrottlingBurstLimit=18000',
    ],
    ['cloudwatch disable-alarm-actions', '--alarm-names connection-logout-prod-failing', ALARM],
    ['cloudwatch enable-alarm-actions', '--alarm-names connection-logout-prod-failing', ALARM],
    [
      'dynamodb restore-table-to-point-in-time',
      '--source-table-name the/TableName --target-table-name the/TableName-restored --restore-date-time 2026-05-09T14:55:00Z',
      AT,
    ],
    [
      'cloudwatch set-alarm-state',
      '--alarm-name connection-logout-prod-probe --state-value ALARM --state-reason Test of the pager',
    ],
  ];

  test.each(CHANGES)('%s is called with %s', (command, parameters, needed = {}) => {
    const block = blockWith(command);
    expect(run(block, needed).changes).toEqual([`${command} ${parameters}`]);
    for (const variable of Object.keys(needed)) {
      const stderr = expect.stringContaining(`${variable}: Name the`);
      expect(run(block)).toMatchObject({ status: 1, changes: [], stderr });
    }
  });

  test('no other block changes anything', () => {
    const known = [...CHANGES.map(([command]) => command), 'update-alias', 'npm start'];
    const others = blocks.filter((block) => !known.some((part) => block.includes(part)));
    expect(others).toHaveLength(2);
    for (const block of others) expect(run(block)).toMatchObject({ status: 0, changes: [] });
  });
});

test('the objective of the runbook is that of the alarms', () => {
  expect(runbook).toContain(
    `${OBJECTIVE.availabilityPercent} % of the requests are answered without 5xx and 429, over ${OBJECTIVE.days} days`,
  );
});

describe('the reference', () => {
  const firstCells = (title: string) =>
    [...sectionOf(reference, title).matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
    );

  test('explains each field of the log line and each outcome, and no other', async () => {
    const lines = await recordOutcomes();
    const fields = new Set(Object.values(lines).flatMap((line) => Object.keys(line)));
    // What explains itself, and what is for the metric.
    for (const name of ['timestamp', 'stage', 'requests', '_aws']) fields.delete(name);
    expect(firstCells('The log line').toSorted()).toEqual([...fields].toSorted());
    expect(firstCells('Outcomes')).toEqual(Object.keys(lines));
  });

  test('names fields of the access log that are there', () => {
    const [, paragraph = ''] = /(The access log has a line [^\n]+)/.exec(reference) ?? [];
    const there = Object.keys(accessLogFields({ truststoreUri: 's3://trust/store.pem', logCaller: false }));
    const named = [...paragraph.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(3);
    for (const name of named) expect(there).toContain(name);
  });
});
