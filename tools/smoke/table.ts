import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { FIELD_TYPES, IDENTITY_FIELDS, isLoggedIn } from '../../lambda/domain/connection.ts';
import { UTC } from '../../lambda/domain/time-zone.ts';
import { InvalidConnectionError } from '../../lambda/http/errors.ts';
import { readLogout } from '../../lambda/http/read-logout.ts';

/**
 * Finds what keeps terminals from logging a connection out, by the call's own functions: a terminal that gives the
 * stored values must be understood, and be compared with just what is stored.
 *
 * @param item in the form of DynamoDB's protocol.
 * @param nowMs the server's clock, in milliseconds since 1970.
 * @returns a sentence for each, without any value.
 */
export function findObstacles(item: Readonly<Record<string, AttributeValue>>, nowMs: number): string[] {
  const obstacles: string[] = [];
  const fields: Record<string, string> = {};
  for (const field of ['id', ...IDENTITY_FIELDS] as const) {
    const attribute = item[field];
    if (attribute === undefined || attribute.NULL) continue;
    if (attribute.S === undefined) obstacles.push(`${field} is not a string.`);
    else fields[field] = attribute.S;
    if (FIELD_TYPES[field] === 'string' && attribute.S !== attribute.S?.trim()) {
      obstacles.push(`${field} is padded with whitespace.`);
    }
  }
  const { date_logout: dateLogout } = item;
  if (!isLoggedIn(dateLogout?.NULL ? null : (dateLogout?.S ?? dateLogout))) {
    if (dateLogout?.S === undefined) obstacles.push('date_logout is not a string.');
    else fields.date_logout = dateLogout.S;
  }
  try {
    const { id, identity } = readLogout(fields, UTC, nowMs);
    for (const [field, value] of Object.entries({ id, ...identity })) {
      if (value !== undefined && value !== fields[field]) {
        obstacles.push(`${field} is not a GUID in lower case, with hyphens alone.`);
      }
    }
  } catch (error) {
    if (!(error instanceof InvalidConnectionError)) throw error;
    obstacles.push(...error.errors.map(({ message }) => message));
  }
  return obstacles;
}
