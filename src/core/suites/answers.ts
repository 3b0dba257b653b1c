// When an answer is right: exact match of words, equal numbers, equal mathematics. Each as the data sets' papers count.

/** Answer and what is right, as texts. */
export type SameAnswer = (answer: string, right: string) => boolean

/**
 * Exact match of question answering (SQuAD, arXiv 1606.05250, used by HotpotQA and Bamboogle): without case, punctuation, the
 * articles a, an, the, and repeated white space.
 */
export const sameWords: SameAnswer = (answer, right) => normalisedWords(answer) === normalisedWords(right)

export const normalisedWords = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{P}$+<=>^`|~]/gu, '')
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')

/** As GSM-hard is counted (PAL, arXiv 2211.10435): apart by less than 0.001. */
const NUMBER_TOLERANCE = 1e-3

/** Equal numbers; a sign of currency, a percent sign, grouping commas and words behind the number do not count. */
export const sameNumber: SameAnswer = (answer, right) => {
  const [found, wanted] = [numberOf(answer), numberOf(right)]
  return found !== null && wanted !== null && Math.abs(found - wanted) < NUMBER_TOLERANCE
}

const DECIMAL = String.raw`[\-−+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][\-+]?\d+)?`
const NUMBER = new RegExp(String.raw`^(?:\p{Sc}|[A-Z]{3}\b)?\s*(${DECIMAL})(?:\s*/\s*(${DECIMAL}))?\.?(?:[\s%°].*)?$`, 'su')

/** The number that a text is, or begins with; null where it is none. `12/5` is a number, too. */
export function numberOf(text: string): number | null {
  const [, top, bottom] = NUMBER.exec(text.trim().replaceAll('\\', '')) ?? []
  if (top === undefined || !/\d/.test(top)) return null
  const value = (digits: string): number => Number(digits.replaceAll(',', '').replace('−', '-'))
  const number = bottom === undefined || !/\d/.test(bottom) ? value(top) : value(top) / value(bottom)
  return Number.isFinite(number) ? number : null
}

/** Equal once what LaTeX can write in several ways is written in one (MATH, arXiv 2103.03874), or equal as numbers. */
export const sameMath: SameAnswer = (answer, right) => {
  const [found, wanted] = [normalisedMath(answer), normalisedMath(right)]
  if (found === wanted) return true
  const [a, b] = [fractionOf(found), fractionOf(wanted)]
  return a !== null && b !== null && Math.abs(a - b) < 1e-9 * Math.max(1, Math.abs(b))
}

/** In order: what is left out, and what stands for other forms. */
const MATH_RULES: readonly (readonly [RegExp, string])[] = [
  [/\\[!,;:]|\\ |~/g, ''],
  [/\\left|\\right|\\displaystyle|\\limits/g, ''],
  [/\\[dt]frac/g, '\\frac'],
  [/\^\{?\\circ\}?|°|\\degree/g, ''],
  [/\\?[$%]/g, ''],
  [/\\(?:text|mbox|mathrm|textbf|mathbf)\s*\{([^{}]*)\}/g, '$1'],
  [/(?<=\d)\s+(?:[a-z]{2,}\.?\s*)+(?:\^\{?\d\}?)?$/i, ''],
  [/\\(?:cdot|times)/g, '*'],
  [/\\(?:leq|le)(?![a-z])/g, '<='],
  [/\\(?:geq|ge)(?![a-z])/g, '>='],
  [/\s+/g, ''],
  [/(?<=\d),(?=\d{3}(?!\d))/g, ''],
  [/\\frac(\d)(\d)/g, '\\frac{$1}{$2}'],
  [/\\frac(\d)\{/g, '\\frac{$1}{'],
  [/\\sqrt(\w)/g, '\\sqrt{$1}'],
  [/(?<![\w.}])(-?\d+)\/(\d+)(?![\w.])/g, '\\frac{$1}{$2}'],
  [/^[a-z]=/i, ''],
  [/(^|[^\d])\.(?=\d)/g, '$10.'],
  [/\.0+(?!\d)/g, ''],
  [/[.,]+$/, ''],
]

const normalisedMath = (text: string): string =>
  MATH_RULES.reduce((written, [from, to]) => written.replace(from, to), boxed(text) ?? text.trim()).replace(/^\{(.*)\}$/, '$1')

/** What stands in the last `\boxed{...}`. */
function boxed(text: string): string | null {
  const start = text.lastIndexOf('\\boxed{')
  if (start < 0) return null
  let depth = 0
  for (let at = start + '\\boxed'.length; at < text.length; at++) {
    if (text[at] === '{') depth++
    if (text[at] === '}' && --depth === 0) return text.slice(start + '\\boxed{'.length, at)
  }
  return null
}

/** Of a normalised text. */
function fractionOf(text: string): number | null {
  const [, sign, top, bottom] = /^(-?)\\frac\{(-?[\d.]+)\}\{(-?[\d.]+)\}$/.exec(text) ?? []
  if (top !== undefined) return ((sign === '-' ? -1 : 1) * Number(top)) / Number(bottom)
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : null
}
