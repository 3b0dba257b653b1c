// What is left of a ladder, by what its rungs took.
import { expect, test } from 'vitest'
import { secondsLeft } from '../../../src/core/evaluation/index.ts'
import { type LadderSpec, ladderArmSchema, type Rung, rungSchema } from '../../../src/shared/records/ladder.ts'

const arms = [
  { name: 'prompt', title: 'Prompt' },
  { name: 'sft', title: 'sft', train: { data: { form: 'agent' as const } } },
  { name: 'sad', title: 'sad', train: { data: { form: 'agent' as const } } },
  { name: 'votes', title: 'votes', like: 'sft' },
].map((arm) => ladderArmSchema.parse(arm))
const spec = { arms } as unknown as LadderSpec

const rung = (arm: string, seed: number, state: Rung['state'], seconds = 0): Rung => rungSchema.parse({ arm, seed, state, data: null, run: null, trained: null, evaluations: [], error: null, seconds })
const left = (...rungs: Rung[]): number | null => secondsLeft({ spec, rungs })

test('nothing is known before a rung is done', () => {
  expect(left(rung('sft', 1, 'training', 50), rung('sad', 1, 'waiting'))).toBeNull()
})

test('with another seed as before, else as those that train or do not; what is spent already is not left', () => {
  const done = [rung('sft', 1, 'done', 300), rung('prompt', 1, 'done', 40)]
  expect(left(...done, rung('sft', 2, 'waiting'))).toBe(300)
  expect(left(...done, rung('sad', 1, 'waiting'))).toBe(300)
  expect(left(...done, rung('votes', 1, 'waiting'))).toBe(40)
  expect(left(...done, rung('sad', 1, 'done', 500), rung('sad', 2, 'training', 120), rung('votes', 2, 'waiting'))).toBe(380 + 40)
  expect(left(rung('sft', 1, 'done', 300), rung('prompt', 1, 'waiting'))).toBe(300)
  expect(left(...done, rung('sad', 1, 'evaluating', 900))).toBe(0)
})

test('rungs of older ladders do not know what they took: nothing is known by them', () => {
  expect(left(rung('sft', 1, 'done'), rung('sad', 1, 'waiting'), rung('prompt', 1, 'waiting'))).toBeNull()
  expect(left(rung('sft', 1, 'done'), rung('sft', 2, 'done', 300), rung('sft', 3, 'waiting'))).toBe(300)
  expect(left(rung('sft', 1, 'done'), rung('prompt', 1, 'done', 40), rung('sft', 2, 'waiting'))).toBe(40)
})

test('what does not apply, or has failed since the ladder was gone on with, takes no time', () => {
  expect(left(rung('sft', 1, 'done', 300), rung('sad', 1, 'failed'), rung('votes', 1, 'not-applicable'))).toBe(0)
})
