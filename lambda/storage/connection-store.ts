import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  UpdateCommand,
  type UpdateCommandInput,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import {
  type Connection,
  FIELD_TYPES,
  FIELDS,
  type Field,
  isLoggedIn,
  UNSET_YEAR,
} from '../domain/connection.ts';
import { InternalError, StoreUnavailableError } from '../domain/errors.ts';
import { CALLER_FIELDS, type Logout, type WriteResult } from '../domain/logout.ts';
import {
  CONDITION_FAILED,
  isPermanentError,
  type SdkError,
  WrongItemError,
  WrongWriteError,
} from './errors.ts';

// The states of an item, and what the one write does in each:
//
//   no item ──────────────── refused: EXISTS fails, and no item comes back
//   logged in ────────────── written, if the identity and the caller match: date_logout is set
//      │ the write               else refused, and the item comes back
//      v
//   logged out ───────────── refused: LOGGED_IN fails, and the item comes back. A repeat of the logout that was
//                            written lands here too: the terminal's, or the SDK's after a lost response.
const EXISTS = 'attribute_exists(#id)';
/** What a login service stores for a date that was never set: nothing, a NULL, an empty string or one of the year 0001. */
const LOGGED_IN = {
  expression:
    '(attribute_not_exists(#date_logout) OR attribute_type(#date_logout, :null)' +
    ' OR #date_logout = :empty OR begins_with(#date_logout, :unset))',
  names: { '#date_logout': 'date_logout' },
  values: { ':null': 'NULL', ':empty': '', ':unset': UNSET_YEAR },
} as const;
/** For a caller without the proof that is required: it cannot hold together with {@link EXISTS}. */
const NEVER_MATCHES = 'attribute_not_exists(#id)';

/** Where connections are stored. */
export interface ConnectionStore {
  /**
   * Logs a connection out by one conditional write.
   *
   * @throws {StoreUnavailableError} when it is not known whether the write happened.
   * @throws {InternalError} when the table refuses the write permanently (access, no such table, an invalid request).
   */
  logOut(logout: Logout): Promise<WriteResult>;
}

/**
 * Makes a store of a table.
 *
 * @param tableName the table's name or ARN.
 */
export function createConnectionStore(client: DynamoDBDocumentClient, tableName: string): ConnectionStore {
  return {
    async logOut(logout) {
      const date = (logout.dateLogout ?? logout.receivedAt).text;
      const command = new UpdateCommand({ TableName: tableName, ...createUpdate(logout, date) });
      let attempts = 0;
      // Around each attempt, so that a response without the item is retried as any other that cannot be read.
      command.middlewareStack.add(
        (next) => async (args) => {
          attempts++;
          const result = await next(args);
          if (!holdsWrite(result.output, logout.id, date)) throw new WrongWriteError();
          return result;
        },
        // The document client adds a command's middleware twice: of one with a name, `override` keeps one.
        { step: 'finalizeRequest', priority: 'low', name: 'checkWrite', override: true },
      );
      try {
        const { Attributes = {} } = await client.send(command);
        return { written: true, connection: readConnection(Attributes), attempts };
      } catch (error) {
        return toWriteResult(error as SdkError, logout.id, attempts);
      }
    },
  };
}

/** Whether the table's response shows the item as this call wrote it. */
function holdsWrite({ Attributes = {} }: Partial<UpdateCommandOutput>, id: string, date: string): boolean {
  const item = readConnection(Attributes);
  return item.id === id && item.date_logout === date && item.success === true;
}

function createUpdate(
  { id, identity, message, caller }: Logout,
  date: string,
): Omit<UpdateCommandInput, 'TableName'> {
  const conditions = [EXISTS, LOGGED_IN.expression];
  const assignments = ['#date_logout = :date_logout', '#success = :success'];
  const names: Record<string, string> = { ...LOGGED_IN.names, '#id': 'id', '#success': 'success' };
  const values: Record<string, string | boolean> = {
    ...LOGGED_IN.values,
    ':date_logout': date,
    ':success': true,
  };

  for (const [field, value] of Object.entries(identity)) {
    if (value === undefined) continue;
    conditions.push(`#${field} = :${field}`);
    names[`#${field}`] = field;
    values[`:${field}`] = value;
  }
  for (const field of CALLER_FIELDS) {
    const value = caller[field];
    if (value === undefined) continue;
    if (value === null) {
      conditions.push(NEVER_MATCHES);
      continue;
    }
    conditions.push(`#${field} = :caller_${field}`);
    names[`#${field}`] = field;
    values[`:caller_${field}`] = value;
  }
  if (message !== undefined) {
    assignments.push('#message = :message');
    names['#message'] = 'message';
    values[':message'] = message;
  }

  return {
    Key: { id },
    UpdateExpression: `SET ${assignments.join(', ')}`,
    ConditionExpression: conditions.join(' AND '),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  };
}

/** With a failed condition: the item as it is, which the document client leaves in wire form; absent if there is none. */
type ConditionError = SdkError & { readonly Item?: Readonly<Record<string, AttributeValue>> };

/** Makes a result of a write whose condition failed, and an outcome of any other error. */
function toWriteResult(error: ConditionError, id: string, attempts: number): WriteResult {
  if (error.name !== CONDITION_FAILED) {
    // A later attempt may be refused permanently although an earlier one has written.
    if (attempts <= 1 && isPermanentError(error)) throw new InternalError(error, attempts);
    throw new StoreUnavailableError(error, attempts);
  }
  const { Item } = error;
  if (Item === undefined) return { written: false, attempts };
  const item = unmarshallFields(Item);
  const connection = readConnection(item);
  if (connection.id !== id) throw new StoreUnavailableError(new WrongItemError(), attempts);
  return { written: false, connection, isLoggedIn: isLoggedIn(item.date_logout), attempts };
}

/** The values of the record's attributes, of whatever type. */
type Item = { readonly [F in Field]?: unknown };

/** Unmarshalls the ten attributes alone: the others may be anything. */
function unmarshallFields(item: Readonly<Record<string, AttributeValue>>): Item {
  return Object.fromEntries(FIELDS.map((field) => [field, unmarshallValue(item[field])]));
}

/** A value of another type than the record's stays as it is, and then counts as absent. */
function unmarshallValue(value: AttributeValue | undefined): unknown {
  return value?.NULL ? null : (value?.S ?? value?.BOOL ?? value);
}

/** Reads the ten attributes: those of another type count as absent. */
function readConnection(item: Item): Connection {
  const given = FIELDS.filter(
    (field) => typeof item[field] === (FIELD_TYPES[field] === 'boolean' ? 'boolean' : 'string'),
  );
  return Object.fromEntries(given.map((field) => [field, item[field]]));
}
