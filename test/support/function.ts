import { inject } from 'vitest';
import { LocalFunction } from '../../tools/local/function.ts';
import { functionVariables } from '../../tools/local/function-variables.ts';

/** The built function in a process of its own, as the template says, without the gateway in front of it. */
export interface TestFunction {
  /** Every line that it wrote, in the order in which it did. The last may come after the response. */
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
  const lambda = new LocalFunction(
    { ...template.function, variables: { ...functionVariables(template, endpoint), ...variables } },
    (line) => output.push(line),
  );
  await lambda.load();
  return {
    output,
    invoke: async (event) => JSON.parse(await lambda.invoke(event)),
    close: () => lambda.close(),
  };
}
