// The number that an answer is: with the forms that people and models write around one, and without those that leave it open.
import type { SameAnswer } from './answers.ts'

/** As GSM-hard is counted (PAL, arXiv 2211.10435): apart by less than 0.001. */
const NUMBER_TOLERANCE = 1e-3

/** Equal numbers; a sign of currency, a percent sign, grouping, emphasis and words behind the number do not count. */
export const sameNumber: SameAnswer = (answer, right) => {
  const [found, wanted] = [numberOf(answer), numberOf(right)]
  return found !== null && wanted !== null && Math.abs(found - wanted) < NUMBER_TOLERANCE
}

/** As `sameNumber`, or the right number rounded to the decimals that the answer gives, one at least: 33.33 for 33.333333. */
export const sameRounded: SameAnswer = (answer, right) => {
  const [found, wanted] = [read(answer), numberOf(right)]
  if (found === null || wanted === null) return false
  const tolerance = found.decimals === 0 ? 0 : 0.5 * 10 ** -found.decimals * (1 + 1e-9)
  return Math.abs(found.value - wanted) < Math.max(NUMBER_TOLERANCE, tolerance)
}

/** The number that a text gives; null where it gives none, or where it may be another: "12 or 13", "12 - 5". `12/5` is a number, too. */
export const numberOf = (text: string): number | null => read(text)?.value ?? null

/** Whether a text is a number and nothing else: what is right is then compared as one. */
export const isNumber = (text: string): boolean => /^[-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(text.trim())

const DECIMAL = String.raw`(?:(?:\d{1,3}(?:[, ]\d{3})+(?!\d)|\d+)(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?`
const BEFORE = String.raw`(?<sign>[-+])?\s*(?:[A-Z]{0,2}\p{Sc}|[A-Z]{3}\b)?\s*(?<minus>-)?`
const NUMBER = new RegExp(String.raw`^${BEFORE}(?:(?<whole>\d+)\s+(?=\d+\s*/))?(?<top>${DECIMAL})(?:\s*/\s*(?<bottom>${DECIMAL}))?(?<behind>.*)$`, 'su')

/** Words that make a number larger. */
const SCALES: Readonly<Record<string, number>> = { dozen: 12, hundred: 100, thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12, k: 1e3, M: 1e6, bn: 1e9 }
const SCALE = new RegExp(String.raw`^\s*(${Object.keys(SCALES).join('|')})(?![\p{L}\d])`, 'u')

/** Goes on with the number: a calculation, a range, a choice. */
const GOES_ON = /^[\s)\]}]*(?:(?:[-+*/^÷·×–—]|(?:times|cdot|div|plus|minus|or|and|to|by|x)(?!\p{L}))\s*[(\[{]?\s*[-+]?\p{Sc}?\s*\.?\d|x(?![\p{L}\d])|[.,:;]\s*[-+]?\d)/iu
/** Where what is said of the number ends, and an explanation may begin. */
const SAID = /[.,;:(\n]|\s=|\b(?:because|since|as|which|so|for|(?:out )?of)\b/i
/** A number that stands for itself; m2 and m^2 have none. */
const ANOTHER = /(?<![\p{L}\d^])\d|\p{L}\d{2}/u
const CHOICE = /\bor\s+[-+]?\p{Sc}?\d/iu

function read(text: string): { readonly value: number; readonly decimals: number } | null {
  const { sign, minus, whole, top, bottom, behind = '' } = NUMBER.exec(unwrapped(text))?.groups ?? {}
  if (top === undefined) return null
  let rest = behind
  let scale = 1
  for (let found = SCALE.exec(rest); found; found = SCALE.exec(rest)) {
    scale *= SCALES[found[1]!]!
    rest = rest.slice(found[0].length)
  }
  if (GOES_ON.test(rest) || CHOICE.test(rest) || ANOTHER.test(rest.split(SAID)[0]!)) return null
  const plain = (digits: string): number => Number(digits.replace(/[, ]/g, ''))
  const size = (Number(whole ?? 0) + (bottom === undefined ? plain(top) : plain(top) / plain(bottom))) * scale
  const value = sign === '-' || minus === '-' ? -size : size
  const decimals = bottom === undefined && scale === 1 && !/e/i.test(top) ? (top.split('.')[1]?.length ?? 0) : 0
  return Number.isFinite(value) ? { value, decimals } : null
}

/** In order: what is left out, and what stands for other forms. */
const WRAPPINGS: readonly (readonly [RegExp, string])[] = [
  [/[−﹣－]/g, '-'],
  [/⁄/g, '/'],
  [/^\\[([](.*)\\[)\]]$/s, '$1'],
  [/^\$([^$]*)\$$/, '$1'],
  [/\\boxed\s*\{([^{}]*)\}/, '$1'],
  [/\\[dt]?frac\s*\{(\d+)\}\s*\{(\d+)\}/, '$1/$2'],
  [/\\/g, ''],
  [/^[\s=≈]+/, ''],
  // Emphasis and quotes, of the whole or of the number alone.
  [/^(\*{1,3}|_{1,3}|`+|["'“„])\s*([^*_`"'”]+?)\s*(?:\1|["'”])/, '$2'],
  [/^\(([^()]*)\)/, '$1'],
  [/^[\s=≈]+/, ''],
]

const unwrapped = (text: string): string => WRAPPINGS.reduce((written, [from, to]) => written.replace(from, to).trim(), text.normalize('NFKC').trim())
