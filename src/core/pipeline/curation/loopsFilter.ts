// Filter 5: loops: the same call again within a few steps.
import { callKey, stepsOf } from './calls.ts'
import { ALWAYS, rejectEach, type Filter } from './filter.ts'

export const loopsFilter: Filter<'loops'> = {
  lacks: ALWAYS,
  run: async (candidates, context) => {
    const { window, repeats } = context.settings
    const rejected = await rejectEach(candidates, context, (candidate) => {
      const steps = stepsOf(candidate)
      const keys = steps.map(({ calls }) => new Set(calls.map(callKey)))
      let found = 0
      for (let step = 1; step < steps.length; step++) {
        const again = [...keys[step]!].find((key) => keys.slice(Math.max(0, step - window), step).some((before) => before.has(key)))
        if (again === undefined) continue
        found += 1
        if (found >= repeats) return { reason: 'the same call again', detail: `turn ${steps[step]!.turn + 1}: ${again.slice(0, 120)}` }
      }
      return null
    })
    return { rejected }
  },
}
