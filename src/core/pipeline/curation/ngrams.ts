// Overlaps with evaluation questions: every run of n words of theirs, found in any text in one pass.
import type { EvaluationSet } from './filter.ts'
import { mixed, wordsOf } from './words.ts'

export type Overlap = { readonly set: string; readonly words: string }

/** Sets whose questions have fewer words than this, at the median, are of short questions (methods.md 7). */
const SHORT_BELOW = 25
/** A question of fewer words than an n-gram counts as a whole, from this many words on; shorter ones occur by chance. */
const LEAST = 5

export type OverlapIndex = {
  /** Of each set: its n, and how many of its questions are too short to be compared. */
  readonly sets: readonly { readonly name: string; readonly questions: number; readonly words: number; readonly tooShort: number }[]
  /** The first run of words that a text shares with a question; null: none. */
  find(text: string): Overlap | null
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Runs of numbers alone (1 2 3 4 ...) occur by chance. */
const tells = (words: readonly string[]): boolean => 2 * words.filter((word) => /\p{L}/u.test(word)).length >= words.length

export function createOverlapIndex(evaluations: readonly EvaluationSet[], { words, short }: { words: number; short: number }): OverlapIndex {
  const numbers = new Map<string, number>()
  const numberOf = (word: string): number => {
    const known = numbers.get(word)
    if (known !== undefined) return known
    numbers.set(word, numbers.size)
    return numbers.size - 1
  }
  /** By length: hashes of n-grams, each with the n-grams that have it. */
  const grams = new Map<number, Map<number, { readonly text: string; readonly set: string }[]>>()
  const add = (run: readonly string[], set: string): void => {
    if (!tells(run)) return
    const own = grams.get(run.length) ?? new Map<number, { text: string; set: string }[]>()
    grams.set(run.length, own)
    const hash = hashOfRun(run.map(numberOf), 0, run.length)
    const text = run.join(' ')
    const known = own.get(hash)
    if (!known) own.set(hash, [{ text, set }])
    else if (!known.some((one) => one.text === text)) known.push({ text, set })
  }
  const sets = evaluations.map(({ name, questions }) => {
    const all = questions.map(wordsOf)
    const size = median(all.map(({ length }) => length)) < SHORT_BELOW ? short : words
    let tooShort = 0
    for (const question of all) {
      if (question.length >= size) for (let at = 0; at + size <= question.length; at++) add(question.slice(at, at + size), name)
      else if (question.length >= LEAST) add(question, name)
      else tooShort += 1
    }
    return { name, questions: questions.length, words: size, tooShort }
  })
  return {
    sets,
    find(text) {
      const found = wordsOf(text)
      const ids = found.map((word) => numbers.get(word) ?? -1)
      // The longest stretches of words that questions know at all.
      for (let from = 0; from < ids.length; from++) {
        if (ids[from] === -1) continue
        let to = from
        while (to < ids.length && ids[to] !== -1) to++
        for (const [size, own] of grams) {
          for (let at = from; at + size <= to; at++) {
            const candidates = own.get(hashOfRun(ids, at, size))
            if (!candidates) continue
            const run = found.slice(at, at + size).join(' ')
            const hit = candidates.find((one) => one.text === run)
            if (hit) return { set: hit.set, words: run }
          }
        }
        from = to
      }
      return null
    },
  }
}

function hashOfRun(ids: readonly number[], from: number, size: number): number {
  let hash = 0
  for (let at = from; at < from + size; at++) hash = mixed(Math.imul(hash, 31) + ids[at]! + 1)
  return hash
}
