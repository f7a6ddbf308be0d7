// Loads a bundle, hands it one event, and prints which modules of Node.js that has loaded.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

// AWS's runtime client loads it before the function. An `import` would load undici too.
createRequire(import.meta.url)('node:http');

const [, , bundle, event] = process.argv;
const known = new Set(process.moduleLoadList);
const { handler } = await import(pathToFileURL(bundle));
const { statusCode } = await handler(JSON.parse(event), {
  awsRequestId: '1',
  // So little that Middy would end the request early, if it were allowed to.
  getRemainingTimeInMillis: () => 1,
});
const loaded = process.moduleLoadList
  .filter((entry) => !known.has(entry) && entry.startsWith('NativeModule '))
  .map((entry) => entry.replace('NativeModule ', ''));
console.log(JSON.stringify({ statusCode, loaded }));
process.exit();
