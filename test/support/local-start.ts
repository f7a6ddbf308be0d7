import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { WAIT } from './server.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start`, in a process group of its own as a terminal would put it. */
export class LocalStart {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<[exitCode: number | null]>;
  /** What it has printed until now: standard output and standard error. */
  output = '';
  errors = '';

  /**
   * @param environment variables on top of the test's own.
   * @param args what follows `npm start --`.
   * @param through `npm`, as a person starts it, or `node` itself, whose exit code is then seen as it is.
   * @param cwd the project's folder.
   */
  constructor(
    environment: NodeJS.ProcessEnv,
    args: string[] = [],
    through: 'npm' | 'node' = 'node',
    cwd: string = PROJECT,
  ) {
    const first = through === 'npm' ? ['start', '--'] : ['tools/local/start.ts'];
    this.#child = spawn(through === 'npm' ? 'npm' : process.execPath, [...first, ...args], {
      cwd,
      detached: true,
      env: { ...process.env, PORT: '0', DYNAMODB_PORT: '0', ...environment },
    });
    this.#closed = once(this.#child, 'close') as Promise<[number | null]>;
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      this.output += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => {
      this.errors += text;
    });
  }

  get #group(): number {
    return this.#child.pid as number;
  }

  /** Waits for text on standard output or standard error. @returns what `pattern` found in it. */
  printed(pattern: RegExp, stream: 'output' | 'errors' = 'output'): Promise<RegExpExecArray> {
    return vi.waitFor(() => {
      const found = pattern.exec(this[stream]);
      if (found === null) throw new Error(`There is no ${pattern} in: ${this.output}${this.errors}`);
      return found;
    }, WAIT);
  }

  /** @returns the exit code, when it has ended and all of its output is read. */
  async exitCode(): Promise<number | null> {
    const [code] = await this.#closed;
    return code;
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Sends a signal to the whole group, as Ctrl-C does, or to the first process alone. */
  kill(signal: NodeJS.Signals, target: 'group' | 'first' = 'group'): void {
    process.kill(target === 'group' ? -this.#group : this.#group, signal);
  }

  /** Whether any process of the group is left. Without `/proc` zombies count. */
  get isLeft(): boolean {
    try {
      process.kill(-this.#group, 0);
    } catch {
      return false;
    }
    return !existsSync('/proc/self/stat') || this.#listProcesses().length > 0;
  }

  /** Finds, in `/proc`, the engine that listens on a port. */
  findEngine(port: string): number | undefined {
    const engine = this.#listProcesses().find(
      ({ commandLine }) => commandLine.includes(port) && !commandLine.includes('engine-supervisor'),
    );
    return engine?.pid;
  }

  /** The processes of the group but zombies, which the first process of a container may take seconds to collect. */
  #listProcesses(): { pid: number; commandLine: string }[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.flatMap((pid) => {
      try {
        // What follows the command, which stands in brackets and may hold anything: state, parent, group …
        const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
        const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (Number(group) !== this.#group || state === 'Z') return [];
        return [{ pid: Number(pid), commandLine: readFileSync(`/proc/${pid}/cmdline`, 'latin1') }];
      } catch {
        return [];
      }
    });
  }

  /** Ends what is left of it, whatever happened. */
  async clear(): Promise<void> {
    if (this.isLeft) this.kill('SIGKILL');
    await this.#closed;
  }
}
