// Filter 3: the answer is right: by the source's own verdict (tests, rewards), by a known answer (words, maths), or by a judge.
import { answerOf } from './calls.ts'
import { idOf, type Candidate, type Filter, type FilterContext, type Finding } from './filter.ts'
import { outcomePrompt, readVerdict, unjudged } from './judging.ts'

type Verdict = { readonly right: boolean | null; readonly by: 'source' | 'reward' | 'exact' | 'maths' | 'answer' | 'judge' | 'nobody'; readonly detail: string }

export const outcomeFilter: Filter<'outcome'> = {
  lacks: ({ unknown }, { judge }) => (unknown === 'judge' && judge === null ? 'outcome.unknown is judge, and no judge is named' : null),
  async run(candidates, context) {
    const verdicts: Verdict[] = []
    for (const [index, candidate] of candidates.entries()) {
      await context.pace(index, candidates.length)
      verdicts.push(verdictOf(candidate, context))
    }
    const { unknown } = context.settings
    const open = unknown === 'judge' ? await askJudge(candidates, verdicts, context) : { flagged: [], notes: [] }
    const rejected = candidates.flatMap((candidate, index): Finding[] => {
      const { right, by, detail } = verdicts[index]!
      if (right === true || (right === null && unknown !== 'reject')) return []
      return [{ id: idOf(candidate), reason: right === null ? 'nobody knows the outcome' : REASONS[by], detail }]
    })
    const counts = new Map<Verdict['by'], number>()
    for (const { by, right } of verdicts) if (right !== false) counts.set(by, (counts.get(by) ?? 0) + 1)
    const notes = [...[...counts].map(([by, count]) => `${count} ${KEPT[by]}`), ...open.notes]
    return { rejected, notes, flagged: open.flagged }
  },
}

const REASONS: Readonly<Record<Verdict['by'], string>> = {
  source: 'the source says it failed',
  reward: 'the reward is too small',
  exact: 'the answer is wrong',
  maths: 'the answer is wrong',
  answer: 'the answer is wrong',
  judge: 'the judge says the answer is wrong',
  nobody: 'nobody knows the outcome',
}

const KEPT: Readonly<Record<Verdict['by'], string>> = {
  source: 'right by the source',
  reward: 'right by the reward',
  exact: 'right by exact match',
  maths: 'right by equal numbers',
  answer: 'right by a known answer',
  judge: 'right by the judge',
  nobody: 'kept although nobody knows the outcome',
}

/** A known answer decides where there is one, then what the source says. */
function verdictOf(candidate: Candidate, { settings, world }: FilterContext<'outcome'>): Verdict {
  const { outcome } = candidate.trajectory
  const right = world.answers.get(candidate.task.id)
  const found = right && answerOf(candidate)
  if (right && found !== null && found !== undefined) {
    for (const one of right) {
      const by = world.sameAnswer(found, one)
      if (by) return { right: true, by, detail: '' }
    }
    // What the source itself counted as right is worded otherwise than the answer we know.
    if (outcome?.success === true) return { right: true, by: 'source', detail: '' }
    return { right: false, by: 'answer', detail: `found ${JSON.stringify(found.slice(0, 80))}, expected ${JSON.stringify(right[0]!.slice(0, 80))}` }
  }
  if (outcome && outcome.success !== null) return { right: outcome.success, by: 'source', detail: outcome.detail.split('\n', 1)[0]!.slice(0, 120) }
  if (outcome && outcome.reward !== null && settings.reward !== null) {
    return { right: outcome.reward >= settings.reward, by: 'reward', detail: `${outcome.reward}; at least ${settings.reward}` }
  }
  return { right: null, by: 'nobody', detail: outcome ? `reward ${outcome.reward ?? 'unknown'}` : 'no outcome in the source' }
}

/** In place. What the judge cannot say stays unknown, and is kept. */
async function askJudge(candidates: readonly Candidate[], verdicts: Verdict[], { world, onProgress }: FilterContext<'outcome'>): Promise<ReturnType<typeof unjudged>> {
  const open = verdicts.flatMap(({ right }, index) => (right === null && answerOf(candidates[index]!) !== null ? [index] : []))
  const answers = await world.judge!.ask(open.map((index) => outcomePrompt(candidates[index]!)), onProgress)
  open.forEach((index, place) => {
    const answer = answers[place]!
    const right = 'text' in answer ? readVerdict(answer.text) : null
    if (right !== null) verdicts[index] = { right, by: 'judge', detail: 'text' in answer ? answer.text.trim().split('\n', 1)[0]!.slice(0, 160) : '' }
  })
  return unjudged(open.map((index) => candidates[index]!), answers)
}
