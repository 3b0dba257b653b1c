// Which prediction of a teacher stands for which token of the student: same tokens, other tokens, other templates.
import { expect, test } from 'vitest'
import { encodeUtf8 } from '../../../src/core/formats/utf8.ts'
import { teacherPlaces } from '../../../src/core/pipeline/training/index.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'

/** Pieces by step: `[step, text, kind]`; a context piece has weight 0. */
type Piece = readonly [step: number, text: string, kind: 'reason' | 'act' | 'end' | 'context']

function side(pieces: readonly Piece[]) {
  const example: MaskedExample = {
    id: 'x', trajectoryId: 'x', own: 0, straddling: 0,
    ids: pieces.map((_, i) => i), kinds: pieces.map(([, , kind]) => kind), parts: pieces.map(() => 'none'), steps: pieces.map(([step]) => step),
    ce: pieces.map(([, , kind]) => (kind === 'context' ? 0 : 1)), kl: pieces.map(() => 0),
  }
  return { example, tokenizer: { bytes: (id: number) => encodeUtf8(pieces[id]![1]) } }
}

const OURS: Piece[] = [[-1, 'question', 'context'], [0, 'I ', 'reason'], [0, 'look', 'reason'], [0, '<end>', 'end'], [0, 'page', 'context'], [1, 'stop', 'act'], [1, '<end>', 'end']]

test('the same tokens behind a longer prompt: each has its own', () => {
  const theirs = side([[-1, 'system', 'context'], [-1, 'question', 'context'], ...OURS.slice(1)])
  expect(teacherPlaces(side(OURS), theirs)).toEqual([1, 2, 3, 5, 6].map((student) => ({ student, teacher: student + 1 })))
})

test('other tokens: where one of both begins; what closes a turn is compared whatever it is called', () => {
  const theirs = side([[-1, 'q', 'context'], [0, 'I', 'reason'], [0, ' ', 'reason'], [0, 'lo', 'reason'], [0, 'ok', 'reason'], [0, '</s>', 'end'], [1, 'st', 'act'], [1, 'op', 'act'], [1, '</s>', 'end']])
  expect(teacherPlaces(side(OURS), theirs)).toEqual([
    { student: 1, teacher: 1, group: { teacher: [1, 2], label: 1 } }, { student: 2, teacher: 3, group: { teacher: [3, 4], label: 2 } }, { student: 3, teacher: 5 },
    { student: 5, teacher: 6, group: { teacher: [6, 7], label: 5 } }, { student: 6, teacher: 8 },
  ])
  // The other way round: tokens within a group have none.
  expect(teacherPlaces(theirs, side(OURS))[1]).toEqual({ student: 3, teacher: 2, group: { teacher: [2], label: 3 } })
  expect(teacherPlaces(theirs, side(OURS)).map(({ student }) => student)).toEqual([1, 3, 5, 6, 8])
})

test('a step whose text another template wrote otherwise has no place; the others have', () => {
  const theirs = side(OURS.map(([step, text, kind]): Piece => [step, text === 'look' ? 'look ' : text, kind]))
  expect(teacherPlaces(side(OURS), theirs).map(({ student }) => student)).toEqual([5, 6])
})
