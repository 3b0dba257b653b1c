// Filter 10: decontamination: words that a trajectory shares with a question of an evaluation set, or what its suite compares questions by.
import { rejectEach, type Candidate, type Filter } from './filter.ts'
import { createOverlapIndex } from './ngrams.ts'

export const contaminationFilter: Filter<'contamination'> = {
  lacks: (_, { evaluations }) => (evaluations.length === 0 ? 'no evaluation set is named' : null),
  async run(candidates, context) {
    const { words, short, scope } = context.settings
    const { evaluations } = context.world
    const index = createOverlapIndex(evaluations.filter(({ likeness }) => likeness === undefined), { words, short })
    const alike = evaluations.flatMap(({ name, questions, likeness }) => (likeness ? [{ name, ...likeness, questions: questions.length, known: new Set(questions.map(likeness.of)) }] : []))
    const rejected = await rejectEach(candidates, context, (candidate) => {
      for (const [place, text] of textsOf(candidate, scope)) {
        const found = index.find(text)
        if (found) return { reason: found.set, detail: `${place}: “${found.words}”` }
        for (const { name, of, what, known } of alike) {
          const own = of(text)
          if (own !== null && known.has(own)) return { reason: name, detail: `${place}: ${what}, “${own}”` }
        }
      }
      return null
    })
    const notes = [
      ...index.sets.map(({ name, questions, words: size, tooShort }) => `${name}: ${questions} questions, ${size} words in a row${tooShort > 0 ? `, ${tooShort} too short to compare` : ''}`),
      ...alike.map(({ name, questions, what }) => `${name}: ${questions} questions, ${what}`),
    ]
    return { rejected, notes }
  },
}

function* textsOf({ task, trajectory }: Candidate, scope: 'own' | 'all'): Generator<readonly [place: string, text: string]> {
  yield ['question', task.question]
  for (const [index, { role, text }] of trajectory.turns.entries()) {
    const own = role === 'agent' || (role === 'user' && text !== task.question)
    if (own || (scope === 'all' && role === 'environment')) yield [`turn ${index + 1}`, text]
  }
}
