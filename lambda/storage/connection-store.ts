import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBDocumentClient,
  UpdateCommand,
  type UpdateCommandInput,
  type UpdateCommandOutput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type Connection, FIELDS } from '../domain/connection.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import type { Logout, Write } from '../domain/logout.ts';
import { STORE_LIMITS } from './client.ts';

// The states of an item, and what the one write does in each:
//
//   no item ──────────────── refused: EXISTS fails, and no item comes back
//   logged in ────────────── written, if the identity and the caller match: date_logout is set
//      │ the write               else refused, and the item comes back
//      v
//   logged out ───────────── refused: LOGGED_IN fails, and the item comes back. A repeat of the logout that was
//                            written lands here too, be it the terminal's or the SDK's after a lost answer.
const EXISTS = 'attribute_exists(#id)';
/** The login service writes a NULL or nothing, and `attribute_not_exists` alone is false for a NULL. */
const LOGGED_IN = '(attribute_not_exists(#date_logout) OR attribute_type(#date_logout, :null))';
const IS_CALLERS = '#id_user = :caller';
/** For a token without a subject: it cannot hold together with {@link EXISTS}. */
const IS_NOBODYS = 'attribute_not_exists(#id)';

/** The errors that pass, although the SDK does not send the write again for them. */
const PASSING = new Set(['ReplicatedWriteConflictException', 'TransactionConflictException']);

/** The HTTP status that may pass, too, although it says that the fault is the client's. */
const REQUEST_TIMEOUT = 408;

/** Where connections are stored. */
export interface ConnectionStore {
  /**
   * Logs a connection out by one conditional write.
   *
   * @returns what the write came to, and how often it was sent.
   * @throws {StoreUnavailableError} when it is not known whether the write happened.
   * @throws whatever else the table refuses a write for (access, no such table, an invalid request): a defect.
   */
  logOut(logout: Logout): Promise<Write & { readonly attempts: number }>;
}

/**
 * Makes a store of a table.
 *
 * @param tableName the table's name or ARN.
 */
export function connectionStore(client: DynamoDBDocumentClient, tableName: string): ConnectionStore {
  return {
    async logOut(logout) {
      const date = (logout.dateLogout ?? logout.receivedAt).text;
      const command = new UpdateCommand({ TableName: tableName, ...updateOf(logout, date) });
      // Not `AbortSignal.timeout`, which would keep a timer of every request for as long as the deadline is.
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), STORE_LIMITS.deadline);
      let output: UpdateCommandOutput;
      try {
        output = await client.send(command, { abortSignal: deadline.signal });
      } catch (error) {
        return refusedWrite(error as SdkError, logout.id);
      } finally {
        clearTimeout(timer);
      }
      const connection = connectionOf(output.Attributes ?? {});
      if (connection.id !== logout.id || connection.date_logout !== date || connection.success !== true) {
        throw new StoreUnavailableError(new Error('The table answered without the item that it wrote.'));
      }
      return { written: true, connection, attempts: output.$metadata.attempts ?? 1 };
    },
  };
}

function updateOf(
  { id, identity, message, caller }: Logout,
  date: string,
): Omit<UpdateCommandInput, 'TableName'> {
  const conditions = [EXISTS, LOGGED_IN];
  const assignments = ['#date_logout = :date_logout', '#success = :success'];
  const names: Record<string, string> = { '#id': 'id', '#date_logout': 'date_logout', '#success': 'success' };
  const values: Record<string, string | boolean> = {
    ':null': 'NULL',
    ':date_logout': date,
    ':success': true,
  };

  for (const [field, value] of Object.entries(identity)) {
    conditions.push(`#${field} = :${field}`);
    names[`#${field}`] = field;
    values[`:${field}`] = value;
  }
  if (message !== undefined) {
    assignments.push('#message = :message');
    names['#message'] = 'message';
    values[':message'] = message;
  }
  if (caller?.subject !== undefined) {
    conditions.push(IS_CALLERS);
    names['#id_user'] = 'id_user';
    values[':caller'] = caller.subject;
  } else if (caller !== undefined) {
    conditions.push(IS_NOBODYS);
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

/** What the SDK throws, as far as it is looked at. */
interface SdkError extends Error {
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly attempts?: number; readonly httpStatusCode?: number };
  /** With `ConditionalCheckFailedException`: the item as it is, not unmarshalled; absent if there is none. */
  readonly Item?: Record<string, AttributeValue>;
}

function refusedWrite(error: SdkError, id: string): Write & { attempts: number } {
  const attempts = error.$metadata?.attempts ?? 1;
  if (error.name !== 'ConditionalCheckFailedException') {
    throw isRefusedForGood(error) ? error : new StoreUnavailableError(error, error.$metadata?.attempts);
  }
  if (error.Item === undefined) return { written: false, attempts };
  const item = unmarshalled(error.Item);
  if (item.id !== id) throw new StoreUnavailableError(new Error('The table answered with another item.'));
  const isLoggedIn = (item.date_logout ?? null) === null;
  return { written: false, connection: connectionOf(item), isLoggedIn, attempts };
}

/**
 * Whether the table, or the SDK in its name, refused what it understood: a defect of ours. All else may pass, may
 * have been written, or cannot be read.
 */
function isRefusedForGood({ name, $fault, $metadata = {} }: SdkError): boolean {
  if (name === 'CredentialsProviderError') return true;
  const { attempts = 1, httpStatusCode } = $metadata;
  // What was sent again may pass, and an attempt of which the answer was lost may have been written.
  if (attempts > 1 || httpStatusCode === REQUEST_TIMEOUT || PASSING.has(name)) return false;
  return $fault === 'client' && name !== 'Unknown' && name !== 'UnknownError';
}

/** Numbers stay text, as in what the document client unmarshalls. */
function unmarshalled(item: Record<string, AttributeValue>): Record<string, unknown> {
  try {
    return unmarshall(item, { wrapNumbers: true });
  } catch (error) {
    throw new StoreUnavailableError(error);
  }
}

/** Reads the ten attributes: those of another type count as absent, those that are not the service's as nothing. */
function connectionOf(item: Record<string, unknown>): Connection {
  const fields = FIELDS.filter(
    (field) => typeof item[field] === (field === 'success' ? 'boolean' : 'string'),
  );
  return Object.fromEntries(fields.map((field) => [field, item[field]]));
}
