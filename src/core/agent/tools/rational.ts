// Exact arithmetic: fractions of big integers, and how they are written.

/** Lowest terms, denominator above 0. */
export type Rational = { readonly n: bigint; readonly d: bigint }

/** Of numerator and denominator, in bits: about 3,000 decimal digits. What grows past it is refused before memory is taken. */
export const MOST_BITS = 10_000
/** Significant digits of a number whose decimals do not end. */
const DIGITS = 12

export const bits = (value: bigint): number => (value < 0n ? -value : value).toString(16).length * 4

export function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  while (y !== 0n) [x, y] = [y, x % y]
  return x
}

/** `d` is not 0. */
export function rational(n: bigint, d: bigint = 1n): Rational {
  const common = gcd(n, d)
  const sign = d < 0n ? -1n : 1n
  return common === 0n ? { n: 0n, d: 1n } : { n: (sign * n) / common, d: (sign * d) / common }
}

export const add = (a: Rational, b: Rational): Rational => rational(a.n * b.d + b.n * a.d, a.d * b.d)
export const multiply = (a: Rational, b: Rational): Rational => rational(a.n * b.n, a.d * b.d)
export const negate = ({ n, d }: Rational): Rational => ({ n: -n, d })
export const compare = (a: Rational, b: Rational): number => {
  const difference = a.n * b.d - b.n * a.d
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

/** Largest integer not above. */
export const floor = ({ n, d }: Rational): bigint => (n >= 0n || n % d === 0n ? n / d : n / d - 1n)

/** To the nearest multiple of 10^-places, halves away from 0 as people round. */
export function round(value: Rational, places: number): Rational {
  const scale = 10n ** BigInt(Math.abs(places))
  const scaled = places < 0 ? multiply(value, rational(1n, scale)) : multiply(value, rational(scale))
  const half = rational(1n, 2n)
  const whole = rational(scaled.n < 0n ? -floor(add(negate(scaled), half)) : floor(add(scaled, half)))
  return places < 0 ? multiply(whole, rational(scale)) : multiply(whole, rational(1n, scale))
}

/** Integer part of the square root, by Newton's method; `value` is not negative. */
export function integerRoot(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(Math.ceil(bits(value) / 2))
  for (;;) {
    const next = (root + value / root) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Integers and ending decimals exactly, others to 12 significant digits. */
export function decimalText({ n, d }: Rational): string {
  if (d === 1n) return String(n)
  const places = endingPlaces(d)
  return places === null ? roundedText({ n, d }) : fixed({ n, d }, places)
}

/** Decimals after which a fraction with this denominator ends; null when it does not, or after more than 60. */
function endingPlaces(d: bigint): number | null {
  let places = 0
  let rest = d
  for (; rest !== 1n && places <= 60; places++) rest /= gcd(rest, 10n)
  return rest === 1n ? places : null
}

function roundedText(value: Rational): string {
  const size = value.n < 0n ? -value.n : value.n
  // Digits before the point, at most one too many; below 1 the zeros behind it, negative.
  const magnitude = String(size).length - String(value.d).length
  const places = Math.max(0, DIGITS - magnitude)
  const text = fixed(round(value, places), places)
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text
}

/** `value` times 10^places is an integer. */
function fixed(value: Rational, places: number): string {
  const scaled = (value.n * 10n ** BigInt(places)) / value.d
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(places + 1, '0')
  const sign = scaled < 0n ? '-' : ''
  return places === 0 ? sign + digits : `${sign}${digits.slice(0, -places)}.${digits.slice(-places)}`
}
