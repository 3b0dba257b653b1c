// Filter 9: a judge's score of 1 to 5, its threshold calibrated on labels by hand, with how far the two agree.
import { agreementOf, calibrated, CALIBRATED_FROM, type Rated } from './agreement.ts'
import { idOf, type Filter, type Finding } from './filter.ts'
import { readScore, scorePrompt, unjudged } from './judging.ts'

export const judgeFilter: Filter<'judge'> = {
  lacks: (_, { judge }) => (judge === null ? 'no judge is named' : null),
  async run(candidates, { settings: { least, calibrate }, world, onProgress }) {
    const judge = world.judge!
    const answers = await judge.ask(candidates.map(scorePrompt), onProgress)
    const scores = new Map<string, { readonly score: number; readonly why: string }>()
    const problems: string[] = []
    candidates.forEach((candidate, index) => {
      const answer = answers[index]!
      const score = 'text' in answer ? readScore(answer.text) : null
      if (score !== null && 'text' in answer) scores.set(idOf(candidate), { score, why: answer.text })
      else if (!('unasked' in answer)) problems.push('problem' in answer ? answer.problem : 'an answer without a score')
    })
    const rated = [...world.scores].flatMap(([id, hand]): Rated[] => {
      const found = scores.get(id)
      return found ? [{ hand, judge: found.score }] : []
    })
    const threshold = calibrate ? calibrated(rated, least) : least
    const rejected = candidates.flatMap((candidate): Finding[] => {
      const found = scores.get(idOf(candidate))
      if (!found || found.score >= threshold) return []
      return [{ id: idOf(candidate), reason: `score ${found.score}`, detail: whyOf(found.why) }]
    })
    const open = unjudged(candidates, answers)
    const told = [5, 4, 3, 2, 1].map((score) => `${score}: ${[...scores.values()].filter((one) => one.score === score).length}`)
    return {
      rejected,
      flagged: open.flagged,
      notes: [
        ...open.notes,
        `scores ${told.join(', ')}; kept from ${threshold} on`,
        ...(calibrate && rated.length < CALIBRATED_FROM ? [`not calibrated: ${rated.length} labels by hand, of ${CALIBRATED_FROM}`] : []),
        ...(problems.length > 0 ? [`${problems.length} without a score are kept; the first: ${problems[0]!}`] : []),
      ],
      ...(rated.length > 0 && { agreement: agreementOf(rated, { least, threshold }) }),
    }
  },
}

const whyOf = (text: string): string => (/"why"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.trim().split('\n', 1)[0]!).slice(0, 160)
