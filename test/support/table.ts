import { inject } from 'vitest';
import * as local from '../../tools/local/table.ts';

/** Creates a table that no other test file touches, in the DynamoDB Local of this run. */
export const createTable = (): Promise<local.LocalTable> => local.createTable(inject('dynamodbEndpoint'));
