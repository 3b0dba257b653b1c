// Arithmetic expressions, read and computed exactly in one descent: nothing of them is ever run as code.
//
//   chain    = sum ('=' what goes on with its value: the rest of a product or sum)*
//   sum      = product (('+' | '-') product)*
//   product  = signed (('*' | '/' | '//' | '%') signed)*      also × · ÷ −
//   signed   = ('+' | '-') signed | power
//   power    = postfix (('^' | '**') signed)?
//   postfix  = atom '!'*
//   atom     = number | '(' sum ')' | name '(' sum (',' sum)* ')'
import { BadExpression, divide, factorial, FUNCTIONS, modulo, power, sized } from './functions.ts'
import { add, compare, floor, multiply, negate, rational, type Rational, round } from './rational.ts'

const MOST_DEPTH = 100
const MOST_EXPONENT = 1000
const TOKEN = /\s*(?:(\d+(?:_\d+)*(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\*\*|\/\/|[-+*/%^!(),=])|([^]))/y
/** Signs that people and models write for others. */
const SIGNS: Readonly<Record<string, string>> = { '×': '*', '·': '*', '⋅': '*', '÷': '/', '−': '-', '–': '-', '[': '(', ']': ')', '{': '(', '}': ')' }
/** `1,234,567`, where no comma can part arguments. */
const GROUPED = /(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])/g

type Token = { readonly type: 'number' | 'name' | 'sign' | 'end'; readonly text: string }

/** The value, or what is wrong, for the agent to mend. */
export function evaluate(text: string): Rational | { readonly problem: string } {
  try {
    return read(tokens(text))
  } catch (error) {
    if (error instanceof BadExpression) return { problem: error.message }
    throw error
  }
}

function tokens(text: string): Token[] {
  const named = [...text].map((character) => SIGNS[character] ?? character).join('')
  const plain = (/[A-Za-z]\s*\(/.test(named) ? named : named.replace(GROUPED, (number) => number.replaceAll(',', ''))).trimEnd().replace(/\s*=\s*\??$/, '')
  const list: Token[] = []
  for (TOKEN.lastIndex = 0; TOKEN.lastIndex < plain.length; ) {
    const [, number, name, sign, other] = TOKEN.exec(plain)!
    if (other !== undefined) throw new BadExpression(`found ${JSON.stringify(other)}, expected numbers, + - * / // % ^ ! = and parentheses`)
    list.push(number !== undefined ? { type: 'number', text: number } : name !== undefined ? { type: 'name', text: name } : { type: 'sign', text: sign! })
  }
  return list
}

function read(list: readonly Token[]): Rational {
  let at = 0
  let depth = 0
  const END: Token = { type: 'end', text: 'the end' }
  const peek = (): Token => list[at] ?? END
  const accept = (...signs: readonly string[]): string | null => {
    const { type, text } = peek()
    if (type !== 'sign' || !signs.includes(text)) return null
    at++
    return text
  }
  const expect = (sign: string): void => {
    if (accept(sign) === null) throw new BadExpression(`found ${peek().text}, expected "${sign}"`)
  }
  const nested = (inner: () => Rational): Rational => {
    if (++depth > MOST_DEPTH) throw new BadExpression(`more than ${MOST_DEPTH} levels`)
    const value = inner()
    depth--
    return value
  }
  const sum = (left?: Rational): Rational => {
    let value = product(left)
    for (let sign = accept('+', '-'); sign !== null; sign = accept('+', '-')) {
      const right = product()
      value = sized(add(value, sign === '+' ? right : negate(right)))
    }
    return value
  }
  const product = (left?: Rational): Rational => {
    let value = left ?? signed()
    for (let sign = accept('*', '/', '//', '%'); sign !== null; sign = accept('*', '/', '//', '%')) value = sized(PRODUCTS[sign]!(value, signed()))
    return value
  }
  const signed = (): Rational =>
    nested(() => {
      const sign = accept('+', '-')
      return sign === null ? powered() : sign === '-' ? negate(signed()) : signed()
    })
  const powered = (): Rational => {
    let base = atom()
    while (accept('!') !== null) base = factorial(base)
    return accept('^', '**') === null ? base : sized(power(base, signed()))
  }
  const atom = (): Rational => {
    const { type, text } = peek()
    at++
    if (type === 'number') return literal(text)
    if (type === 'name') return call(text)
    if (text !== '(') throw new BadExpression(`found ${text}, expected a number`)
    const value = sum()
    expect(')')
    return value
  }
  const call = (name: string): Rational => {
    const key = name.toLowerCase()
    const row = Object.hasOwn(FUNCTIONS, key) ? FUNCTIONS[key] : undefined
    if (!row) throw new BadExpression(`found ${name}, expected a number or one of ${Object.keys(FUNCTIONS).join(', ')}`)
    expect('(')
    const values = [sum()]
    while (accept(',') !== null) values.push(sum())
    expect(')')
    if (values.length < row.least || values.length > row.most) throw new BadExpression(`${name} does not take ${values.length} numbers`)
    return sized(row.apply(values))
  }
  /** 3-8=-5, 2/3-1=-0.33: the result written behind it, to as many decimals as there are; it is below zero and so looks like an operator and its number. */
  const isResult = (value: Rational): boolean => {
    const [minus, number, ...more] = list.slice(at)
    if (minus?.text !== '-' || number?.type !== 'number' || more.length > 0) return false
    const written = negate(literal(number.text))
    const places = /\.(\d+)$/.exec(number.text)?.[1]?.length ?? 0
    return compare(places === 0 ? value : round(value, places), written) === 0
  }
  let value = sum()
  while (accept('=') !== null) {
    if (isResult(value)) return value
    const { type, text } = peek()
    if (type !== 'sign' || !OPERATORS.has(text)) throw new BadExpression(`found ${text} behind "=", expected an operator: what has come out goes on, as in 2+3=*4`)
    value = sum(value)
  }
  if (at < list.length) throw new BadExpression(`found ${peek().text} behind the expression, expected an operator`)
  return value
}

const OPERATORS: ReadonlySet<string> = new Set(['+', '-', '*', '/', '//', '%'])

const PRODUCTS: Readonly<Record<string, (a: Rational, b: Rational) => Rational>> = {
  '*': multiply,
  '/': divide,
  '//': (a, b) => rational(floor(divide(a, b))),
  '%': modulo,
}

/** `12`, `1_000`, `.5`, `1.25e-3`, exactly. */
function literal(text: string): Rational {
  const [mantissa = '', exponent = '0'] = text.replaceAll('_', '').toLowerCase().split('e')
  const [whole = '', decimals = ''] = mantissa.split('.')
  const shift = Number(exponent) - decimals.length
  if (Math.abs(shift) > MOST_EXPONENT) throw new BadExpression(`an exponent of more than ${MOST_EXPONENT}`)
  const digits = BigInt(`${whole}${decimals}` || '0')
  return sized(shift < 0 ? rational(digits, 10n ** BigInt(-shift)) : rational(digits * 10n ** BigInt(shift)))
}
