import { inject } from 'vitest';
import { LocalFunction } from '../../tools/local/function.ts';
import { functionVariables } from '../../tools/local/function-variables.ts';
import { startGateway } from '../../tools/local/gateway.ts';
import type { LocalTable } from '../../tools/local/table.ts';
import { type FaultyDynamoDb, faultyDynamoDb } from './faulty-dynamodb.ts';
import { createTable } from './table.ts';

/** The built function behind the local gateway, with a table of its own that can be made to fail. */
export interface LocalService {
  /** The URL of the route. */
  readonly url: string;
  readonly table: LocalTable;
  readonly dynamodb: FaultyDynamoDb;
  /** Ends it. */
  close(): Promise<void>;
}

/**
 * Starts what `npm start` does, but on the engine of this run, through a proxy that can fail.
 *
 * @param changes environment variables of the function in place of the template's.
 */
export async function startLocalService(
  changes: Readonly<Record<string, string>> = {},
): Promise<LocalService> {
  const table = await createTable();
  const dynamodb = await faultyDynamoDb(table.endpoint);
  const template = inject('template');
  const variables = {
    ...functionVariables(template, dynamodb.endpoint),
    TABLE_NAME: table.tableName,
    ...changes,
  };
  const logout = new LocalFunction({ ...template.function, variables }, (line, stream) => {
    if (stream === 'stderr') console.error(line);
  });
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
    async close() {
      await Promise.all([gateway.close(), logout.close()]);
      await dynamodb.close();
      table.close();
    },
  };
}
