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

test('the table of a production stage is kept: retained, protected from deletion, recoverable', () => {
  expect(table).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' });
  expect(table.Properties).toMatchObject({
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test('the table of another stage goes with its stack, and a last backup stays', () => {
  const [, other] = only(synthTemplate({ stage: 'dev' }), 'AWS::DynamoDB::Table');
  expect(other).toMatchObject({ DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
  expect(other.Properties).toMatchObject({
    DeletionProtectionEnabled: false,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

test('the table has no name of its own, so that a replacement can stand beside it', () => {
  expect(table.Properties).not.toHaveProperty('TableName');
});

test('with tableName there is no table in the template', () => {
  synthTemplate({ tableName: 'login-connections' }).resourceCountIs('AWS::DynamoDB::Table', 0);
});
