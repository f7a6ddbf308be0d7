// `npm run lint:api`: checks the OpenAPI document.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { plainPath } from './plain-path.ts';

const document = join(plainPath(join(import.meta.dirname, '..')), 'docs/openapi.yaml');
const { status } = spawnSync('redocly', ['lint', document], { stdio: 'inherit' });
process.exitCode = status ?? 1;
