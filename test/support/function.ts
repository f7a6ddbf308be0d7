import { inject } from 'vitest';
import { Environment } from '../../tools/local/environment.ts';
import { functionVariables } from '../../tools/local/function-variables.ts';

/** The built function in a process of its own, as the template says, without the gateway in front of it. */
export interface TestFunction {
  /** Everything that it wrote, in the order in which it did. */
  readonly output: readonly string[];
  /** Runs it once. */
  invoke(event: unknown): Promise<{ statusCode: number; headers: Record<string, string>; body: string }>;
  /** Ends the process. */
  close(): Promise<void>;
}

/**
 * Starts the function.
 *
 * @param endpoint where it finds DynamoDB.
 * @param variables environment variables in place of the template's.
 */
export async function startFunction(
  endpoint: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<TestFunction> {
  const template = inject('template');
  const output: string[] = [];
  const environment = new Environment(
    {
      name: 'connection-logout-test',
      ...template.function,
      variables: { ...functionVariables(template, endpoint), ...variables },
    },
    {
      onStdoutLine: (line) => output.push(line),
      onOutput: (line, stream) => stream === 'stderr' && output.push(line),
    },
  );
  await environment.load();
  return {
    output,
    async invoke(event) {
      const invocation = await environment.invoke(event as never);
      if (!invocation.ok) throw new Error(invocation.reason);
      return JSON.parse(invocation.payload);
    },
    close: () => environment.kill(),
  };
}
