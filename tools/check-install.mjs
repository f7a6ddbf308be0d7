// Says in one sentence what to type before `npm start` or `npm test` can run. It is plain JavaScript, since it runs where
// no Node.js that reads TypeScript may be installed yet.
import { existsSync } from 'node:fs';

const MIN_NODE_MAJOR = 24;

if (!existsSync(new URL('../node_modules/.package-lock.json', import.meta.url))) {
  console.error(
    "npm has not installed the packages, and npm's lock file is the one that counts: run `npm ci`.",
  );
  process.exitCode = 1;
} else if (Number.parseInt(process.versions.node, 10) < MIN_NODE_MAJOR) {
  console.error(
    `This is Node.js ${process.versions.node}: install ${MIN_NODE_MAJOR} or later, then run \`npm ci\`.`,
  );
  process.exitCode = 1;
}
