// Evaluation questions from files of several forms and from the suites; answers compared as words or as mathematics.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evaluationFiles, readQuestions, suiteSets } from '../../../src/engine/curation/questions.ts'
import { sameAnswer } from '../../../src/engine/curation/sameAnswer.ts'
import { temporaryFolder } from '../../support/folder.ts'

const file = (name: string, content: string): string => {
  const path = join(temporaryFolder(), name)
  writeFileSync(path, content)
  return path
}

test.each([
  ['examples.json', '{"metadata": {}, "examples": [{"question": "a?", "answer": 7}, {"question": "b?"}]}', [['a?', '7'], ['b?', null]]],
  ['list.json', '[{"problem": "a?", "answer": "x"}, "b?"]', [['a?', 'x'], ['b?', null]]],
  ['lines.jsonl', '{"prompt": "a?"}\n\n{"instruction": "b?"}\n', [['a?', null], ['b?', null]]],
  ['one.jsonl', '{"question": "a?"}', [['a?', null]]],
  ['plain.txt', 'a?\nb?\n', [['a?', null], ['b?', null]]],
])('%s', (name, content, expected) => expect(readQuestions(file(name, content)).map(({ question, answer }) => [question, answer])).toEqual(expected))

test.each([
  ['empty.json', '[]', 'no questions'],
  ['other.json', '{"rows": 3}', '{"rows": 3}'],
  ['entry.json', '[{"question": "a?"}, {"text": "b"}]', '{"text":"b"}'],
  ['broken.jsonl', '{"question": "a?"}\n{"question"', JSON.stringify('{"question"')],
])('%s is refused with what was found', (name, content, found) => expect(() => readQuestions(file(name, content))).toThrow(expect.objectContaining({ code: 'no-questions', found }) as Error))

test('a folder is its files, a set each; one without any, and one that is not there, are refused', () => {
  const folder = join(temporaryFolder(), 'sets')
  mkdirSync(folder)
  expect(() => evaluationFiles([folder])).toThrow(expect.objectContaining({ code: 'no-questions' }) as Error)
  writeFileSync(join(folder, 'b.json'), '["b?"]')
  writeFileSync(join(folder, 'a.txt'), 'a?')
  writeFileSync(join(folder, 'notes.md'), 'nothing')
  expect(evaluationFiles([folder])).toEqual([{ name: 'a.txt', questions: ['a?'] }, { name: 'b.json', questions: ['b?'] }])
  expect(() => evaluationFiles([join(folder, 'c.json')])).toThrow(expect.objectContaining({ code: 'file-missing' }) as Error)
})

test('of each suite the held-out and out-of-domain tasks', () => {
  const sets = suiteSets(3)
  expect(sets.map(({ name }) => name)).toEqual(expect.arrayContaining(['arith held-out', 'arith ood']))
  expect(sets.every(({ questions }) => questions.length === 3 && questions.every((question) => question.length > 10))).toBe(true)
  expect(suiteSets(0)).toEqual([])
})

test.each([
  ['Paris', 'the PARIS.', 'exact'], ['Paris', 'Rome', null], ['1,200', '1200', 'exact'], ['12.0', '12', 'maths'], ['\\frac{1}{2}', '0.5', 'maths'],
  ['-5', '5', null], ['\\boxed{7}', '7', 'maths'], ['\\sqrt{2}', '-\\sqrt{2}', null], ['', 'x', null],
] as const)('%j against %j: %j', (found, right, how) => expect(sameAnswer(found, right)).toBe(how))
