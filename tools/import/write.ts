import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { FIELDS } from '../../lambda/domain/connection.ts';
import { LOGGED_IN } from '../../lambda/storage/connection-store.ts';
import type { ImportedItem } from './item.ts';

/** Holds only where there is no item. {@link LOGGED_IN} holds there too. */
const NO_ITEM = { expression: 'attribute_not_exists(#id)', names: { '#id': 'id' }, values: {} };

/**
 * Writes a connection of the old store, unless the table has newer facts, so that an import may be run again at any
 * time and beside the new endpoint:
 *
 * - one that is logged in is written only if there is no such item: it can undo nothing that happened since;
 * - one that is logged out is written if there is no such item, or if that is still logged in: the logout that the old
 *   endpoint took is carried over, and the first logout wins here too.
 *
 * Attributes that are not the record's stay as they are.
 *
 * @param item what to write.
 * @param replace writes one that is logged in over an item that is logged in too, and removes the record's fields that
 *   the row does not have: for what an earlier import wrote wrongly.
 * @returns whether it was written.
 * @throws any other error of the table.
 */
export async function writeItem(
  documents: DynamoDBDocumentClient,
  tableName: string,
  item: ImportedItem,
  replace: boolean,
): Promise<boolean> {
  const { id, ...fields } = item;
  const condition = replace || item.date_logout !== undefined ? LOGGED_IN : NO_ITEM;
  const assigned = Object.keys(fields);
  const removed = replace ? FIELDS.filter((field) => !Object.hasOwn(item, field)) : [];
  const clauses = [
    assigned.length > 0 && `SET ${assigned.map((name) => `#${name} = :${name}`).join(', ')}`,
    removed.length > 0 && `REMOVE ${removed.map((name) => `#${name}`).join(', ')}`,
  ].filter((clause) => clause !== false);
  const names = Object.fromEntries([...assigned, ...removed].map((name) => [`#${name}`, name]));
  const values = {
    ...condition.values,
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [`:${name}`, value])),
  };
  try {
    await documents.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { id },
        UpdateExpression: clauses.length > 0 ? clauses.join(' ') : undefined,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: { ...condition.names, ...names },
        ExpressionAttributeValues: Object.keys(values).length > 0 ? values : undefined,
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}
