// Clauses of composed problems: a piece's form with its words, verbs and the mention of who acts filled in.
import type { Random } from '../../../random.ts'
import { pick } from '../../seeds.ts'
import { articled } from '../template.ts'
import { type Agreement, chosen, conjugated, participle, type Tense } from './grammar.ts'
import type { Scene, Subject } from './scene.ts'

/** What is filled in. `letters`: of the piece's own numbers. */
export type Filling = {
  readonly verb: string
  readonly tense: Tense
  readonly letters: Readonly<Record<string, string>>
  readonly subject: Subject
}

export type Writer = {
  /** One of the forms, in the order in which the problem is told: who acts is introduced by the first. `fits`: whether a form may stand there. */
  clause(forms: readonly string[], filling: Filling, fits?: (form: string) => boolean): string
  /** Whether a clause begins with who acts, and what then follows. */
  behindSubject(clause: string, subject: Subject): string | null
}

/** A form that names who acts. */
export const NAMED = /\{(?:S|O|owner)\}/

const TRIES = 40

export function createWriter(scene: Scene, random: Random): Writer {
  const met = new Set<Subject>()
  return {
    clause(forms, filling, fits = () => true) {
      let raw = chosen(pick(forms, random), random)
      for (let attempt = 0; !fits(raw) && attempt < TRIES; attempt++) raw = chosen(pick(forms, random), random)
      return filled(raw, filling)
    },
    behindSubject(clause, subject) {
      const start = [subject.first, subject.again].find((text) => clause.startsWith(`${text} `))
      return start === undefined ? null : clause.slice(start.length + 1)
    },
  }

  function filled(raw: string, { verb, tense, letters, subject }: Filling): string {
    const mentioned = raw.replace(/\{(S|O|owner)\}/g, (_, slot: string) => {
      const known = met.has(subject)
      met.add(subject)
      if (slot === 'S') return known ? subject.again : subject.first
      if (slot === 'owner') return subject.owner[known ? 1 : 0]
      return subject.object
    })
    const verbed = mentioned.replace(/<([\w ]+)(?::(\w+))?>/g, (_, name: string, mode?: string) => {
      const base = name === 'V' ? verb : name
      if (mode === 'pp') return participle(base)
      if (mode === 'base') return base
      const agreement: Agreement = mode === 'p' ? 'many' : mode === 's' ? 'one' : subject.agreement
      return conjugated(base, tense, agreement)
    })
    return worded(verbed, scene.words, letters)
  }
}

/** Words for slots, the problem's letters for the piece's own. */
export const worded = (text: string, words: Readonly<Record<string, string>>, letters: Readonly<Record<string, string>>): string =>
  articled(text.replace(/\{(\w+)\}/g, (whole, slot: string) => (slot in letters ? `{${letters[slot]!}}` : (words[slot] ?? whole))))

/** The facts of a move for the expert's thought. */
export const factOf = (say: string, { verb, letters }: Pick<Filling, 'verb' | 'letters'>, words: Readonly<Record<string, string>>): string =>
  worded(say.replace('<V:pp>', participle(verb)), words, letters)
