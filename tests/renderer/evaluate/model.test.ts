// What is shown of evaluations and ladders, against cases made by hand.
import { describe, expect, test } from 'vitest'
import { comparable, differs, DRAFT, intervalText, kindsCount, kindsOf, pointsText, rungOf, solverChoices, sortTasks, verdictOf, wishOf } from '../../../src/renderer/evaluate/evaluateModel.ts'
import { shortPaths } from '../../../src/renderer/components/paths.ts'
import { episodeTurns } from '../../../src/renderer/components/turns.ts'
import { rungRows } from '../../../src/renderer/evaluate/ladderModel.ts'
import { evaluationWishSchema, type ShownTurn } from '../../../src/shared/contract/evaluating.ts'
import type { AdapterFile, Model } from '../../../src/shared/contract/routes/models.ts'
import type { Evaluation, TaskResult } from '../../../src/shared/records/evaluation.ts'
import type { Ladder, Rung } from '../../../src/shared/records/ladder.ts'

const WORDS = { plain: 'plain', expert: 'The expert', expertHint: 'a script' }
const model = (path: string, change: Partial<Model> = {}): Model => ({ path, broken: null, chatTemplate: true, architecture: 'llama', ...change }) as Model
const adapter = (path: string, change: Partial<AdapterFile> = {}): AdapterFile => ({ path, run: null, architecture: 'llama', broken: null, ...change }) as AdapterFile

test('kinds of tasks are counted as they are worked at: of the chosen split, or of both by a ladder', () => {
  const suite = { families: { train: ['a', 'b'], ood: ['c'] } }
  expect((['held-out', 'train', 'ood'] as const).map((split) => kindsCount(suite, { kind: 'evaluations', split }))).toEqual([{ n: 2, ood: null }, { n: 2, ood: null }, { n: 1, ood: null }])
  expect(kindsCount(suite, { kind: 'ladders', split: 'ood' })).toEqual({ n: 2, ood: 1 })
})

test('a sentence names files alone, and leaves addresses as they are', () => {
  expect(shortPaths('C:\\m\\y.gguf, "/a/b"')).toBe('…/y.gguf, "…/b"')
  expect(shortPaths('found /work/p/ladders/1/data.jsonl (3 lines) at http://127.0.0.1:1/v1/chat and 3/4')).toBe('found …/data.jsonl (3 lines) at http://127.0.0.1:1/v1/chat and 3/4')
})

test('shares and differences with their intervals, in words', () => {
  expect(intervalText({ value: 0.45, low: 0.312, high: 0.598 })).toBe('45 % (31 to 60)')
  expect(pointsText({ value: 0.12, low: -0.03, high: 0.27 })).toBe('+12 (-3 to +27)')
  expect(differs({ value: 0.1, low: 0.01, high: 0.2 })).toBe(true)
  expect(differs({ value: -0.1, low: -0.2, high: -0.01 })).toBe(true)
  expect(differs({ value: 0.1, low: 0, high: 0.2 })).toBe(false)
})

describe('who can be chosen', () => {
  test('students that can be read and talk, each with the adapters of its architecture, then the expert', () => {
    const models = [model('/m/a.gguf'), model('/m/b.gguf', { architecture: 'qwen3' }), model('/m/broken.gguf', { broken: 'why' }), model('/m/base.gguf', { chatTemplate: false })]
    const adapters = [adapter('/p/runs/r1/adapter.gguf', { run: 'r1' }), adapter('/p/x.gguf', { architecture: 'qwen3' }), adapter('/p/bad.gguf', { broken: 'why' })]
    const choices = solverChoices(models, adapters, WORDS)
    expect(choices.map(({ label }) => label)).toEqual(['a', 'a + r1', 'b', 'b + x.gguf', 'The expert'])
    expect(choices[1]!.solver).toEqual({ type: 'local', student: '/m/a.gguf', adapter: { path: '/p/runs/r1/adapter.gguf', scale: 1, run: 'r1' } })
    expect(new Set(choices.map(({ value }) => value)).size).toBe(choices.length)
  })
})

test('a wish is one of the contract, and votes only where there are steps', () => {
  const solver = { type: 'expert' } as const
  expect(wishOf({ ...DRAFT, samples: 8 }, solver).sag).toEqual({ samples: 8 })
  expect(wishOf({ ...DRAFT, samples: 1 }, solver).sag).toBeNull()
  expect(wishOf({ ...DRAFT, samples: 8, prompting: 'cot' }, solver).sag).toBeNull()
  expect(evaluationWishSchema.safeParse(wishOf({ ...DRAFT, samples: 4 }, solver)).success).toBe(true)
})

test('kinds of tasks are of the split, and a wish names them only where some are chosen', () => {
  const solver = { type: 'expert' } as const
  const suite = { families: { train: ['a', 'b'], ood: ['c'] } }
  expect([kindsOf(suite, 'train'), kindsOf(suite, 'held-out'), kindsOf(suite, 'ood')]).toEqual([['a', 'b'], ['a', 'b'], ['c']])
  expect(wishOf(DRAFT, solver)).not.toHaveProperty('families')
  expect(evaluationWishSchema.parse(wishOf({ ...DRAFT, families: ['a'] }, solver)).families).toEqual(['a'])
})

test('failures first and longest first keep the tasks in order where they are equal', () => {
  const task = (id: string, success: boolean, steps: number): TaskResult => ({ task: { id }, success, steps }) as TaskResult
  const tasks = [task('a', true, 2), task('b', false, 3), task('c', true, 3), task('d', false, 1)]
  const ids = (order: Parameters<typeof sortTasks>[1]): string => sortTasks(tasks, order).map((one) => one.task.id).join('')
  expect([ids('number'), ids('failures'), ids('steps')]).toEqual(['abcd', 'bdac', 'bcad'])
})

test('a pair is made of the same tasks only', () => {
  const evaluation = (id: string, seed: number, count = 40, state: Evaluation['state'] = 'finished'): Evaluation =>
    ({ id, state, createdAt: id, spec: { suite: 'arith', tasks: { from: 'suite', split: 'ood', seed, count } }, summary: { tasks: count } }) as Evaluation
  const all = [evaluation('a', 1), evaluation('b', 1, 10), evaluation('c', 2), evaluation('d', 1), evaluation('e', 1), evaluation('f', 1, 40, 'failed'), evaluation('g', 1, 0, 'stopped'), evaluation('h', 1, 7, 'stopped')]
  // Most in common first, then the newest; none that failed or has nothing.
  expect(comparable(all[0]!, all).map(({ evaluation: { id }, common }) => `${id} ${common}`)).toEqual(['e 40', 'd 40', 'b 10', 'h 7'])
})

test('an evaluation of a ladder is known by its rung and seed', () => {
  const ladders = [{ id: 'l', spec: { arms: [{ name: 'sft', title: 'Agent distilled' }] } }] as unknown as Ladder[]
  expect(rungOf({ ladder: { id: 'l', arm: 'sft', seed: 2 } }, ladders)).toEqual({ title: 'Agent distilled', seed: 2 })
  expect(rungOf({ ladder: { id: 'gone', arm: 'sft', seed: 2 } }, ladders)).toEqual({ title: 'sft', seed: 2 })
  expect(rungOf({ ladder: null }, ladders)).toBeNull()
})

test('a task whose model failed is neither solved nor not', () => {
  expect([verdictOf({ success: true, end: 'answer' }), verdictOf({ success: false, end: 'steps' }), verdictOf({ success: false, end: 'model-failed' })]).toEqual(['yes', 'no', 'noResult'])
})

test('turns of an episode carry how their call went and the vote on them', () => {
  const vote = { taken: 1, candidates: [{ text: 'x', outcome: '1', votes: 1, valid: true }] }
  const turn = { role: 'agent', text: 'x', spans: [], status: null, vote } as unknown as ShownTurn
  const shown = episodeTurns([turn, { ...turn, role: 'environment', status: 'not-parsed', vote: null }, { ...turn, role: 'environment', status: 'ok', vote: null }])
  expect(shown.map(({ failed }) => failed)).toEqual([false, true, false])
  expect(shown[0]!.vote).toBe(vote)
})

test('a rung is as far as the seed that is least far, with its scores by set', () => {
  const rung = (arm: string, seed: number, state: Rung['state'], change: Partial<Rung> = {}): Rung => ({ arm, seed, state, data: null, taught: null, run: null, trained: null, evaluations: [], seconds: 0, error: null, ...change })
  const usage = { requests: 9, replayed: 0, promptTokens: 90, tokens: 9, assumed: 0, cost: 0.1 }
  const taught: Rung['taught'] = { batch: 'b', episodes: 9, kept: 6, rejected: 3, rejections: [], firstThoughts: { continued: 0, instructed: 0 }, usage }
  const trained = { trajectories: 3, tooLong: 0, alike: 0, tokens: 100, lossTokens: 40, steps: 2, seconds: 1 }
  const score = (arm: string, tasks: string) => ({ arm, tasks, seeds: 1, success: { value: 0.5, low: 0.3, high: 0.7 }, bySeed: [0.5], difference: null })
  const ladder = {
    spec: { tasks: [{ name: 'ood' }, { name: 'held-out' }], arms: [{ name: 'sft', title: 'Agent distilled' }, { name: 'sag', title: 'Votes', like: 'sft' }, { name: 'ftp', title: 'First thought', notApplicable: 'the teacher is a script' }] },
    rungs: [rung('sft', 1, 'done', { trained, evaluations: [{ tasks: 'ood', id: 'e1', summary: { success: { value: 0.5 } } as never }] }), rung('sft', 2, 'training', { taught, error: { code: 'x', message: 'lost' } }), rung('ftp', 1, 'not-applicable')],
    scores: [score('sft', 'ood'), score('sft', 'held-out')],
  } as unknown as Ladder
  const [sft, sag, ftp] = rungRows(ladder)
  expect(sft!.evaluations).toEqual({ ood: [{ seed: 1, id: 'e1', share: 0.5 }], 'held-out': [] })
  expect([sft!.like, sag!.like]).toEqual([null, 'Agent distilled'])
  expect(sft).toMatchObject({ title: 'Agent distilled', state: 'training', seeds: { done: 1, all: 2 }, trained, taught, notApplicable: null })
  expect(sft!.errors).toMatchObject([{ seed: 2, error: 'lost' }])
  expect(Object.keys(sft!.scores)).toEqual(['ood', 'held-out'])
  expect(ftp).toMatchObject({ state: 'not-applicable', notApplicable: 'the teacher is a script', scores: {} })
})
