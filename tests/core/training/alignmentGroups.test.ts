// Alignment groups against their definition: every common boundary of two tokenizations closes a group, and nothing else does.
import { expect, test } from 'vitest'
import { alignmentGroups } from '../../../src/core/pipeline/training/alignmentGroups.ts'
import { random } from '../../support/random.ts'

test('by hand: "New York" as New| York against Ne|w| Yor|k', () => {
  expect(alignmentGroups([3, 5], [2, 1, 4, 1])).toEqual([
    { student: [0, 1], teacher: [0, 2], bytes: [0, 3] },
    { student: [1, 2], teacher: [2, 4], bytes: [3, 8] },
  ])
})

test('tokens without text join what follows them, at the end what was before', () => {
  expect(alignmentGroups([0, 3, 2, 0], [3, 0, 2])).toEqual([
    { student: [0, 2], teacher: [0, 1], bytes: [0, 3] },
    { student: [2, 4], teacher: [1, 3], bytes: [3, 5] },
  ])
})

test('no text, no groups', () => {
  expect(alignmentGroups([], [])).toEqual([])
  expect(alignmentGroups([0], [0, 0])).toEqual([])
})

test.each([[[3], [2]], [[3, 1], [3]], [[], [1]], [[2, 2], [3, 2]]])('%j against %j is not one text', (student, teacher) => {
  expect(() => alignmentGroups(student, teacher)).toThrow('expected two tokenizations of one text')
})

/** Cuts `bytes` at random places, with empty tokens among them. */
function cuts(bytes: number, next: () => number): number[] {
  const lengths: number[] = []
  for (let left = bytes; left > 0; ) {
    const length = next() < 0.15 ? 0 : Math.min(left, 1 + Math.floor(4 * next()))
    lengths.push(length)
    left -= length
  }
  return lengths
}

test('random tokenizations: groups are in order, leave no token out, and end at exactly the common boundaries', () => {
  const next = random(77)
  for (let trial = 0; trial < 300; trial++) {
    const bytes = 1 + Math.floor(40 * next())
    const [student, teacher] = [cuts(bytes, next), cuts(bytes, next)]
    const groups = alignmentGroups(student, teacher)
    for (const [side, lengths] of [['student', student], ['teacher', teacher]] as const) {
      expect(groups.flatMap((group) => Array.from({ length: group[side][1] - group[side][0] }, (_, i) => group[side][0] + i))).toEqual(lengths.map((_, i) => i))
      for (const { [side]: [from, to], bytes: [first, last] } of groups)
        expect(lengths.slice(from, to).reduce((a, b) => a + b, 0)).toBe(last - first)
    }
    const ends = (lengths: number[]): Set<number> => new Set(lengths.map((_, i) => lengths.slice(0, i + 1).reduce((a, b) => a + b, 0)))
    const common = [...ends(student)].filter((end) => end > 0 && ends(teacher).has(end)).sort((a, b) => a - b)
    expect(groups.map((group) => group.bytes[1])).toEqual(common)
  }
})
