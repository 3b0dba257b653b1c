// Rows of alignment groups that two tokenizers cut otherwise, by hand.
import { describe, expect, test } from 'vitest'
import { rowOfGroup } from '../../../src/core/pipeline/training/index.ts'

const [LOOK, LO, OTHER] = [5, 6, 7]
const shown = ({ ids, logProbs }: ReturnType<typeof rowOfGroup>) => Array.from(ids, (id, i) => [id, Number(Math.exp(logProbs[i]!).toFixed(12))])

test('cut alike, a row is what the teacher says; tokens that are one for the student are summed', () => {
  const named = [{ id: OTHER, probability: 0.3 }, { id: -1, probability: 0.25 }, { id: LOOK, probability: 0.2 }, { id: -1, probability: 0.05 }, { id: LOOK, probability: 0.15 }]
  expect(shown(rowOfGroup(named, { group: null, k: 5 }))).toEqual([[LOOK, 0.35], [OTHER, 0.3], [-1, 0.25], [-1, 0.05]])
})

describe('the teacher has two tokens for one of the student', () => {
  const named = [{ id: LO, probability: 0.8 }, { id: OTHER, probability: 0.1 }, { id: LOOK, probability: 0.04 }]

  test('P(lo) P(ok | lo) moves from the first to the student\'s own; the mass of the row stays', () => {
    const row = rowOfGroup(named, { group: { first: 0, label: LOOK, probability: 0.8 * 0.75 }, k: 3 })
    expect(shown(row)).toEqual([[LOOK, 0.64], [LO, 0.2], [OTHER, 0.1]])
  })

  test('a first token that the student lacks gives from what is unshared', () => {
    const row = rowOfGroup([{ id: -1, probability: 0.8 }, { id: OTHER, probability: 0.1 }], { group: { first: 0, label: LOOK, probability: 0.6 }, k: 3 })
    expect(shown(row)).toEqual([[LOOK, 0.6], [-1, 0.2], [OTHER, 0.1]])
  })

  test('one that is not named gives from the tail, and no more than k are named', () => {
    const row = rowOfGroup([{ id: OTHER, probability: 0.5 }, { id: LO, probability: 0.2 }], { group: { first: -1, label: LOOK, probability: 0.1 }, k: 2 })
    expect(shown(row)).toEqual([[OTHER, 0.5], [LO, 0.2]])
  })
})

test('the student has two tokens for one of the teacher: its mass is on the first of them, and nothing is left of its own', () => {
  expect(shown(rowOfGroup([{ id: LOOK, probability: 0.7 }, { id: LO, probability: 0.1 }], { group: { first: 0, label: LO, probability: 0.7 }, k: 3 }))).toEqual([[LO, 0.8]])
})
