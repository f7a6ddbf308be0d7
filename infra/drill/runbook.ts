import { readFileSync } from 'node:fs';

/** Where it is, from the project's folder. */
export const RUNBOOK = 'docs/runbook.md';

/** What the runbook says first of an alarm or an outcome. */
export interface RunbookSection {
  readonly title: string;
  /** Its first paragraphs, as plain text: what an alarm means and where to look, or all that there is on an outcome. */
  readonly paragraphs: readonly string[];
  /** Of its table the row that was asked for, else what one may see by all of them; absent where it has no table. */
  readonly table?: string;
}

/**
 * Reads a section.
 *
 * @param title the heading, which is its anchor too.
 * @param row a part of the first cell of the row that is wanted.
 * @throws {Error} if there is no such section, or no such row in it.
 */
export function runbookSection(title: string, row?: string): RunbookSection {
  const text = readFileSync(new URL(`../../${RUNBOOK}`, import.meta.url), 'utf8');
  const section = text.split(/^(?=#{1,3} )/m).find((part) => part.startsWith(`### ${title}\n`));
  if (section === undefined) throw new Error(`${RUNBOOK} has no section ${title}.`);
  const paragraphs = section
    .split(/\n{2,}/)
    .slice(1)
    .map(plain)
    .filter((paragraph) => !paragraph.startsWith('|'));
  const labelled = paragraphs.filter((paragraph) => /^(Means|Look):/.test(paragraph));
  return {
    title,
    paragraphs: labelled.length > 0 ? labelled : paragraphs,
    ...tableOf(section, row),
  };
}

function tableOf(section: string, part?: string): { table?: string } {
  const [head, ...rows] = [...section.matchAll(/^\| (.*) \|$/gm)].map(([, cells = '']) =>
    cells.split(' | ').map(plain),
  );
  if (head === undefined) return {};
  if (part === undefined) return { table: rows.map(([sees]) => sees).join(', ') };
  const row = rows.find(([sees]) => sees?.includes(part));
  if (row === undefined) throw new Error(`${RUNBOOK} says nothing of ${part} in the table of that section.`);
  return { table: row.join(' → ') };
}

/** Without the marks of Markdown, and in one line. */
function plain(text: string): string {
  return text
    .replace(/\*\*|`/g, '')
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
