import { readFile } from 'node:fs/promises';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { BUNDLE, FUNCTION_FOLDER } from '../../infra/bundle.ts';
import { escapeControlCharacters, runCommand, UserError } from '../cli.ts';
import { locateSourceMap } from './build.ts';

const HELP = `Shows the lines of the source in a stack of the log (cause.stack): npm run stack-trace < stack.txt

  --map FILE   the source map of the deployed bundle, which its build left in dist/lambda.maps
               (default: that of the bundle in dist/lambda)`;

/** A place in the bundle, as the log names it. */
const PLACE = /[^\s(]*\.mjs:(\d+):(\d+)/g;

/**
 * Puts the places of the source in the place of those of the bundle.
 *
 * @param stack frames, with line breaks or `\\n` between them.
 * @param map the source map of the bundle.
 */
export function mapStack(stack: string, map: SourceMapPayload): string {
  const sourceMap = new SourceMap(map);
  const mapped = stack.replaceAll('\\n', '\n').replace(PLACE, (place, line, column) => {
    // A place in Lambda's own runtime is not in the map, which has a wrong one for it.
    if (place.includes('/var/runtime/')) return place;
    const origin = sourceMap.findOrigin(Number(line), Number(column));
    return 'fileName' in origin ? `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}` : place;
  });
  return mapped.split('\n').map(escapeControlCharacters).join('\n');
}

if (import.meta.main) {
  await runCommand({
    name: 'npm run stack-trace',
    help: HELP,
    options: { map: { type: 'string' } },
    async run({ map }) {
      const file = map ?? locateSourceMap(await readOrExplain(join(FUNCTION_FOLDER, BUNDLE)));
      const payload = JSON.parse((await readOrExplain(file)).toString()) as SourceMapPayload;
      console.log(mapStack(await text(process.stdin), payload).trimEnd());
      return undefined;
    },
  });
}

async function readOrExplain(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch {
    throw new UserError(`There is no ${file}: \`npm run build\` makes it, or give --map.`);
  }
}
