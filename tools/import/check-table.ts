import { type AttributeValue, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { FIELD_TYPES, FIELDS, type Field } from '../../lambda/domain/connection.ts';
import { isUnsetDate, parseDateTime } from '../../lambda/domain/date-time.ts';
import { parseGuid } from '../../lambda/domain/guid.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import { explainAwsError, regionConfig } from '../aws.ts';
import { escapeControlCharacters } from '../cli.ts';

/** How many ids are printed for each finding. */
const MAX_IDS = 5;

type Item = Readonly<Record<string, AttributeValue>>;

/**
 * Reads a whole table and prints what the login service writes otherwise than this service expects it, with the count
 * of items and the first ids.
 *
 * @returns the exit code: 1 where there is a finding.
 * @throws {UserError} where AWS refuses to show the table.
 */
export async function checkTable(tableName: string): Promise<number> {
  const client = new DynamoDBClient(regionConfig());
  const findings = new Map<string, string[]>();
  let items = 0;
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName: tableName })) {
      for (const item of Items) {
        items++;
        for (const finding of findingsOf(item)) {
          const ids = findings.get(finding) ?? [];
          ids.push(item.id?.S ?? '(not a string)');
          findings.set(finding, ids);
        }
      }
    }
  } catch (error) {
    throw explainAwsError(error, `read the table ${tableName}`);
  } finally {
    client.destroy();
  }
  console.log(`${items} items read.`);
  for (const [finding, ids] of findings) {
    const first = ids.slice(0, MAX_IDS).map((id) => `  ${escapeControlCharacters(id).slice(0, 76)}`);
    console.log([`${ids.length} items: ${finding}`, ...first].join('\n'));
  }
  return findings.size > 0 ? 1 : 0;
}

/**
 * Compares an item, as DynamoDB sends it, with the item of the contract.
 *
 * @returns a sentence for each difference.
 */
function findingsOf(item: Item): string[] {
  return FIELDS.flatMap((field) => {
    const value = item[field];
    return value === undefined ? [] : (findingOf(field, value) ?? []);
  });
}

function findingOf(field: Field, value: AttributeValue): string | undefined {
  const fieldType = FIELD_TYPES[field];
  const expected = fieldType === 'boolean' ? 'BOOL' : 'S';
  const [type] = Object.keys(value).filter((name) => name !== '$unknown');
  if (type === 'NULL') return undefined;
  if (type !== expected) return `${field} has the type ${type}, not ${expected}.`;
  const text = value.S ?? '';
  if (fieldType === 'guid' && parseGuid(text) !== text) {
    return `${field} is not a GUID in lower-case 8-4-4-4-12: no request matches it.`;
  }
  if (field === 'date_logout' && (text === '' || isUnsetDate(text))) {
    return 'date_logout is a default. It counts as logged in.';
  }
  if (fieldType === 'date' && text !== '' && !isUnsetDate(text) && parseDateTime(text, UTC) === undefined) {
    return `${field} is not a date.${field === 'date_logout' ? ' Each logout is answered 409.' : ''}`;
  }
  return undefined;
}
