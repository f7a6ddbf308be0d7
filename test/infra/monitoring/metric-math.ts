/** Reads a metric, a statistic of a rule of Contributor Insights, or another expression, by its name. */
type Lookup = (name: string, statistic?: string) => number;

/** A value in the place of one that is missing. */
const FILL = (value: number, otherwise: number) => (Number.isNaN(value) ? otherwise : value);

/** Without a condition, or with a false one and nothing for that case, there is no value. */
const IF = (condition: boolean | number, value: number, otherwise = Number.NaN) => {
  if (Number.isNaN(condition)) return Number.NaN;
  return condition ? value : otherwise;
};

/**
 * Translates metric math to JavaScript, whose operators are the same. NaN stands for a value that is missing: CloudWatch
 * takes the missing side of an operator for 0 where the other side has a value, so expressions must fill in whatever
 * they do not divide by. What is divided by 0 has no value.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function compileMath(expression: string): (lookup: Lookup) => number {
  const script = expression
    .replace(/"[^"]*"|\b[a-z]\w*\b/g, (token) => (token.startsWith('"') ? token : `lookup("${token}")`))
    .replaceAll('INSIGHT_RULE_METRIC(', 'lookup(');
  const evaluate = new Function('FILL', 'IF', 'lookup', `return Number(${script})`);
  return (lookup) => {
    const value = evaluate(FILL, IF, lookup);
    return Number.isFinite(value) ? value : Number.NaN;
  };
}
