// Filter 7: duplicates: the same words, or nearly the same, as a trajectory that is kept.
import { ALWAYS, idOf, type Candidate, type Filter, type Finding } from './filter.ts'
import { createNearIndex, shinglesOf } from './minHash.ts'
import { wordsOf } from './words.ts'

export const duplicatesFilter: Filter<'duplicates'> = {
  lacks: ALWAYS,
  async run(candidates, { settings: { similarity, words }, pace }) {
    const near = createNearIndex(similarity)
    const exact = new Map<string, string>()
    const kept: string[] = []
    const rejected: Finding[] = []
    for (const [index, candidate] of preferred(candidates).entries()) {
      await pace(index, candidates.length)
      const text = textOf(candidate)
      const same = wordsOf(text).join(' ')
      const twin = exact.get(same)
      if (twin !== undefined) {
        rejected.push({ id: idOf(candidate), reason: 'the same words', detail: `as ${twin}` })
        continue
      }
      const shingles = shinglesOf(text, words)
      const found = near.find(shingles)
      if (found) {
        rejected.push({ id: idOf(candidate), reason: 'nearly the same', detail: `as ${kept[found.index]!}: Jaccard ${found.similarity.toFixed(2)}` })
        continue
      }
      exact.set(same, idOf(candidate))
      near.add(shingles)
      kept.push(idOf(candidate))
    }
    return { rejected }
  },
}

/** All turns but the instructions, which many trajectories share. */
const textOf = ({ trajectory }: Candidate): string => trajectory.turns.filter(({ role }) => role !== 'system').map(({ text }) => text).join('\n')

/** Of those that are the same, the one that a person accepted stays, then one that succeeded, then the first. */
function preferred(candidates: readonly Candidate[]): Candidate[] {
  const rank = ({ review, trajectory }: Candidate): number => (review === 'accepted' ? 0 : 2) + (trajectory.outcome?.success === true ? 0 : 1)
  return candidates.toSorted((a, b) => rank(a) - rank(b))
}
