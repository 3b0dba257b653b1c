// A teacher that says little of a run.
import { expect, test } from 'vitest'
import { emptyTeacher, thinTeacher } from '../../src/shared/teacherCoverage.ts'

const teacher = (tokens: number, mass: number | null) => ({ label: 'big', tokens, of: 100, mass })

test('less than half of the tokens, or of their probability, is told with both figures', () => {
  expect(thinTeacher(teacher(49, 0.9))).toContain('49 of 100 tokens that would listen to it (49.0 %), and its named tokens have 90.0 % of the probability')
  expect(thinTeacher(teacher(90, 0.49))).toContain('49.0 % of the probability')
  expect(thinTeacher(teacher(49, null))).toContain('49 of 100')
  expect(thinTeacher(teacher(50, 0.5))).toBeNull()
  expect(thinTeacher(teacher(50, null))).toBeNull()
  expect(thinTeacher(undefined)).toBeNull()
})

test('one that covers nothing is refused', () => {
  expect(emptyTeacher(teacher(0, 0))).toMatchObject({ code: 'bad-settings', where: 'teacher' })
  expect(emptyTeacher(teacher(1, 0.9))).toBeNull()
  expect(emptyTeacher({ ...teacher(0, 0), of: 0 })).toBeNull()
})
