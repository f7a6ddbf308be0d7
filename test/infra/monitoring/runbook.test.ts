import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_LOG_FIELDS } from '../../../infra/logs.ts';
import { OBJECTIVE } from '../../../infra/monitoring/objective.ts';
import { SAVED_QUERIES } from '../../../infra/monitoring/queries.ts';
import { recordOutcomes } from '../../support/recorded-outcomes.ts';
import { domain, only, resources, synthTemplate } from '../synth.ts';

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../../docs', name), 'utf8');
const runbook = read('runbook.md');
const reference = read('runbook-reference.md');
const template = synthTemplate(domain);

/** The alarms that send a message: their section's anchor and the text. */
const alarms = Object.values(resources(template))
  .filter(({ Type, Properties }) => Type.endsWith('Alarm') && Properties.AlarmActions)
  .map(({ Properties }) => String(Properties.AlarmDescription));

/** Headings by level, with the text below each up to the next one. */
function sectionsOf(document: string) {
  return document.split(/^(?=#{1,3} )/m).map((text) => {
    const [, level = '', title = ''] = /^(#+) (.*)$/m.exec(text) ?? [];
    return { level: level.length, title, text };
  });
}

const sections = sectionsOf(runbook);
const start = sections.findIndex(({ title }) => title === 'Alarms') + 1;
const end = sections.findIndex(({ level }, index) => index > start && level < 3);
const alarmSections = sections.slice(start, end);

let fields: string[];
let outcomes: string[];

beforeAll(async () => {
  const lines = await recordOutcomes();
  outcomes = Object.keys(lines);
  fields = [...new Set(Object.values(lines).flatMap((line) => Object.keys(line)))];
});

test('each alarm that sends a message has its section, and each section its alarm', () => {
  const anchors = alarms.map((description) => description.split('#').at(-1));
  expect(alarmSections.map(({ title }) => title).toSorted()).toEqual(anchors.toSorted());
});

describe.each(alarmSections.map(({ title, text }) => [title, text] as const))(
  'the section %s',
  (_title, text) => {
    test('has eight lines at most, and says who is to be called', () => {
      const lines = text.trim().split('\n').slice(1).filter(Boolean);
      expect(lines.length).toBeLessThanOrEqual(8);
      expect(text).toContain('**Escalate:**');
    });
  },
);

test('the objective of the runbook is that of the alarms', () => {
  expect(runbook).toContain(
    `${OBJECTIVE.availabilityPercent} % of the requests are answered without 5xx and 429, over ${OBJECTIVE.days} days`,
  );
});

test('every query that is named is saved', () => {
  const ids = SAVED_QUERIES.map(({ id }) => id);
  const named = [
    ...[...runbook.matchAll(/(?:[Qq]uery|[Rr]un) `([\w-]+)`/g)].map(([, id]) => id),
    ...[...runbook.matchAll(/\*\*Look:\*\* `([a-z][\w-]+)`/g)].map(([, id]) => id),
    ...alarms.flatMap((text) => [...text.matchAll(/query "([\w-]+)"/g)].map(([, id]) => id)),
  ];
  expect(named.length).toBeGreaterThan(10);
  for (const id of named) expect(ids).toContain(id);
});

test('the table of queries has the names and questions of the code', () => {
  const rows = SAVED_QUERIES.map(({ id, question }) => `| \`${id}\` | ${question} |`);
  expect(reference).toContain(rows.join('\n'));
});

test('the log line is explained field by field, and no other field is', () => {
  const text = sectionsOf(reference).find(({ title }) => title === 'The log line')?.text ?? '';
  const explained = [...text.matchAll(/^\| (`.*?) \|/gm)].flatMap(([, cell]) =>
    [...(cell ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name),
  );
  for (const field of explained) expect(fields).toContain(field);
  for (const field of fields) {
    // What explains itself, and what is for the metric.
    if (!['timestamp', 'stage', 'requests', '_aws'].includes(field)) expect(explained).toContain(field);
  }
});

test('the fields of the access log that it speaks of are there', () => {
  const [, paragraph = ''] = /The access log has a line ([\s\S]*?) A field without/.exec(reference) ?? [];
  const names = [...paragraph.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) expect(Object.keys(ACCESS_LOG_FIELDS)).toContain(name);
});

test('each outcome that the built bundle comes to is explained, and no other', () => {
  const text = sectionsOf(reference).find(({ title }) => title === 'Outcomes')?.text ?? '';
  const explained = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(explained).toEqual(outcomes);
});

test('the graph that is to be looked at is on the dashboard', () => {
  const [, dashboard] = only(template, 'AWS::CloudWatch::Dashboard');
  const body = JSON.stringify(dashboard.Properties.DashboardBody);
  const graphs = [...runbook.matchAll(/"([^"]+)" on the dashboard/g)].map(([, title]) => title);
  expect(graphs.length).toBeGreaterThan(0);
  for (const title of graphs) expect(body).toContain(`\\"title\\":\\"${title}\\"`);
});
