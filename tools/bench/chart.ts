import { BASELINE, OURS, OURS_IN_ZONE } from './contenders.ts';
import { formatNumber } from './report.ts';
import { median, quantile, ratio, type Samples } from './statistics.ts';

/** One part of the chart: a bar for each contender that has samples, in milliseconds. */
export interface Panel {
  readonly title: string;
  readonly samples: Samples;
}

const COLUMNS = 2;
const PANEL_WIDTH = 420;
const BAR_HEIGHT = 16;
const BAR_STEP = 24;
const TITLE_HEIGHT = 34;
const LABEL_WIDTH = 122;
const VALUE_WIDTH = 116;
const MARGIN = 16;

/** The card has a background of its own, so that it can be read on a light and on a dark page. */
const STYLE = `
  .card { fill: #ffffff; stroke: #d0d7de }
  text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .note { fill: #59636e }
  .bar { fill: #afb8c1 }
  .ours { fill: #2f81f7 }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .card { fill: #151b23; stroke: #3d444d }
    text { fill: #f0f6fc }
    .note { fill: #9198a1 }
    .bar { fill: #656c76 }
    .spread { stroke: #f0f6fc }
  }`;

/**
 * Draws the panels as an SVG: for each contender a bar of the median, a line from quartile to quartile, the value
 * and its ratio to the baseline's.
 *
 * @param order the contenders, from top to bottom.
 * @param notes lines of text below the panels.
 */
export function drawChart(
  panels: readonly Panel[],
  order: readonly string[],
  notes: readonly string[],
): string {
  const drawn = (samples: Samples) => order.filter((name) => samples.has(name));
  const heights = panels.map(({ samples }) => TITLE_HEIGHT + drawn(samples).length * BAR_STEP + MARGIN);
  let top = 0;
  const parts: string[] = [];
  for (let first = 0; first < panels.length; first += COLUMNS) {
    const row = panels.slice(first, first + COLUMNS);
    row.forEach((panel, column) => {
      const [x, y] = [MARGIN + column * (PANEL_WIDTH + MARGIN), MARGIN + top];
      parts.push(`<g transform="translate(${x} ${y})">${drawPanel(panel, drawn(panel.samples))}</g>`);
    });
    top += Math.max(...heights.slice(first, first + COLUMNS));
  }
  notes.forEach((note, index) => {
    parts.push(text(note, MARGIN, MARGIN + top + 14 + index * 18, 'note'));
  });
  const width = COLUMNS * (PANEL_WIDTH + MARGIN) + MARGIN;
  const height = top + notes.length * 18 + MARGIN * 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>What a start and a request cost, beside other functions for the same table</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawPanel({ title, samples }: Panel, names: readonly string[]): string {
  const valuesOf = (name: string) => samples.get(name) ?? [];
  const longest = Math.max(...names.map((name) => quantile(valuesOf(name), 0.75)));
  const scale = (PANEL_WIDTH - LABEL_WIDTH - VALUE_WIDTH) / longest;
  const baseline = valuesOf(BASELINE);
  const bars = names.map((name, index) => {
    const values = valuesOf(name);
    const y = TITLE_HEIGHT + index * BAR_STEP;
    const [from, to] = [0.25, 0.75].map((part) => fixed(LABEL_WIDTH + quantile(values, part) * scale));
    const middle = y + BAR_HEIGHT / 2;
    const kind = name === OURS || name === OURS_IN_ZONE ? 'ours' : 'bar';
    const value = `${formatNumber(median(values))} ms  ${ratio(values, baseline).toFixed(2)}×`;
    const end = LABEL_WIDTH + Math.max(median(values), quantile(values, 0.75)) * scale;
    return [
      text(name, 0, y + 13),
      `<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${fixed(median(values) * scale)}" height="${BAR_HEIGHT}" rx="2"/>`,
      `<line class="spread" x1="${from}" y1="${middle}" x2="${to}" y2="${middle}"/>`,
      text(value, fixed(end + 8), y + 13),
    ].join('\n');
  });
  return [text(title, 0, 14, 'title'), ...bars].join('\n');
}

function text(content: string, x: number, y: number, kind = ''): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x}" y="${y}"${kind && ` class="${kind}"`} xml:space="preserve">${escaped}</text>`;
}

function fixed(value: number): number {
  return Number(value.toFixed(1));
}
