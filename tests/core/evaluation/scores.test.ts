// What rungs come to over their seeds: which seeds are set against which.
import { expect, test } from 'vitest'
import { ladderArms } from '../../../src/core/evaluation/arms.ts'
import { type RungResults, scoresOf } from '../../../src/core/evaluation/index.ts'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import type { TaskResult } from '../../../src/shared/records/evaluation.ts'
import type { LadderSpec } from '../../../src/shared/records/ladder.ts'

const ARITH = suiteNamed('arith')
const TASKS = 80

const spec: LadderSpec = {
  suite: 'arith', student: 'student.gguf', arms: ladderArms(ARITH, { samples: 4, firstThought: null }), seeds: [1, 2, 3, 4], tokens: 12_000,
  tasks: [{ name: 'ood', choice: { from: 'suite', split: 'ood', seed: 1, count: TASKS } }],
  style: ARITH.style, settings: {}, system: null, context: 2048, teacher: null,
}

/** So many tenths of the tasks are solved; `more`: the last tenth, too. */
function run(arm: string, seed: number, { tenths, more = false }: { tenths: number; more?: boolean }): RungResults {
  const results = Array.from({ length: TASKS }, (_, index) => ({ task: { id: `t${index}` }, success: index % 10 < tenths || (more && index % 10 === 9) }) as TaskResult)
  return { arm, seed, tasks: 'ood', results }
}

test('differences are of the same seeds, whatever the order of rungs; a seed that one of both lacks is left out, and said', () => {
  // sft failed with seed 2, sad with seed 3: by place 50 % would stand against 90 %.
  const runs = [
    run('sft', 1, { tenths: 1 }), run('sft', 3, { tenths: 9 }), run('sft', 4, { tenths: 5 }),
    run('sad', 1, { tenths: 1, more: true }), run('sad', 2, { tenths: 5, more: true }), run('sad', 4, { tenths: 5, more: true }),
  ]
  const [sft, sad] = scoresOf(spec, runs)
  expect(sft).toMatchObject({ seeds: 3, bySeed: [0.1, 0.9, 0.5], difference: null })
  const { interval, seeds } = sad!.difference!
  expect(seeds).toEqual([1, 4])
  expect(interval.value).toBeCloseTo(0.1, 12)
  expect(interval.high - interval.low).toBeLessThan(0.15)
  expect(scoresOf(spec, [...runs].reverse())).toEqual([sft, sad])
})

test('where both have the same seeds nothing is left out', () => {
  const [, sad] = scoresOf(spec, [run('sft', 1, { tenths: 1 }), run('sft', 2, { tenths: 3 }), run('sad', 2, { tenths: 6 }), run('sad', 1, { tenths: 4 })])
  expect(sad!.difference).toMatchObject({ against: 'sft', interval: { value: expect.closeTo(0.3, 12) as number } })
  expect(sad!.difference).not.toHaveProperty('seeds')
})

test('what is the same with each seed is set against all seeds of the other; so are rungs without a seed in common', () => {
  const [prompt] = scoresOf(spec, [run('prompt', 1, { tenths: 0 }), run('sft', 1, { tenths: 2 }), run('sft', 2, { tenths: 6 })])
  expect(prompt!.difference!.interval.value).toBeCloseTo(-0.4, 12)
  const [, sad] = scoresOf(spec, [run('sft', 1, { tenths: 2 }), run('sad', 2, { tenths: 5 })])
  expect(sad!.difference!.interval.value).toBeCloseTo(0.3, 12)
  for (const score of [prompt!, sad!]) expect(score.difference).not.toHaveProperty('seeds')
})
