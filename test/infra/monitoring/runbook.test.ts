import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listAccessLogFields } from '../../../infra/logs.ts';
import { OBJECTIVE } from '../../../infra/monitoring/alarms.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { recordOutcomes } from '../../support/recorded-outcomes.ts';
import { runScript } from '../../support/run-script.ts';
import { domain, resources, synthTemplate } from '../synth.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
const runbook = read('runbook.md');
const reference = read('runbook-reference.md');
const template = synthTemplate({ ...domain, runbookUrl: 'https://wiki.example.com/logout' });

/** The text below a heading, up to the next one. */
const findSection = (document: string, title: string) =>
  document.split(/^(?=#{1,3} )/m).find((text) => text.split('\n', 1)[0]?.replace(/^#+ /, '') === title) ?? '';

const alarms = Object.values(resources(template)).flatMap(({ Type, Properties }) =>
  Type.endsWith('Alarm') && Properties.AlarmDescription.startsWith('Type: ')
    ? [{ text: Properties.AlarmDescription as string, sends: Properties.AlarmActions !== undefined }]
    : [],
);
const queries = Object.keys(SAVED_QUERIES);

test.each(alarms)(
  'the text of an alarm begins with a command, says what it means, and ends with a link to its section: $text',
  ({ text, sends }) => {
    const [, command = '', query, anchor = ''] =
      /^Type: (q ([a-z-]+) \d+|aws acm .+)\n\n[A-Z0-9].+\.\n\nRunbook: https:.+#([\w-]+)$/.exec(text) ?? [];
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
    expect(text.length).toBeLessThanOrEqual(1_024);
    const section = findSection(runbook, sends ? anchor : 'A deployment was rolled back');
    expect(section).toContain(query ? `\`${command}\`` : 'the command in the message');
    if (query) expect(queries).toContain(query);
    // Commands first, and eight lines at most.
    expect(section.trim().split('\n').filter(Boolean).length).toBeLessThanOrEqual(9);
    expect(anchor).toBe(section.split('\n', 1)[0]?.replace(/^#+ /, '').toLowerCase().replaceAll(' ', '-'));
  },
);

test('every section below Alarms in the runbook is of an alarm that sends messages', () => {
  const [, list = ''] = /^## Alarms$([\s\S]+?)^## /m.exec(runbook) ?? [];
  const anchors = alarms.flatMap(({ text, sends }) => (sends ? text.split('#')[1] : []));
  expect([...list.matchAll(/^### (.+)$/gm)].map(([, title]) => title).toSorted()).toEqual(anchors.toSorted());
});

test('every query that the runbook types is saved, and every saved query is typed or named', () => {
  const typed = [...runbook.matchAll(/`?q ([a-z-]+) [0-9]/g)].map(([, id = '']) => id);
  for (const id of typed) expect(queries).toContain(id);
  for (const id of queries) expect(typed).toContain(id);
});

const [first = '', ...blocks] = [...runbook.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);

/** A stand-in for `aws`, which prints what its `--query` would leave, and writes down its calls. */
const aws = `
echo "$*" >> calls
case "$*" in
  *describe-stacks*) key=$(sed "s/.*OutputKey=='\\([A-Za-z]*\\)'.*/\\1/" <<< "$*")
    case " ${Object.keys(template.findOutputs('*')).join(' ')} " in *" $key "*) echo "the/$key" ;; *) exit 1 ;; esac ;;
  *'get-alias --function-name the/FunctionName --name live'*FunctionVersion*) cat version 2> /dev/null || echo 7 ;;
  *'get-alias --function-name the/FunctionName --name live'*Weights*) if [ -e version ]; then echo 0; else echo "$WEIGHTS"; fi ;;
  *'list-versions-by-function --function-name the/FunctionName'*) serving=$(sed 's/.*< .\\([0-9]*\\).*/\\1/' <<< "$*"); echo "\\"$((serving - 1))\\"" ;;
  *update-alias*) sed 's/.*--function-version \\([0-9]*\\).*/\\1/' <<< "$*" > version ;;
  *'list-deployments --application-name the/RolloutApplication --deployment-group-name the/RolloutGroup --include-only-statuses InProgress'*) echo d-1 ;;
  *get-stage*RateLimit*) echo 5000 ;;
  *get-stage*BurstLimit*) echo 9000 ;;
  *describe-query-definitions*) echo '{"queryString": "filter id = \\"PASTE-HERE\\"", "logGroupNames": ["a", "b"]}' ;;
  *start-query*) echo q-1 ;;
  *get-query-results*'query status'*) if [ -e asked ]; then echo Complete; else echo Running; touch asked; fi ;;
  *get-query-results*) echo 'status: 404' ;;
esac
`;

/** Runs a block after the first one. @returns also the calls that change something. */
function run(block: string, variables: Record<string, string> = {}) {
  const env = { PATH: process.env.PATH ?? '', WEIGHTS: '0', ...variables };
  const result = runScript(`set -u\n${first}\n${block}`, { aws }, env);
  const isRead = (call: string) => /^\w+ (describe|get|list|scan|start-query|tail)\b/.test(call);
  return { ...result, changes: result.calls.filter((call) => !isRead(call)) };
}

test('the first block of the runbook asks for a profile and a region, and every output that is named exists', () => {
  expect(first).toMatch(/^export AWS_PROFILE=EDIT-ME AWS_REGION=EDIT-ME$/m);
  const outputs = [...runbook.matchAll(/\$\(out (\w+)\)/g)].map(([, name]) => `out ${name}`);
  expect(outputs.length).toBeGreaterThan(5);
  expect(run(outputs.join('\n'))).toMatchObject({ status: 0, changes: [] });
});

test('q runs a saved query over its logs for so many hours, with an id in its place, and prints rows', () => {
  const { stdout, calls } = run('q one-request 24 11-22');
  expect(stdout).toContain('status: 404');
  const [started = ''] = calls.filter((call) => call.includes('start-query'));
  expect(started).toContain(
    '--cli-input-json {"queryString": "filter id = \\"11-22\\"", "logGroupNames": ["a", "b"]}',
  );
  const [, from = 0, to = 0] = (/--start-time (\d+) --end-time (\d+)/.exec(started) ?? []).map(Number);
  expect(to - from).toBe(24 * 3_600);
  expect(calls).toContainEqual(
    expect.stringContaining('--query-definition-name-prefix connection-logout-prod/one-request'),
  );
});

test.each([
  ['to the version before the one that serves', '0', 6],
  ['to the one that serves, during a canary', '1', 7],
])('the alias goes back %s, also if the block is pasted twice', (_, WEIGHTS, version) => {
  const block = blocks.find((text) => text.includes('lambda update-alias'));
  const change = `lambda update-alias --function-name the/FunctionName --name live --function-version ${version} --routing-config AdditionalVersionWeights={}`;
  expect(run(`${block}\n${block}`, { WEIGHTS }).changes).toEqual([change, change]);
});

test('each block of the runbook makes its change, or none', () => {
  const safe = blocks.filter((block) => !/update-alias|npm start/.test(block));
  const runs = safe.map((block) => run(block, { ALARM: 'failing', AT: '2026-05-09T14:55:00Z' }));
  expect(new Set(runs.map(({ status }) => status))).toEqual(new Set([0]));
  expect(runs.flatMap(({ changes }) => changes)).toEqual([
    'deploy stop-deployment --auto-rollback-enabled --deployment-id d-1',
    'apigatewayv2 update-stage --api-id AccessLog --stage-name $default --default-route-settings ThrottlingRateLimit=10000,ThrottlingBurstLimit=18000',
    'cloudwatch disable-alarm-actions --alarm-names connection-logout-prod-failing',
    'cloudwatch enable-alarm-actions --alarm-names connection-logout-prod-failing',
    'dynamodb restore-table-to-point-in-time --source-table-name the/TableName --target-table-name the/TableName-restored --restore-date-time 2026-05-09T14:55:00Z',
    'cloudwatch set-alarm-state --alarm-name connection-logout-prod-probe --state-value ALARM --state-reason Test of the pager',
  ]);
});

test('a block of the runbook that needs the name of an alarm or a time asks for it, and changes nothing without', () => {
  const needing = blocks.filter((block) => block.includes(':?'));
  expect(needing).toHaveLength(3);
  for (const block of needing) {
    const stderr = expect.stringMatching(/(ALARM|AT): Name the/);
    expect(run(block)).toMatchObject({ status: 1, changes: [], stderr });
  }
});

test('the objective of the runbook is that of the alarms', () => {
  const { availabilityPercent, days } = OBJECTIVE;
  expect(runbook).toContain(
    `${availabilityPercent} % of the requests are answered without 5xx and 429, over ${days} days`,
  );
});

const listFirstCells = (title: string) =>
  [...findSection(reference, title).matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
  );

test('the reference explains each field of the log line and each outcome, and no other', async () => {
  const lines = await recordOutcomes();
  const fields = new Set(Object.values(lines).flatMap((line) => Object.keys(line)));
  // What explains itself, and what is for the metric.
  for (const name of ['timestamp', 'stage', 'requests', '_aws']) fields.delete(name);
  expect(listFirstCells('The log line').toSorted()).toEqual([...fields].toSorted());
  expect(listFirstCells('Outcomes')).toEqual(Object.keys(lines));
});

test('the reference names fields of the access log that are there', () => {
  const [, paragraph = ''] = /(The access log has a line [^\n]+)/.exec(reference) ?? [];
  const there = Object.keys(listAccessLogFields({ truststoreUri: 's3://trust/store.pem', logCaller: false }));
  const named = [...paragraph.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(3);
  for (const name of named) expect(there).toContain(name);
});
