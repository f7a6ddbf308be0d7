import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));

/** The least code that writes to this table: no validation, no condition, no log, no response but success. */
export async function handler(event: { body: string }) {
  const { id, date_logout } = JSON.parse(event.body);
  const { Attributes } = await client.send(
    new UpdateCommand({
      TableName: process.env.TABLE_NAME,
      Key: { id },
      UpdateExpression: 'SET date_logout = :date_logout, success = :success',
      ExpressionAttributeValues: { ':date_logout': date_logout, ':success': true },
      ReturnValues: 'ALL_NEW',
    }),
  );
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(Attributes),
  };
}
