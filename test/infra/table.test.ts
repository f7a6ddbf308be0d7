import { expect, test } from 'vitest';
import { only, synthTemplate } from './synth.ts';

const template = synthTemplate();
const [, table] = only(template, 'AWS::DynamoDB::Table');

test('the table has the key id, a string, and no other', () => {
  expect(table.Properties.KeySchema).toEqual([{ AttributeName: 'id', KeyType: 'HASH' }]);
  expect(table.Properties.AttributeDefinitions).toEqual([{ AttributeName: 'id', AttributeType: 'S' }]);
});

test('the table is paid by request', () => {
  expect(table.Properties.BillingMode).toBe('PAY_PER_REQUEST');
});

test.each(['prod', 'dev'])('the table of stage %s can be recovered to a point in time', (stage) => {
  const [, { Properties }] = only(synthTemplate({ stage }), 'AWS::DynamoDB::Table');
  expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
});

test('the table has no name of its own, so that a replacement can stand beside it', () => {
  expect(table.Properties).not.toHaveProperty('TableName');
});

test('with tableName there is no table in the template', () => {
  synthTemplate({ tableName: 'login-connections' }).resourceCountIs('AWS::DynamoDB::Table', 0);
});
