import { inject } from 'vitest';
import { startGateway } from '../../tools/local/gateway.ts';
import { type CheckedResponse, checkResponse } from './api-document.ts';
import { type FaultyFunction, startFaultyFunction } from './function.ts';
import { type HttpRequest, send } from './http.ts';
import { createTable, type LocalTable } from './table.ts';

/** What `npm start` runs, but on the engine of this run: the built function behind the local gateway. */
export interface LocalService extends Pick<FaultyFunction, 'dynamodb' | 'lambda' | 'close'> {
  /** The URL of the route. */
  readonly url: string;
  /** A table of its own. */
  readonly table: LocalTable;
  /**
   * Sends a logout over HTTP.
   *
   * @throws {AssertionError} when the response breaks the contract.
   */
  logOut(fields: object, request?: HttpRequest): Promise<CheckedResponse>;
}

/** @param variables environment variables of the function in place of the template's. */
export async function startLocalService(
  variables: Readonly<Record<string, string>> = {},
): Promise<LocalService> {
  const table = await createTable();
  const { dynamodb, lambda, close } = await startFaultyFunction(table, variables);
  const gateway = await startGateway({
    route: inject('template').route,
    port: 0,
    invoke: async (event) => JSON.stringify(await lambda.invoke(event)),
    onOwnResponse: () => {},
  });
  return {
    url: gateway.url,
    table,
    dynamodb,
    lambda,
    async logOut(fields, request) {
      const json = { contentType: 'application/json', body: JSON.stringify(fields) };
      return checkResponse(await send(gateway.url, { ...json, ...request }));
    },
    async close() {
      await Promise.all([gateway.close(), close()]);
      table.close();
    },
  };
}
