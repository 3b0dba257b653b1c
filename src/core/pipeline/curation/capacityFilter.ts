// Filter 8: capacity: of several right samples of a task, the one that the student finds likeliest (SmartAD), by turn-macro NLL.
import { methodOf } from './calls.ts'
import { idOf, type Candidate, type Filter, type Finding } from './filter.ts'

export const capacityFilter: Filter<'capacity'> = {
  lacks: (_, { student }) => (student === null ? 'no student is named, and it is the student whose capacity counts' : null),
  async run(candidates, { settings: { keep, per, most }, world, onProgress }) {
    const groups = new Map<string, Candidate[]>()
    for (const candidate of candidates) {
      // A sample that is not known to be right is no rival of one that is.
      const rival = candidate.trajectory.outcome?.success === true
      const key = rival ? `${candidate.task.id} ${per === 'method' ? methodOf(candidate) : ''}` : idOf(candidate)
      groups.set(key, [...(groups.get(key) ?? []), candidate])
    }
    const rivals = [...groups.values()].filter((group) => group.length > keep)
    const scored = most === null ? rivals.flat() : candidates
    const losses = scored.length === 0 ? new Map<string, number>() : await world.student!.losses(scored, onProgress)
    const rejected: Finding[] = []
    const gone = new Set<string>()
    const reject = (candidate: Candidate, reason: string, detail: string): void => {
      if (gone.has(idOf(candidate))) return
      gone.add(idOf(candidate))
      rejected.push({ id: idOf(candidate), reason, detail })
    }
    if (most !== null) {
      for (const candidate of candidates) {
        const loss = losses.get(idOf(candidate))
        if (loss !== undefined && loss > most) reject(candidate, 'too unlikely for the student', `NLL ${loss.toFixed(3)}; at most ${most}`)
      }
    }
    for (const group of rivals) {
      // What could not be scored is no rival: nobody knows how likely it is.
      const order = group
        .flatMap((candidate) => {
          const loss = gone.has(idOf(candidate)) ? undefined : losses.get(idOf(candidate))
          return loss === undefined ? [] : [{ candidate, loss }]
        })
        .sort((a, b) => a.loss - b.loss)
      for (const { candidate, loss } of order.slice(keep)) {
        const best = order[keep - 1]!
        reject(candidate, 'the student finds another sample likelier', `NLL ${loss.toFixed(3)}; ${idOf(best.candidate)} has ${best.loss.toFixed(3)}`)
      }
    }
    const unscored = scored.filter((one) => !losses.has(idOf(one))).length
    return {
      rejected,
      notes: [`${rivals.length} tasks with more than ${keep} right ${keep === 1 ? 'sample' : 'samples'}, ${scored.length} trajectories scored`, ...(unscored > 0 ? [`could not be scored, and kept: ${unscored}`] : [])],
    }
  },
}
