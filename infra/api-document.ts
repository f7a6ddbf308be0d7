import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const DOCUMENT = 'docs/openapi.yaml';
const PAGE = 'dist/docs/index.html';

/** What Redocly is asked, by the word behind the script's name. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  lint: ['lint', DOCUMENT],
  // All of the page in one file, which calls nobody: by default it loads its script from a CDN and reports its use.
  page: ['build-docs', DOCUMENT, '--output', PAGE, '--inlineBundle', '--openapi.disableTelemetry=true'],
};

/**
 * Checks the API's document (`lint`), or makes a page of it (`page`), with Redocly's command line. On a terminal that
 * asks a registry for a newer version of itself; a variable keeps it from that, and `redocly.yaml` from telemetry.
 */
const [word = ''] = process.argv.slice(2);
const command = COMMANDS[word];
if (command === undefined) {
  console.error(`Say one of these: ${Object.keys(COMMANDS).join(', ')}.`);
  process.exit(1);
}
const redocly = resolve(createRequire(import.meta.url).resolve('@redocly/cli/package.json'), '../bin/cli.js');
const { status, stdout, stderr } = spawnSync(process.execPath, [redocly, ...command], {
  cwd: resolve(import.meta.dirname, '..'),
  env: { ...process.env, REDOCLY_SUPPRESS_NOTIFICATIONS: 'true' },
  encoding: 'utf8',
});
if (status === 0) {
  console.log(word === 'lint' ? `${DOCUMENT} is sound.` : `${PAGE} is the page: open it in a browser.`);
} else {
  console.error(`${stdout}${stderr}`);
  process.exitCode = 1;
}
