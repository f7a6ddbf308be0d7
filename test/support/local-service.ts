import { inject } from 'vitest';
import { createEnvironment } from '../../tools/local/environment.ts';
import { LocalFunction, type OnLine } from '../../tools/local/function.ts';
import { startGateway } from '../../tools/local/gateway.ts';
import { type FaultyDynamoDb, faultyDynamoDb } from './faulty-dynamodb.ts';
import { type HttpRequest, send } from './http.ts';
import { type CheckedResponse, checkResponse } from './responses.ts';
import type { LocalTable } from './table.ts';
import { createTable } from './table.ts';

/** The built function behind the local gateway, with a table of its own that can be made to fail. */
export interface LocalService {
  /** The URL of the route. */
  readonly url: string;
  readonly table: LocalTable;
  readonly dynamodb: FaultyDynamoDb;
  /**
   * Sends a logout over HTTP.
   *
   * @throws {AssertionError} when the response breaks the contract.
   */
  logOut(fields: object, request?: HttpRequest): Promise<CheckedResponse>;
  /** Ends it. */
  close(): Promise<void>;
}

/**
 * Starts what `npm start` does, but on the engine of this run, through a proxy that can fail.
 *
 * @param changes environment variables of the function in place of the template's.
 * @param onLine called with each line that the function writes. Default: errors are printed.
 */
export async function startLocalService(
  changes: Readonly<Record<string, string>> = {},
  onLine: OnLine = (line, stream) => stream === 'stderr' && console.error(line),
): Promise<LocalService> {
  const table = await createTable();
  const dynamodb = await faultyDynamoDb(table.endpoint);
  const template = inject('template');
  const variables = {
    ...createEnvironment(template, dynamodb.endpoint),
    TABLE_NAME: table.tableName,
    ...changes,
  };
  const logout = new LocalFunction({ ...template.function, variables }, onLine);
  const gateway = await startGateway({
    route: template.route,
    port: 0,
    invoke: (event) => logout.invoke(event),
    onOwnResponse: () => {},
  });
  return {
    url: gateway.url,
    table,
    dynamodb,
    async logOut(fields, request) {
      const json = { contentType: 'application/json', body: JSON.stringify(fields) };
      return checkResponse(await send(gateway.url, { ...json, ...request }));
    },
    async close() {
      await Promise.all([gateway.close(), logout.close()]);
      await dynamodb.settled();
      await dynamodb.close();
      table.close();
    },
  };
}
