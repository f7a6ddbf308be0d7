/** Which metric: what identifies a metric in CloudWatch. */
export interface MetricReference {
  readonly namespace: string;
  readonly name: string;
  /** Values as they stand in a template may be references: any JSON. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

/** The same text for the same metric: dimensions have no order. */
export function metricKey({ namespace, name, dimensions }: MetricReference): string {
  const named = Object.entries(dimensions).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [namespace, name, ...named.toSorted()].join('|');
}

/** What an alarm reads: a statistic over a window of steps, from one (included) to another (excluded). */
interface Readable {
  /** @returns `undefined` where the window has no value. */
  read(statistic: string, from: number, to: number): number | undefined;
}

/** The samples of each metric by {@link metricKey}, and those of each rule of Contributor Insights by its name. */
export type Recording = ReadonlyMap<string, Readable>;

/**
 * The samples of one metric: for each of its few different values how often it was sampled in each step. Any window is
 * then read from running totals.
 */
export class Series implements Readable {
  readonly #steps: number;
  /** By value in ascending order, the number of its samples before each step. */
  readonly #totals = new Map<number, Float64Array>();

  /** @param steps how many steps there are: minutes, where nothing else is said. */
  constructor(steps: number) {
    this.#steps = steps;
  }

  /** Adds the samples of one value. @param counts how many there are in each step. */
  add(value: number, counts: (step: number) => number): this {
    const totals = new Float64Array(this.#steps + 1);
    for (let step = 0; step < this.#steps; step++) {
      totals[step + 1] = (totals[step] ?? 0) + counts(step);
    }
    this.#totals.set(value, totals);
    return this;
  }

  read(statistic: string, from: number, to: number): number | undefined {
    let count = 0;
    let sum = 0;
    let max: number | undefined;
    let min: number | undefined;
    for (const [value, totals] of this.#totals) {
      const samples = (totals[to] ?? 0) - (totals[Math.max(0, from)] ?? 0);
      if (samples === 0) continue;
      count += samples;
      sum += samples * value;
      max = Math.max(max ?? value, value);
      min = Math.min(min ?? value, value);
    }
    if (count === 0) return undefined;
    switch (statistic) {
      case 'Sum':
        return sum;
      case 'SampleCount':
        return count;
      case 'Maximum':
        return max;
      case 'Minimum':
        return min;
      default:
        return this.#percentile(statistic, from, to, count);
    }
  }

  /** The smallest value that so many of a hundred do not exceed; CloudWatch's may lie a little beside it. */
  #percentile(statistic: string, from: number, to: number, count: number): number {
    const [, percent] = /^p(\d+(?:\.\d+)?)$/.exec(statistic) ?? [];
    if (percent === undefined) throw new Error(`The statistic ${statistic}`);
    const rank = Math.max(1, Math.ceil((Number(percent) / 100) * count));
    let seen = 0;
    for (const [value, totals] of [...this.#totals].toSorted(([a], [b]) => a - b)) {
      seen += (totals[to] ?? 0) - (totals[Math.max(0, from)] ?? 0);
      if (seen >= rank) return value;
    }
    throw new Error('unreachable');
  }
}

/** The contributors that a rule of Contributor Insights counts. */
export class Contributors implements Readable {
  readonly #lines: Series;
  readonly #repeating: Series[] = [];
  readonly #steps: number;
  readonly #pool: number;

  /**
   * @param lines the lines in each step, each of a contributor drawn from the pool.
   * @param pool how many contributors there may be.
   */
  constructor(steps: number, lines: (step: number) => number, pool = Number.POSITIVE_INFINITY) {
    this.#steps = steps;
    this.#lines = new Series(steps).add(1, lines);
    this.#pool = pool;
  }

  /** Adds one contributor outside of the pool, with so many lines in each step. */
  addOne(lines: (step: number) => number): this {
    this.#repeating.push(new Series(this.#steps).add(1, lines));
    return this;
  }

  read(metric: string, from: number, to: number): number | undefined {
    const drawn = this.#lines.read('Sum', from, to) ?? 0;
    const ones = this.#repeating.flatMap((series) => series.read('Sum', from, to) ?? []);
    if (drawn === 0 && ones.length === 0) return undefined;
    if (metric === 'MaxContributorValue')
      return Math.max(...ones, Math.ceil(drawn / this.#pool), drawn > 0 ? 1 : 0);
    if (metric !== 'UniqueContributors') throw new Error(`The metric ${metric} of a rule`);
    // The expected number of different ones in so many draws.
    const different =
      this.#pool === Number.POSITIVE_INFINITY ? drawn : this.#pool * (1 - (1 - 1 / this.#pool) ** drawn);
    return Math.round(different) + ones.length;
  }
}
