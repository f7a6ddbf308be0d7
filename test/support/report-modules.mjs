// Loads a bundle, hands it one event, and writes to file descriptor 3 which modules of Node.js that has loaded, each
// with the stack of what asked for it.
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// AWS's runtime client loads it before the function. An `import` would load undici too.
createRequire(import.meta.url)('node:http');

const [, , bundle, event] = process.argv;
const loaded = [];
let known = process.moduleLoadList.length;

function note(stack) {
  for (const name of process.moduleLoadList.slice(known)) {
    const [kind, id] = name.split(/ (.*)/);
    if (kind === 'NativeModule') loaded.push({ id, stack });
  }
  known = process.moduleLoadList.length;
}

/** Calls a function, and notes what was loaded before it and by it. */
function noting(call) {
  note('');
  const result = call();
  if (process.moduleLoadList.length > known) note(new Error().stack);
  return result;
}

const { getBuiltinModule } = process;
process.getBuiltinModule = (name) => noting(() => getBuiltinModule.call(process, name));
// Looking at the property of any other such global would load its module.
const { get, ...rest } = Object.getOwnPropertyDescriptor(globalThis, 'performance');
Object.defineProperty(globalThis, 'performance', { ...rest, get: () => noting(() => get.call(globalThis)) });

const { handler } = await import(pathToFileURL(bundle));
const { statusCode } = await handler(JSON.parse(event), {
  awsRequestId: '1',
  getRemainingTimeInMillis: () => 10_000,
});
note('');
writeSync(3, JSON.stringify({ statusCode, loaded }));
process.exit();
