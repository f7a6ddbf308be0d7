import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import httpErrorHandler from '@middy/http-error-handler';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import validator from '@middy/validator';
import { Ajv } from 'ajv';

const logger = new Logger({ serviceName: 'connection-logout' });
const metrics = new Metrics({ namespace: 'ConnectionLogout', serviceName: 'connection-logout' });
const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

const string = { type: 'string', maxLength: 256 };
const guid = { type: 'string', pattern: '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$' };
const date = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d' };
const eventSchema = new Ajv({ allErrors: true }).compile({
  type: 'object',
  required: ['body'],
  properties: {
    body: {
      type: 'object',
      required: ['id', 'date_logout'],
      properties: {
        id: guid,
        locator: string,
        id_pos_sesion: guid,
        terminal_id: string,
        success: { type: 'boolean' },
        message: { type: 'string', maxLength: 2048 },
        date_login: date,
        date_logout: date,
        terminal_type: string,
        id_user: guid,
      },
    },
  },
});

/** What of an event the handler reads, after the parser and the validator. */
interface ParsedEvent {
  body: { id: string; terminal_id?: string; date_logout: string };
}

async function logOut({ body: { id, terminal_id, date_logout } }: ParsedEvent) {
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: process.env.TABLE_NAME,
      Key: { id },
      UpdateExpression: 'SET date_logout = :date_logout, success = :success',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':date_logout': date_logout, ':success': true },
      ReturnValues: 'ALL_NEW',
    }),
  );
  logger.info('logged out', { connection_id: id, terminal_id });
  metrics.addMetric('requests', MetricUnit.Count, 1);
  metrics.publishStoredMetrics();
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Attributes),
  };
}

/** What a good engineer ships: well-known libraries, used as their documentation says. */
export const handler = middy<ParsedEvent>()
  .use(httpErrorHandler())
  .use(httpJsonBodyParser())
  // Its types ask for an Ajv; its code, and its documentation, for a compiled schema.
  .use(validator({ eventSchema: eventSchema as unknown as Ajv }))
  .handler(logOut);
