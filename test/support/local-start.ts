import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isGroupLeft } from './process-group.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start`, in a process group of its own as a terminal would put it. */
export class LocalStart {
  readonly #child: ChildProcess;
  readonly #exited: Promise<[number | null, NodeJS.Signals | null]>;
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
    const [command, ...first] =
      through === 'npm' ? ['npm', 'start', '--'] : [process.execPath, 'tools/local/start.ts'];
    this.#child = spawn(command as string, [...first, ...args], {
      cwd,
      detached: true,
      env: { ...process.env, PORT: '0', DYNAMODB_PORT: '0', ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#exited = once(this.#child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errors += text;
    });
  }

  get #group(): number {
    return this.#child.pid as number;
  }

  /**
   * Waits for output.
   *
   * @param stream where: standard output, or standard error.
   * @returns what `pattern` found in it.
   * @throws {Error} if it ends before.
   */
  async printed(pattern: RegExp, stream: 'output' | 'errors' = 'output'): Promise<RegExpExecArray> {
    while (true) {
      const found = pattern.exec(this[stream]);
      if (found !== null) return found;
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`It ended without having printed ${pattern}: ${this.output}${this.errors}`);
      }
      const source = stream === 'output' ? this.#child.stdout : this.#child.stderr;
      await Promise.race([once(source as NodeJS.EventEmitter, 'data'), this.#exited]);
    }
  }

  /** @returns the exit code, when it has ended and all of its output is read. */
  async exitCode(): Promise<number | null> {
    const [code] = await this.#exited;
    return code;
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Sends a signal to the whole group, as Ctrl-C does, or to the first process alone. */
  kill(signal: NodeJS.Signals, target: 'group' | 'first' = 'group'): void {
    process.kill(target === 'group' ? -this.#group : this.#group, signal);
  }

  /** Whether any process of the group is left. */
  get isLeft(): boolean {
    return isGroupLeft(this.#group);
  }

  /** Finds, in `/proc`, the process whose command line holds a text, and does not hold another. */
  async findPid(text: string, not: string): Promise<number | undefined> {
    for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '');
      if (commandLine.includes(text) && !commandLine.includes(not)) return Number(pid);
    }
    return undefined;
  }

  /** Ends what is left of it, whatever happened. */
  async clear(): Promise<void> {
    if (this.isLeft) this.kill('SIGKILL');
    await this.#exited;
  }
}
