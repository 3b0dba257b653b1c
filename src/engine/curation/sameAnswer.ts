// Whether a final answer is a known one: word for word where it is words, as mathematics where signs mean something.
import { sameMath, sameWords } from '../../core/suites/index.ts'

/** Signs mean something here: comparing words, which leaves signs out, would take -5 for 5. */
const FORMULA = /[\\^{}=<>]|[-+*/]\s*[\d(\\]/

export function sameAnswer(found: string, right: string): 'exact' | 'maths' | null {
  if (!FORMULA.test(found) && !FORMULA.test(right) && found.trim() !== '' && sameWords(found, right)) return 'exact'
  return sameMath(found, right) ? 'maths' : null
}
