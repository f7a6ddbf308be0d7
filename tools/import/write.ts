import { type DynamoDBDocumentClient, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ImportedItem } from './item.ts';

const NO_ITEM = 'attribute_not_exists(#id)';
/** Holds where there is no item, too. */
const LOGGED_IN = 'attribute_not_exists(#date_logout) OR attribute_type(#date_logout, :null)';

/**
 * Writes a connection of the old store, unless the table knows better, so that an import may be run again at any time
 * and beside the new endpoint:
 *
 * - one that is logged in is written only if there is no such item: it can undo nothing that happened since;
 * - one that is logged out is written if there is no such item, or if that is still logged in: the logout that the old
 *   endpoint took is carried over, and the first logout wins here too.
 *
 * Attributes that the item has besides stay as they are.
 *
 * @param item what to write.
 * @returns whether it was written.
 * @throws whatever the table refuses or fails with besides.
 */
export async function writeItem(
  documents: DynamoDBDocumentClient,
  tableName: string,
  item: ImportedItem,
): Promise<boolean> {
  const { id, ...fields } = item;
  const names = Object.keys(fields);
  const isOpen = item.date_logout === undefined;
  try {
    await documents.send(
      new UpdateCommand({
        TableName: tableName,
        Key: { id },
        ...(names.length > 0 && {
          UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
        }),
        ConditionExpression: isOpen ? NO_ITEM : LOGGED_IN,
        ExpressionAttributeNames: mapped(isOpen ? ['id', ...names] : names, (name) => [`#${name}`, name]),
        ...(names.length > 0 && {
          ExpressionAttributeValues: {
            ...mapped(Object.entries(fields), ([name, value]) => [`:${name}`, value]),
            ...(!isOpen && { ':null': 'NULL' }),
          },
        }),
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return false;
    throw error;
  }
}

function mapped<T, V>(entries: readonly T[], entry: (of: T) => [string, V]): Record<string, V> {
  return Object.fromEntries(entries.map(entry));
}
