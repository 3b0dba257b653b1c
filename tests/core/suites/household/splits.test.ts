// Train, held-out and ood of the household: what they share and what they cannot share.
import { expect, test } from 'vitest'
import { createRandom } from '../../../../src/core/random.ts'
import { household } from '../../../../src/core/suites/household/index.ts'
import type { Lexicon } from '../../../../src/core/suites/household/lexicon.ts'
import { OOD_LEXICON } from '../../../../src/core/suites/household/oodLexicon.ts'
import { layoutOf as readLayout } from '../../../../src/core/suites/household/question.ts'
import { makeRoom, sideOf } from '../../../../src/core/suites/household/room.ts'
import { TRAIN_LEXICON } from '../../../../src/core/suites/household/trainLexicon.ts'
import { eightGrams, problemsOf } from '../../../support/expertRun.ts'

const questions = (split: 'train' | 'held-out' | 'ood', count: number): string[] => problemsOf(household, split, count).map(({ task }) => task.question)

/** What the question tells of the layout, without the goal: the room, and its places. */
function layoutOf(question: string): { room: string; places: string[] } {
  const told = question.split(/goal|task|what to do/i)[0]!.toLowerCase()
  return { room: /\ban? (\w+)/.exec(told)![1]!, places: [...new Set(told.match(/[a-z]+ \d/g))].toSorted() }
}
const layoutText = (question: string): string => JSON.stringify(layoutOf(question))

test('a layout belongs to training or to the held-out tasks, never to both', () => {
  const train = new Set(questions('train', 600).map(layoutText))
  const heldOut = questions('held-out', 300)
  expect(heldOut.filter((question) => train.has(layoutText(question)))).toEqual([])
  expect(new Set(heldOut.map(layoutText)).size).toBeGreaterThan(150)
  const sides = Array.from({ length: 200 }, (_, seed) => sideOf(makeRoom({ lexicon: TRAIN_LEXICON, goal: 'put', size: 'full', side: null, random: createRandom(seed) })))
  const share = sides.filter((side) => side === 'held-out').length / sides.length
  expect(share).toBeGreaterThan(0.15)
  expect(share).toBeLessThan(0.35)
})

const nouns = ({ places, things, rooms }: Lexicon): string[] => [...places, ...things, ...rooms].map(({ name }) => name)

test('out of domain: no room, place or thing of training, and no eight words in a row of its questions', () => {
  const known = new Set(nouns(TRAIN_LEXICON))
  expect(nouns(OOD_LEXICON).filter((noun) => known.has(noun))).toEqual([])
  const trained = new Set([...questions('train', 600), ...questions('held-out', 100)].flatMap(eightGrams))
  expect(trained.size).toBeGreaterThan(2000)
  expect(questions('ood', 200).flatMap(eightGrams).filter((gram) => trained.has(gram))).toEqual([])
})

test('every noun of a lexicon has its row, and every row is used', () => {
  for (const lexicon of [TRAIN_LEXICON, OOD_LEXICON]) {
    const places = new Set(lexicon.places.map(({ name }) => name))
    const things = new Set(lexicon.things.map(({ name }) => name))
    const usedPlaces = lexicon.rooms.flatMap((room) => [...Object.keys(room.places), ...room.devices.flat()])
    const usedThings = lexicon.rooms.flatMap((room) => room.things)
    expect(new Set(usedPlaces)).toEqual(places)
    expect(new Set(usedThings)).toEqual(things)
    expect(lexicon.things.flatMap(({ usual }) => usual).filter((name) => !places.has(name))).toEqual([])
  }
})

test('a dozen tasks has every family once; small rooms are small; the same place is the same task', () => {
  const tasks = problemsOf(household, 'train', 24, 9).map(({ task }) => task)
  for (const dozen of [tasks.slice(0, 12), tasks.slice(12)]) expect(dozen.map(({ family }) => family).toSorted()).toEqual(household.families.train.toSorted())
  expect(tasks.slice(0, 12).map(({ family }) => family)).not.toEqual(tasks.slice(12).map(({ family }) => family))
  for (const { family, question } of tasks) {
    const count = layoutOf(question).places.length
    if (family.endsWith('-small')) expect(count, question).toBeLessThanOrEqual(5)
    else expect(count, question).toBeGreaterThanOrEqual(5)
  }
  expect(problemsOf(household, 'train', 24, 9).map(({ task }) => task)).toEqual(tasks)
  expect(problemsOf(household, 'train', 1, 10)[0]!.task.question).not.toBe(tasks[0]!.question)
})

test('only a goal that is reached counts', () => {
  const [problem] = problemsOf(household, 'train', 1)
  const ended = (reason: string) => ({ end: { reason, answer: null } }) as never
  expect(problem!.score(ended('environment'))).toMatchObject({ success: true, reward: 1 })
  for (const reason of ['answer', 'steps', 'time', 'model-failed']) expect(problem!.score(ended(reason))).toMatchObject({ success: false, reward: 0 })
})

test('a layout is read from a question in whatever words it is told; other texts have none', () => {
  const kitchen = 'kitchen: bin 1, counter 1, sink 1'
  for (const text of ['You are in a kitchen. Places: counter 1, bin 1, sink 1. Clean at sink 1. Goal: put a mug on counter 1.', 'Request from the owner of a kitchen: bring it to sink 1. Around stand bin 1, counter 1.']) expect(readLayout(text), text).toBe(kitchen)
  expect(['What is in a kitchen?', 'Take counter 1 and bin 1.', ''].map(readLayout)).toEqual([null, null, null])
  for (const split of ['train', 'held-out', 'ood'] as const) expect(questions(split, 100).filter((question) => readLayout(question) === null)).toEqual([])
})
