// Ends with an error where a cloud assembly holds an asset that the CDK command line would make by a command of the
// assembly's own (`executable`) or by a Dockerfile, which runs commands too: node .github/check-assembly.mjs FOLDER
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether JSON holds, at any depth, what the CDK would execute. Names are compared as they are parsed. */
const executes = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).some(
    ([name, inner]) =>
      name === 'executable' || (name === 'dockerImages' && Object.keys(inner).length > 0) || executes(inner),
  );

const [folder = ''] = process.argv.slice(2);
// Or nothing would be checked.
readFileSync(join(folder, 'manifest.json'));
// The manifest may give the list of assets any name.
for (const path of globSync('**', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())) {
  const file = join(path.parentPath, path.name);
  let json;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    continue;
  }
  if (executes(json)) {
    console.error(`${file} holds an asset that is made by a command. Such an assembly is not deployed.`);
    process.exitCode = 1;
  }
}
