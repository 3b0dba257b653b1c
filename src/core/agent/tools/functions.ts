// What the calculator can do with numbers beside its operators: a row per function.
import { add, bits, compare, floor, gcd, integerRoot, MOST_BITS, multiply, negate, rational, type Rational, round } from './rational.ts'

/** Said to the agent: what was wrong with the expression. */
export class BadExpression extends Error {}

type FunctionRow = { readonly least: number; readonly most: number; apply(values: readonly Rational[]): Rational }

const MOST_FACTORIAL = 1000n
/** Decimals of a root that is no fraction. */
const ROOT_PLACES = 30

export const ONE = rational(1n)

/** Throws for what would take more memory than an agent's sum deserves. */
export function sized(value: Rational): Rational {
  if (bits(value.n) > MOST_BITS || bits(value.d) > MOST_BITS) throw new BadExpression('the result is too large')
  return value
}

export function divide(a: Rational, b: Rational): Rational {
  if (b.n === 0n) throw new BadExpression('division by zero')
  return rational(a.n * b.d, a.d * b.n)
}

/** The sign of the divisor, as in Python. */
export const modulo = (a: Rational, b: Rational): Rational => add(a, negate(multiply(b, rational(floor(divide(a, b))))))

export function power(base: Rational, exponent: Rational): Rational {
  if (exponent.d === 2n) return power(squareRoot(base), rational(exponent.n))
  const { n, d } = exponent
  if (d !== 1n) throw new BadExpression('an exponent is an integer or a half')
  if (n < 0n) return divide(ONE, power(base, negate(exponent)))
  if (n * BigInt(Math.max(bits(base.n), bits(base.d)) - 3) > BigInt(MOST_BITS)) {
    if (base.n !== 0n && base.n !== base.d && base.n !== -base.d) throw new BadExpression('the result is too large')
    return n % 2n === 0n ? multiply(base, base) : base
  }
  return { n: base.n ** n, d: base.d ** n }
}

/** Exact where it is a fraction, else to 30 decimals. */
function squareRoot(value: Rational): Rational {
  if (value.n < 0n) throw new BadExpression('the square root of a negative number')
  const exact = { n: integerRoot(value.n), d: integerRoot(value.d) }
  if (exact.n * exact.n === value.n && exact.d * exact.d === value.d) return exact
  const scale = 10n ** BigInt(ROOT_PLACES)
  return rational(integerRoot((value.n * scale * scale) / value.d), scale)
}

export function factorial(value: Rational): Rational {
  if (value.d !== 1n || value.n < 0n || value.n > MOST_FACTORIAL) throw new BadExpression(`a factorial is of an integer from 0 to ${MOST_FACTORIAL}`)
  let product = 1n
  for (let k = 2n; k <= value.n; k++) product *= k
  return rational(product)
}

function integer({ n, d }: Rational, what: string): bigint {
  if (d !== 1n) throw new BadExpression(`${what} needs integers`)
  return n
}

function places(value: Rational): number {
  const count = integer(value, 'round')
  if (count < -100n || count > 100n) throw new BadExpression('round takes at most 100 places')
  return Number(count)
}

const extreme = (values: readonly Rational[], sign: number): Rational => values.reduce((best, value) => (sign * compare(value, best) > 0 ? value : best))
const ofTwo = (apply: (a: Rational, b: Rational) => Rational): FunctionRow => ({ least: 2, most: 2, apply: ([a, b]) => apply(a!, b!) })
const ofOne = (apply: (a: Rational) => Rational): FunctionRow => ({ least: 1, most: 1, apply: ([a]) => apply(a!) })

export const FUNCTIONS: Readonly<Record<string, FunctionRow>> = {
  abs: ofOne((a) => (a.n < 0n ? negate(a) : a)),
  floor: ofOne((a) => rational(floor(a))),
  ceil: ofOne((a) => rational(-floor(negate(a)))),
  round: { least: 1, most: 2, apply: ([a, b]) => round(a!, b ? places(b) : 0) },
  sqrt: ofOne(squareRoot),
  factorial: ofOne(factorial),
  min: { least: 1, most: 100, apply: (values) => extreme(values, -1) },
  max: { least: 1, most: 100, apply: (values) => extreme(values, 1) },
  sum: { least: 1, most: 100, apply: (values) => values.reduce(add) },
  pow: ofTwo(power),
  mod: ofTwo(modulo),
  gcd: ofTwo((a, b) => rational(gcd(integer(a, 'gcd'), integer(b, 'gcd')))),
  lcm: ofTwo((a, b) => {
    const [x, y] = [integer(a, 'lcm'), integer(b, 'lcm')]
    return x === 0n || y === 0n ? rational(0n) : rational((x / gcd(x, y)) * (y < 0n ? -y : y))
  }),
}
