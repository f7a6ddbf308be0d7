import { type AttributeValue, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { FIELD_TYPES, IDENTITY_FIELDS, isLoggedIn } from '../../lambda/domain/connection.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import { InvalidConnectionError } from '../../lambda/http/errors.ts';
import { readLogout } from '../../lambda/http/read-logout.ts';

/** An item in the form of DynamoDB's protocol. */
type WireItem = Readonly<Record<string, AttributeValue>>;

/** What keeps a connection from being logged out. */
export interface Obstacles {
  readonly id: string;
  /** A sentence for each. No value is in them. */
  readonly reasons: readonly string[];
}

/** Reads the first items of a table: one page, of 1 MB or 1,000 items. */
export async function readSample(client: DynamoDBClient, tableName: string): Promise<WireItem[]> {
  return (await client.send(new ScanCommand({ TableName: tableName, Limit: 1_000 }))).Items ?? [];
}

/**
 * Finds what keeps terminals from logging a connection out, by the call's own functions: a terminal that gives the
 * stored values must be understood, and be compared with just what is stored.
 *
 * @param nowMs the server's clock, in milliseconds since 1970.
 * @returns the item's obstacles; an empty list where it has none.
 */
export function findObstacles(item: WireItem, nowMs: number): Obstacles[] {
  const reasons: string[] = [];
  const fields: Record<string, string> = {};
  for (const field of ['id', ...IDENTITY_FIELDS] as const) {
    const attribute = item[field];
    if (attribute === undefined || attribute.NULL) continue;
    if (attribute.S === undefined) reasons.push(`${field} is not a string.`);
    else fields[field] = attribute.S;
    if (FIELD_TYPES[field] === 'string' && attribute.S !== attribute.S?.trim()) {
      reasons.push(`${field} is padded with whitespace.`);
    }
  }
  const { date_logout: dateLogout } = item;
  if (!isLoggedIn(dateLogout?.NULL ? null : (dateLogout?.S ?? dateLogout))) {
    if (dateLogout?.S === undefined) reasons.push('date_logout is not a string.');
    else fields.date_logout = dateLogout.S;
  }
  try {
    const { id, identity } = readLogout(fields, UTC, nowMs);
    for (const [field, value] of Object.entries({ id, ...identity })) {
      if (value !== undefined && value !== fields[field]) {
        reasons.push(`${field} is not a GUID in lower case, with hyphens alone.`);
      }
    }
  } catch (error) {
    if (!(error instanceof InvalidConnectionError)) throw error;
    reasons.push(...error.errors.map(({ message }) => message));
  }
  return reasons.length === 0 ? [] : [{ id: fields.id ?? JSON.stringify(item.id), reasons }];
}
