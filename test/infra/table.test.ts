import { expect, test } from 'vitest';
import { only, synthTemplate } from './synth.ts';

test.each(['prod', 'dev'])(
  'the table of stage %s has the key id alone, is paid by request, and can be recovered to a point in time',
  (stage) => {
    const [, { Properties }] = only(synthTemplate({ stage }), 'AWS::DynamoDB::Table');
    expect(Properties).toMatchObject({
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    // So that a replacement can stand beside it.
    expect(Properties).not.toHaveProperty('TableName');
  },
);
