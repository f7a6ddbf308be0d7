import { spawnSync } from 'node:child_process';

/** What `npm audit` came to. */
export interface Audit {
  /** A sentence, or npm's own report where there is something to do. */
  readonly text: string;
  readonly isVulnerable: boolean;
}

/**
 * Asks npm whether a package that is installed here has a known vulnerability. A vulnerability is a failure; that the
 * audit service cannot be reached is none, since it says nothing of the packages: the next run asks again.
 */
export function audit(): Audit {
  const { stdout } = npmAudit('--json');
  if (vulnerabilities(stdout) === undefined) {
    return { text: 'npm audit: the service could not be asked, so nothing is known.', isVulnerable: false };
  }
  if (vulnerabilities(stdout) === 0) {
    return { text: 'npm audit: no package has a known vulnerability.', isVulnerable: false };
  }
  return { text: npmAudit().stdout, isVulnerable: true };
}

/** How many there are; `undefined` where npm reports something else, such as why it cannot say. */
function vulnerabilities(report: string): number | undefined {
  try {
    return JSON.parse(report).metadata.vulnerabilities.total;
  } catch {
    return undefined;
  }
}

function npmAudit(...args: string[]): { stdout: string } {
  // A shell, since npm is a script of its own kind on Windows.
  return spawnSync(['npm', 'audit', ...args].join(' '), { shell: true, encoding: 'utf8' });
}

if (import.meta.main) {
  const { text, isVulnerable } = audit();
  console.log(text);
  process.exitCode = isVulnerable ? 1 : 0;
}
