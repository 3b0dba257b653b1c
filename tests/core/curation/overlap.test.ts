// Decontamination: which runs of words count as an overlap with an evaluation question, against a search by hand.
import { expect, test } from 'vitest'
import { createOverlapIndex } from '../../../src/core/pipeline/curation/ngrams.ts'
import { candidate, funnel, reasons } from '../../support/candidates.ts'
import { agent, environment, user } from '../../support/turns.ts'
import { random } from '../../support/random.ts'

const SIZES = { words: 13, short: 8 }
const QUESTION = 'Which magazine was started first, Arthur’s Magazine or First for Women?'

test('eight words in short questions, whatever their case and marks; seven are not enough', () => {
  const index = createOverlapIndex([{ name: 'qa', questions: [QUESTION] }], SIZES)
  expect(index.find('I wonder: WHICH magazine was started -- first: Arthur’s magazine')?.words).toBe('which magazine was started first arthur s magazine')
  expect(index.find('which magazine was started first arthur s')).toBeNull()
  expect(index.find('which magazine was started later arthur s magazine or first for')).toBeNull()
})

test('thirteen in sets of long questions; a question too short is compared as a whole, or not at all', () => {
  const long = Array.from({ length: 40 }, (_, at) => `word${at}`)
  const index = createOverlapIndex([{ name: 'long', questions: [long.join(' ')] }, { name: 'short', questions: ['who wrote the long ship', 'why not'] }], SIZES)
  expect(index.sets).toEqual([{ name: 'long', questions: 1, words: 13, tooShort: 0 }, { name: 'short', questions: 2, words: 8, tooShort: 1 }])
  expect(index.find(`x ${long.slice(3, 15).join(' ')} y`)).toBeNull()
  expect(index.find(`x ${long.slice(3, 16).join(' ')} y`)?.set).toBe('long')
  expect(index.find('They asked: who wrote The Long Ship?')?.set).toBe('short')
  expect(index.find('why not')).toBeNull()
})

test('numbers alone tell nothing', () => {
  const index = createOverlapIndex([{ name: 'n', questions: ['1 2 3 4 5 6 7 8 9 what comes next in this row'] }], SIZES)
  expect(index.find('count: 1 2 3 4 5 6 7 8 9')).toBeNull()
  expect(index.find('well, 8 9 what comes next in this row')).not.toBeNull()
})

test('neither do inventories, nor wording that more than three questions of a set share', () => {
  const index = createOverlapIndex([
    { name: 'rooms', questions: ['You see drawer 1 drawer 2 drawer 3 shelf 1 shelf 2'] },
    { name: 'templates', questions: ['Ann', 'Bob', 'Cem', 'Dot'].map((name) => `How many apples has the farmer left after ${name} went home with one`) },
    { name: 'three', questions: ['Ann', 'Bob', 'Cem'].map((name) => `Which colour did the tall ship of ${name} have`) },
  ], SIZES)
  expect(index.find('drawer 1 drawer 2 drawer 3 shelf 1 shelf 2')).toBeNull()
  expect(index.find('how many apples has the farmer left after Eve left')).toBeNull()
  expect(index.find('after Bob went home with one')).toBeNull()
  expect(index.find('the farmer left after Bob went home with one')?.set).toBe('templates')
  expect(index.find('which colour did the tall ship of')).toBeNull()
  expect(index.find('which colour did the tall ship of Cem')?.set).toBe('three')
})

test('of a generated set n grows until its own questions rarely share a run; a copy is always found', () => {
  const next = random(9)
  const room = (): string => `You see ${Array.from({ length: 16 }, () => ['a cup', 'a pan', 'the sink', 'one shelf', 'some bread'][Math.floor(next() * 5)]!).join(' and ')} take it`
  const questions = Array.from({ length: 100 }, room)
  const [grown] = createOverlapIndex([{ name: 'g', questions, generated: true }], SIZES).sets
  expect(grown!.words).toBeGreaterThan(13)
  const index = createOverlapIndex([{ name: 'g', questions, generated: true }], SIZES)
  expect(questions.every((question) => index.find(question) !== null)).toBe(true)
  expect(Array.from({ length: 100 }, room).filter((question) => index.find(question) !== null).length).toBeLessThan(20)
  expect(createOverlapIndex([{ name: 'g', questions }], SIZES).sets[0]!.words).toBe(13)
})

test('a set of one question is told from its making by others of the same making', () => {
  const made = (name: string): string => `How many apples has the farmer left after ${name} went home with one`
  const lone = { name: 'one', questions: [made('Ann')], generated: true }
  expect(createOverlapIndex([lone], SIZES).find(made('Eve'))?.set).toBe('one')
  const index = createOverlapIndex([{ ...lone, stock: ['Bob', 'Cem', 'Dot', 'Ann'].map(made) }], SIZES)
  expect(index.find(made('Eve'))).toBeNull()
  expect(index.find(made('Bob'))).toBeNull()
  expect(index.find(made('Ann'))?.set).toBe('one')
  expect(index.sets).toEqual([{ name: 'one', questions: 1, words: expect.any(Number) as number, tooShort: 0 }])
})

test('against looking for every run in every text, on random words', () => {
  const next = random(5)
  const word = (): string => `w${Math.floor(next() * 16)}`
  const line = (count: number): string[] => Array.from({ length: count }, word)
  const questions = Array.from({ length: 40 }, () => line(12))
  const index = createOverlapIndex([{ name: 'r', questions: questions.map((words) => words.join(' ')) }], { words: 13, short: 4 })
  let hits = 0
  for (let round = 0; round < 300; round++) {
    const text = line(40).join(' ')
    const runs = questions.flatMap((words) => Array.from({ length: 9 }, (_, at) => words.slice(at, at + 4).join(' ')))
    const expected = runs.some((run) => ` ${text} `.includes(` ${run} `))
    expect(index.find(text) !== null).toBe(expected)
    if (expected) hits += 1
  }
  expect(hits).toBeGreaterThan(5)
  expect(hits).toBeLessThan(295)
})

test('the question and the agent’s words count; what the environment said only where that is asked for', async () => {
  const evaluations = [{ name: 'qa', questions: [QUESTION] }]
  const answer = agent('Thought: so.\nAction: finish[x]')
  const all = [
    candidate([user(QUESTION), answer], { question: QUESTION }),
    candidate([user('Tell me.'), agent(`Thought: ${QUESTION}\nAction: search[a]`), environment('Observation: no'), answer]),
    candidate([user('Tell me.'), agent('Thought: a.\nAction: search[a]'), environment(`Observation: ${QUESTION}`), answer]),
    candidate([user('Which magazine is best?'), answer]),
  ]
  expect(await reasons('contamination', all, { world: { evaluations } })).toEqual(['qa', 'qa', null, null])
  expect(await reasons('contamination', all, { world: { evaluations }, settings: { contamination: { scope: 'all' } } })).toEqual(['qa', 'qa', 'qa', null])
})

test('where the words of questions recur, what makes them as good as the same decides', async () => {
  const likeness = { what: 'the box', of: (question: string): string | null => /box (\d)/.exec(question)?.[1] ?? null }
  const evaluations = [{ name: 'rooms', questions: ['Look at what is in box 1', 'Look at what is in box 2', 'Look'], generated: true, likeness }]
  const asking = (question: string) => candidate([user(question), agent('Thought: so.\nAction: finish[x]')], { question })
  expect(await reasons('contamination', [asking('What holds box 2?'), asking('Look at what is in box 3, I said'), asking('What?')], { world: { evaluations } })).toEqual(['rooms', null, null])
  expect((await funnel(['contamination'], [], { world: { evaluations } })).rows[0]!.notes).toEqual(['rooms: 3 questions, the box'])
})
