// The limit of repeats: five steps where nobody says otherwise, as many as are wished for, or none; kept with the other limits.
import { expect, test } from 'vitest'
import { evaluationWishSchema, type EvaluationWish, type LadderWish } from '../../../src/shared/contract/evaluating.ts'
import { ladderSpecOf, specOf } from '../../../src/engine/evaluation/index.ts'
import { frozen } from '../../../src/engine/evaluation/frozen.ts'
import { batchOf } from '../../../src/engine/teaching/batches.ts'
import { endpointOf, request } from '../../support/batches.ts'

const EXPERT: EvaluationWish = { suite: 'arith', tasks: 2, seed: 3, solver: { type: 'expert' } }
const LADDER: LadderWish = { suite: 'arith', student: '/s.gguf', tasks: 2, splits: ['held-out'] }

test('an evaluation', async () => {
  const repeats = async (wish: object) => (await specOf({ ...EXPERT, ...wish })).limits.repeats
  expect([await repeats({}), await repeats({ repeats: 8 }), await repeats({ repeats: 0 })]).toEqual([5, 8, undefined])
  expect(evaluationWishSchema.safeParse({ ...EXPERT, repeats: 1 }).success).toBe(false)
})

test('a batch of a teacher', () => {
  const repeats = (wish: object) => batchOf(request(endpointOf('http://127.0.0.1:1'), wish)).settings.limits.repeats
  expect([repeats({}), repeats({ repeats: 8 }), repeats({ repeats: 0 })]).toEqual([5, 8, undefined])
})

test('a ladder freezes it with its other limits, for every way of being asked, and keeps it', async () => {
  const spec = async (wish: object) => frozen(await ladderSpecOf({ ...LADDER, ...wish }))
  const limits = async (wish: object) => Object.values((await spec(wish)).limits ?? {}).map(({ repeats }) => repeats)
  expect(new Set(await limits({}))).toEqual(new Set([5]))
  expect(new Set(await limits({ repeats: 0 }))).toEqual(new Set([undefined]))
  const three = await spec({ repeats: 3 })
  expect(three.limits!.agent).toMatchObject({ repeats: 3 })
  // What the program has by then does not matter.
  expect(frozen({ ...three, repeats: 9 })).toEqual({ ...three, repeats: 9 })
})
