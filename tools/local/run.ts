import { styleText } from 'node:util';
import { escapeControlCharacters, printError } from '../cli.ts';
import { FunctionInitError } from './environment.ts';

/** Builds the bundle, for a command that goes on to run it. esbuild takes a moment to load: only when it is needed. */
export async function buildOnce(): Promise<void> {
  const [{ build }, { stop }] = await Promise.all([import('../build/build.ts'), import('esbuild')]);
  await build();
  // It keeps a process for the next build, which there will not be.
  await stop();
}

/** @returns what prints each step when it is done, with the seconds since now. */
export function stepPrinter(): (step: string) => void {
  const since = performance.now();
  return (step) => {
    const seconds = ((performance.now() - since) / 1000).toFixed(1);
    console.log(`${styleText('green', '✓')} ${step} ${styleText('dim', `${seconds} s`)}`);
  };
}

/** Prints a line of the function that is no report of a request. */
export function printStray(line: string, stream: 'stdout' | 'stderr'): void {
  const out = stream === 'stdout' ? console.log : console.error;
  out(`${styleText('dim', 'function:', { stream: process[stream] })} ${escapeControlCharacters(line)}`);
}

/** Prints why a run cannot go on: a sentence where that says all, with the stack where it is a defect. */
export function explain(error: unknown): void {
  if (error instanceof FunctionInitError) {
    console.error(styleText('red', error.message, { stream: process.stderr }));
    console.error(error.failure.stack ?? '');
  } else {
    printError(error);
  }
}
