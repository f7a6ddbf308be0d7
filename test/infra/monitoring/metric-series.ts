/** Reads a statistic over the minutes from one (included) to another (excluded). NaN: nothing was measured in them. */
export type Readable = (statistic: string, from: number, to: number) => number;

/** What was measured: metrics by namespace, name and dimensions, and rules of Contributor Insights by name. */
export type Recording = Readonly<Record<string, Readable>>;

/** Running totals, from which any window is read. */
function sumUp(counts: readonly number[]): Float64Array {
  const sums = new Float64Array(counts.length + 1);
  counts.forEach((count, minute) => {
    sums[minute + 1] = (sums[minute] ?? 0) + count;
  });
  return sums;
}

const sumBetween = (sums: Float64Array, from: number, to: number) =>
  (sums[Math.min(to, sums.length - 1)] ?? 0) - (sums[Math.max(0, from)] ?? 0);

/**
 * A metric whose samples are 0 or one other value.
 *
 * @param counts how many samples have the value, a minute.
 * @param samples how many there are in all. Default: as many.
 */
export function series(counts: readonly number[], samples = counts, value = 1): Readable {
  const [hits, all] = [sumUp(counts), sumUp(samples)];
  return (statistic, from, to) => {
    const [hit, sampled] = [sumBetween(hits, from, to), sumBetween(all, from, to)];
    if (sampled === 0) return Number.NaN;
    if (statistic === 'Sum') return hit * value;
    const [, percent] = /^p(\d+)$/.exec(statistic) ?? [];
    if (percent === undefined) throw new Error(`The statistic ${statistic}`);
    return hit > (1 - Number(percent) / 100) * sampled ? value : 0;
  };
}

/** What happens from a minute (included) to another (excluded). */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * A rule of Contributor Insights.
 *
 * @param drawn lines a minute, each of a contributor that is drawn from a pool.
 * @param pool how many contributors are in the pool.
 * @param singles further contributors, each with its lines a minute.
 */
export function contributors(
  drawn: readonly number[],
  pool: number,
  singles: readonly (Span & { readonly aMinute: number })[],
): Readable {
  const sums = sumUp(drawn);
  return (statistic, from, to) => {
    const lines = sumBetween(sums, from, to);
    const others = singles
      .map((one) => (Math.min(to, one.to) - Math.max(from, one.from)) * one.aMinute)
      .filter((count) => count > 0);
    if (lines + others.length === 0) return Number.NaN;
    // The expected number of different ones in so many draws.
    const different = Math.min(lines, Math.round(pool * (1 - (1 - 1 / pool) ** lines)));
    switch (statistic) {
      case 'Sum':
        return others.reduce((sum, count) => sum + count, lines);
      case 'UniqueContributors':
        return different + others.length;
      case 'MaxContributorValue':
        return Math.max(0, Math.ceil(lines / Math.max(1, different)), ...others);
      default:
        throw new Error(`The statistic ${statistic} of a rule`);
    }
  };
}
