/** A value of each metric at one moment, by its id. A metric without a value at that moment is missing from it. */
type Values = Readonly<Record<string, number | undefined>>;

type Expression = (values: Values) => number | undefined;

/**
 * Compiles a metric math expression, as far as the alarms use the language. Anything else is refused, so that an alarm
 * that is not understood cannot look as if it were proved.
 *
 * @param text the expression. The value of a rule of Contributor Insights is looked up as `RULE|METRIC`.
 * @param quota what `SERVICE_QUOTA` gives for every usage metric that has a value.
 * @returns a function to its value at one moment; `undefined` where it has none.
 * @throws {Error} when the expression uses more of the language.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export function compileMath(text: string, quota: number): Expression {
  const tokens = text.match(/"[^"]*"|[A-Za-z]\w*|\d+(?:\.\d+)?|&&|>=|==|[-+*/()>,]/g) ?? [];
  if (tokens.join('') !== text.replace(/\s/g, '')) throw new Error(`Not understood: ${text}`);
  const expression = and();
  if (tokens.length > 0) throw new Error(`Not understood in ${text}: ${tokens.join(' ')}`);
  return expression;

  function and(): Expression {
    return binary(comparison, { '&&': (left, right) => Number(left !== 0 && right !== 0) });
  }
  function comparison(): Expression {
    return binary(sum, COMPARISONS);
  }
  function sum(): Expression {
    return binary(product, SUMS);
  }
  function product(): Expression {
    return binary(operand, PRODUCTS);
  }

  function binary(next: () => Expression, operators: Readonly<Record<string, Operator>>): Expression {
    let left = next();
    for (;;) {
      const operator = operators[tokens[0] ?? ''];
      if (operator === undefined) return left;
      tokens.shift();
      left = apply(operator, left, next());
    }
  }

  function operand(): Expression {
    const token = tokens.shift() ?? '';
    if (/^\d/.test(token)) return () => Number(token);
    if (token === '(') return closed(and());
    if (/^[a-z]/.test(token)) return (values) => values[token];
    if (tokens.shift() !== '(') throw new Error(`Not understood in ${text}: ${token}`);
    if (token === 'INSIGHT_RULE_METRIC') {
      const [rule, , metric] = tokens.splice(0, 3).map((part) => part.replaceAll('"', ''));
      return closed((values) => values[`${rule}|${metric}`]);
    }
    const operands = [and()];
    while (tokens[0] === ',') {
      tokens.shift();
      operands.push(and());
    }
    return closed(call(token, operands));
  }

  function closed(inner: Expression): Expression {
    if (tokens.shift() !== ')') throw new Error(`A bracket is open in ${text}`);
    return inner;
  }

  function call(name: string, operands: Expression[]): Expression {
    const [first, second, third] = operands;
    if (name === 'SERVICE_QUOTA' && first && !second) {
      return (values) => (first(values) === undefined ? undefined : quota);
    }
    if (name === 'FILL' && first && second && !third) return (values) => first(values) ?? second(values);
    if (name === 'IF' && first && second && third) {
      // A moment without a condition is dropped.
      return (values) => {
        const condition = first(values);
        if (condition === undefined) return undefined;
        return condition === 0 ? third(values) : second(values);
      };
    }
    throw new Error(`Not understood in ${text}: ${name} of ${operands.length}`);
  }
}

type Operator = (left: number, right: number) => number | undefined;

const COMPARISONS: Readonly<Record<string, Operator>> = {
  '>=': (left, right) => Number(left >= right),
  '==': (left, right) => Number(left === right),
  '>': (left, right) => Number(left > right),
};
const SUMS: Readonly<Record<string, Operator>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
};
const PRODUCTS: Readonly<Record<string, Operator>> = {
  '*': (left, right) => left * right,
  // A division by zero has no value.
  '/': (left, right) => (right === 0 ? undefined : left / right),
};

/** A moment at which one side has no value has none. */
function apply(operator: Operator, left: Expression, right: Expression): Expression {
  return (values) => {
    const [a, b] = [left(values), right(values)];
    return a === undefined || b === undefined ? undefined : operator(a, b);
  };
}
