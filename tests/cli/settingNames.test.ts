// Settings in errors by the names of their options, and what they have to be in words.
import { expect, test } from 'vitest'
import { asOptions } from '../../src/cli/runOptions.ts'
import { fillSettings } from '../../src/engine/training/settings.ts'

test('a setting is named as its option; what is none stays', () => {
  expect(asOptions('lr')).toBe('--lr')
  expect(asOptions('clipNorm')).toBe('--clip')
  expect(asOptions('actCe, reasonKl')).toBe('--act-ce, --reason-kl')
  expect(asOptions('/home/a teacher')).toBe('/home/a teacher')
})

test.each([
  [{ lr: 0 }, 'lr', 'more than 0'],
  [{ rank: 0 }, 'rank', 'at least 1'],
  [{ heldout: 0.95 }, 'heldout', 'at most 0.9'],
  [{ rank: 1.5 }, 'rank', 'a whole number'],
])('%j is refused with plain words', (given, where, expected) => {
  expect(() => fillSettings(given)).toThrow(expect.objectContaining({ code: 'bad-settings', where, expected }))
})
