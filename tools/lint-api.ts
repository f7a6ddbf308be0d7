// `npm run lint:api`: checks the OpenAPI document.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { plainPath } from './plain-path.ts';

const document = join(plainPath(join(import.meta.dirname, '..')), 'docs/openapi.yaml');
const { status, error } = spawnSync('redocly', ['lint', document], { stdio: 'inherit' });
if (error) console.error(`Redocly cannot be started: ${error.message}. Use \`npm run lint:api\`.`);
process.exitCode = status ?? 1;
