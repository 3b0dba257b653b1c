// Filter 5: loops: the same call again within a few steps, with the same answer: a next page or a next hit is none, nor what mends a mistake.
import { callKey, stepsOf } from './calls.ts'
import { ALWAYS, rejectEach, type Candidate, type Filter } from './filter.ts'

export const loopsFilter: Filter<'loops'> = {
  lacks: ALWAYS,
  run: async (candidates, context) => {
    const { window, repeats } = context.settings
    const rejected = await rejectEach(candidates, context, (candidate) => {
      const steps = stepsOf(candidate)
      const seen = steps.map(({ turn }) => observedAfter(candidate, turn))
      const keys = steps.map(({ calls }, step) => new Map(calls.map((call) => [`${callKey(call)}\n${seen[step]}`, callKey(call)])))
      let found = 0
      for (let step = 1; step < steps.length; step++) {
        const again = [...keys[step]!].find(([key]) => keys.slice(Math.max(0, step - window), step).some((before) => before.has(key)))?.[1]
        if (again === undefined || candidate.labels.get(steps[step]!.turn) === 'recover') continue
        found += 1
        if (found >= repeats) return { reason: 'the same call again', detail: `turn ${steps[step]!.turn + 1}: ${again.slice(0, 120)}` }
      }
      return null
    })
    return { rejected }
  },
}

const MARKER = /^Observation(?:[ \t]*\d+)?:\s*/

/** What is said between a turn of the agent and its next one, without markers and differences of white space. */
function observedAfter({ trajectory: { turns } }: Candidate, turn: number): string {
  const next = turns.findIndex(({ role }, index) => index > turn && role === 'agent')
  return turns.slice(turn + 1, next === -1 ? turns.length : next).map(({ text }) => text.trim().replace(MARKER, '').replace(/\s+/g, ' ')).join('\n')
}
