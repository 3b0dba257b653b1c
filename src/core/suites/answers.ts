// When an answer is right: exact match of words, equal mathematics. Each as the data sets' papers count; numbers: number.ts.

/** Answer and what is right, as texts. */
export type SameAnswer = (answer: string, right: string) => boolean

/**
 * Exact match of question answering (SQuAD, arXiv 1606.05250, used by HotpotQA and Bamboogle): without case, punctuation, the
 * articles a, an, the, and repeated white space. Beyond that, a decimal point and the minus of a number do count.
 */
export const sameWords: SameAnswer = (answer, right) => normalisedWords(answer) === normalisedWords(right)

export const normalisedWords = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[−﹣－]/g, '-')
    .replace(/(?!(?<=\d)\.(?=\d))(?!(?<!\S)-(?=\.?\d))[\p{P}$+<=>^`|~]/gu, '')
    .replace(/\b(?:a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter((word) => word !== '')
    .join(' ')

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
