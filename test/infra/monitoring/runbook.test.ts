import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/logs.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { alarmsOf } from '../../support/alarm-replay.ts';
import { recordOutcomes } from '../../support/recorded-outcomes.ts';
import { only, resources, synthTemplate } from '../synth.ts';
import { CERTIFICATE_ARN } from './stories.ts';

const runbook = readFileSync(join(import.meta.dirname, '../../../docs/runbook.md'), 'utf8');
const template = synthTemplate({ domainName: 'logout.example.com', certificateArn: CERTIFICATE_ARN });
const alarms = alarmsOf(resources(template) as never);

/** Headings by level, with the text below each up to the next one. */
const sections = runbook.split(/^(?=#{1,3} )/m).map((section) => {
  const [, level = '', title = ''] = /^(#+) (.*)$/m.exec(section) ?? [];
  return { level: level.length, title, text: section };
});

/** The sections of the third level below one of the second. */
function below(title: string) {
  const start = sections.findIndex((section) => section.level === 2 && section.title === title);
  const rest = sections.slice(start + 1);
  const end = rest.findIndex(({ level }) => level < 3);
  return end < 0 ? rest : rest.slice(0, end);
}

let outcomes: string[];
let fields: string[];

beforeAll(async () => {
  const lines = await recordOutcomes('prod');
  outcomes = Object.values(lines).map(({ outcome }) => String(outcome));
  fields = Object.values(lines).flatMap((line) => Object.keys(line));
});

test('each alarm has its section, in their order, and each section its alarm', () => {
  const anchors = alarms.map(({ description }) => description.split('#').at(-1));
  expect(below('Alarms').map(({ title }) => title)).toEqual(anchors);
});

describe.each(below('Alarms').map(({ title, text }) => [title, text] as const))(
  'the section %s',
  (_title, text) => {
    test.each(['Fires', 'Means', 'Look', 'Wake'])('says: %s', (word) => {
      expect(text).toMatch(new RegExp(`^\\*\\*${word}`, 'm'));
    });
  },
);

test('each outcome that the built bundle comes to has its section, and each section its outcome', () => {
  expect(below('Outcomes').map(({ title }) => title)).toEqual(outcomes);
});

test('every link within the runbook leads to a heading', () => {
  const anchors = sections.map(({ title }) => title.toLowerCase().replaceAll(' ', '-'));
  const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(20);
  for (const link of links) expect(anchors).toContain(link);
});

test('the table of queries names those that are saved', () => {
  const listed = [
    ...(sections.find(({ title }) => title === 'Saved queries')?.text ?? '').matchAll(/^\| `([\w-]+)` /gm),
  ];
  expect(listed.map(([, id]) => id)).toEqual(SAVED_QUERIES.map(({ id }) => id));
});

test('every query that is to be run is saved', () => {
  const ids: string[] = SAVED_QUERIES.map(({ id }) => id);
  const named = [...runbook.matchAll(/(?:query|run) `([\w-]+)`/gi)].map(([, id]) => id);
  expect(named.length).toBeGreaterThan(10);
  for (const id of named) expect(ids).toContain(id);
});

test('every query that an alarm names is saved', () => {
  for (const { description } of alarms) {
    for (const [, id] of description.matchAll(/query "([\w-]+)"/g)) {
      expect(SAVED_QUERIES.map((query) => query.id)).toContain(id);
    }
  }
});

test('every graph that is to be looked at is on the dashboard', () => {
  const [, dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard.Properties.DashboardBody);
  const graphs = [...runbook.matchAll(/graph "([^"]+)"|^\| (?:only )?"([^"]+)" \|/gm)].map(
    ([, a, b]) => a ?? b,
  );
  expect(graphs.length).toBeGreaterThan(5);
  for (const title of graphs) expect(body).toContain(`\\"title\\":\\"${title}\\"`);
});

test('the log line is explained field by field: each has its place, and none is made up', () => {
  const text = sections.find(({ title }) => title === 'The log line')?.text ?? '';
  const table = text.split('| field | says |')[1]?.split('\n\n')[0] ?? '';
  const explained = [...table.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  for (const field of explained) expect(fields).toContain(field);
  for (const field of fields) {
    // What needs no words, and what is for the metric.
    if (!['timestamp', 'stage', 'requests', '_aws'].includes(field)) expect(explained).toContain(field);
  }
});

test('the fields of the access log that it speaks of are there', () => {
  const [, sentence = ''] = /The access log has a line ([\s\S]*?) A field without/.exec(runbook) ?? [];
  const names = [...sentence.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) expect(Object.keys(ACCESS_LOG_FIELDS)).toContain(name);
});

test('the alarms that roll a version back are the ones that it lists', () => {
  const text = sections.find(({ title }) => title === 'Roll back')?.text ?? '';
  const [, list = ''] = /five minutes\) the alarms ([\s\S]*?) put the old version back/.exec(text) ?? [];
  const named = [...list.matchAll(/`([\w-]+)`/g)].map(([, id]) => `connection-logout-prod-${id}`);
  const [, group] = only(template, 'AWS::CodeDeploy::DeploymentGroup');
  const ids = group.Properties.AlarmConfiguration.Alarms.map(
    ({ Name }: { Name: { Ref: string } }) => Name.Ref,
  );
  const names = ids.map((id: string) => resources(template)[id]?.Properties.AlarmName);
  expect(named).toEqual(names);
});
