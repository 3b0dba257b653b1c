// Overlaps with evaluation questions: every run of n words of theirs, found in any text in one pass.
import type { EvaluationSet } from './filter.ts'
import { mixed, wordsOf } from './words.ts'

export type Overlap = { readonly set: string; readonly words: string }

/** Sets whose questions have fewer words than this, at the median, are of short questions (methods.md 7). */
const SHORT_BELOW = 25
/** A question of fewer words than an n-gram counts as a whole, from this many words on; shorter ones occur by chance. */
const LEAST = 5

/** Characters of a whole question that are told. */
const SHOWN = 120

export type OverlapIndex = {
  /** Of each set: its n, and how many of its questions are too short to be compared. */
  readonly sets: readonly { readonly name: string; readonly questions: number; readonly words: number; readonly tooShort: number }[]
  /** The first run of words that a text shares with a question, or the whole of one; null: none. */
  find(text: string): Overlap | null
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Runs of numbers (1 2 3 4 ...) and inventories (drawer 1 drawer 2 shelf 1 ...) occur by chance: half must be words of their own. */
const tells = (words: readonly string[]): boolean => 2 * new Set(words.filter((word) => /\p{L}/u.test(word))).size >= words.length

/** Runs that more questions of a set have are the wording of the set (templates), and tell of no question. */
const MOST_QUESTIONS = 3

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
    const own = grams.get(run.length) ?? new Map<number, { text: string; set: string }[]>()
    grams.set(run.length, own)
    const hash = hashOfRun(run.map(numberOf), 0, run.length)
    const text = run.join(' ')
    const known = own.get(hash)
    if (!known) own.set(hash, [{ text, set }])
    else if (!known.some((one) => one.text === text)) known.push({ text, set })
  }
  /** Whole questions, of which a copy is found whatever its runs tell. */
  const wholes = new Map<string, string>()
  const sets = evaluations.map(({ name, questions, generated = false, stock = [] }) => {
    const all = questions.map(wordsOf)
    const own = new Map(all.map((question) => [question.join(' '), question]))
    const distinct = [...own.values()]
    const others = [...new Map(stock.map(wordsOf).map((question) => [question.join(' '), question])).entries()].flatMap(([text, question]) => (own.has(text) ? [] : [question]))
    const longest = Math.max(0, ...distinct.map(({ length }) => length))
    let size = median(all.map(({ length }) => length)) < SHORT_BELOW ? short : words
    let runs = runsOfSet(distinct, others, size)
    while (generated && size < longest && runs.sharing > SHARING * (distinct.length + others.length)) {
      size = Math.min(longest, Math.ceil(size * 1.25))
      runs = runsOfSet(distinct, others, size)
    }
    for (const run of runs.telling) add(run, name)
    for (const question of distinct) if (question.length >= LEAST) wholes.set(question.join(' '), name)
    return { name, questions: questions.length, words: size, tooShort: all.filter(({ length }) => length < Math.min(size, LEAST)).length }
  })
  return {
    sets,
    find(text) {
      const found = wordsOf(text)
      const all = found.join(' ')
      const copy = wholes.get(all)
      if (copy !== undefined) return { set: copy, words: all.length > SHOWN ? `${all.slice(0, SHOWN)} ...` : all }
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

/** Of a generated set, the largest share of questions that may have a run with another one: with more, n is too small for its stock of words. */
const SHARING = 0.05

/** The runs that tell of one of the questions, and how many of all have one that another has, too. */
function runsOfSet(questions: readonly (readonly string[])[], others: readonly (readonly string[])[], size: number): { readonly telling: (readonly string[])[]; readonly sharing: number } {
  const known = new Map<string, { readonly run: readonly string[]; readonly questions: number[] }>()
  for (const [index, question] of [...questions, ...others].entries()) {
    for (const run of runsOf(question, size)) {
      const own = known.get(run.join(' '))
      if (own) own.questions.push(index)
      else known.set(run.join(' '), { run, questions: [index] })
    }
  }
  const telling = [...known.values()].filter(({ run, questions: having }) => having.length <= MOST_QUESTIONS && tells(run))
  return { telling: telling.filter(({ questions: [first = Infinity] }) => first < questions.length).map(({ run }) => run), sharing: new Set(telling.flatMap(({ questions: having }) => (having.length > 1 ? having : []))).size }
}

/** Each run of `size` words once; of a shorter question all its words, from five on. */
function runsOf(question: readonly string[], size: number): Iterable<readonly string[]> {
  if (question.length < size) return question.length < LEAST ? [] : [question]
  const runs = Array.from({ length: question.length - size + 1 }, (_, at) => question.slice(at, at + size))
  return new Map(runs.map((run) => [run.join(' '), run])).values()
}

function hashOfRun(ids: readonly number[], from: number, size: number): number {
  let hash = 0
  for (let at = from; at < from + size; at++) hash = mixed(Math.imul(hash, 31) + ids[at]! + 1)
  return hash
}
