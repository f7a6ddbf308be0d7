import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const DOCUMENT = 'docs/openapi.yaml';
const PAGE = 'dist/docs/index.html';

/** What Redocly is asked, by the word behind the script's name. */
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  lint: ['lint', DOCUMENT],
  // By default the page loads its script from a CDN and reports its use.
  page: ['build-docs', DOCUMENT, '--output', PAGE, '--inlineBundle', '--openapi.disableTelemetry=true'],
};

/** Keeps the page from calling anybody, whatever is in it: it shows a logo from a CDN too, and does without. */
const POLICY =
  "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; font-src data:";

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
const project = resolve(import.meta.dirname, '..');
const { status, stdout, stderr } = spawnSync(process.execPath, [redocly, ...command], {
  cwd: project,
  env: { ...process.env, REDOCLY_SUPPRESS_NOTIFICATIONS: 'true' },
  encoding: 'utf8',
});
if (status !== 0) {
  console.error(`${stdout}${stderr}`);
  process.exitCode = 1;
} else if (word === 'lint') {
  console.log(`${DOCUMENT} is sound.`);
} else {
  const page = resolve(project, PAGE);
  const meta = `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`;
  writeFileSync(page, readFileSync(page, 'utf8').replace('<head>', `<head>${meta}`));
  console.log(`${PAGE} is the page: open it in a browser.`);
}
