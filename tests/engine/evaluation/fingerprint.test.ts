// Whether a ladder's expert, tools and tasks are still those that it began with, as its fingerprint tells.
import { expect, test } from 'vitest'
import { type Problem, type Suite, suiteNamed } from '../../../src/core/suites/index.ts'
import { fingerprintOf, makingsOf } from '../../../src/engine/evaluation/fingerprint.ts'
import { ladderSpecOf } from '../../../src/engine/evaluation/index.ts'
import { changeText, type Fingerprint, type Ladder, type LadderSpec, type Rung } from '../../../src/shared/records/ladder.ts'

const game24 = suiteNamed('game24')
const { signal } = new AbortController()
const specOf = (more: object = {}): Promise<LadderSpec> => ladderSpecOf({ suite: 'game24', student: '/none.gguf', tasks: 3, ...more })
const printOf = async (suite?: Suite, spec?: LadderSpec): Promise<Fingerprint> => fingerprintOf({ spec: spec ?? (await specOf()), signal, ...(suite && { suite }) })

/** The suite with each of its problems changed. */
const withProblems = (change: (problem: Problem) => Partial<Problem>): Suite => ({ ...game24, problem: (place) => { const problem = game24.problem(place); return { ...problem, ...change(problem) } } })
const differing = (a: Fingerprint, b: Fingerprint): string[] => Object.keys(a).filter((part) => a[part as keyof Fingerprint] !== b[part as keyof Fingerprint])

test('the same twice; another expert, other tools, prompts and tasks are each told by their own part', async () => {
  const before = await printOf()
  expect(await printOf()).toEqual(before)
  const wordy = withProblems(({ expert }) => ({
    expert: (seed, options) => {
      const own = expert!(seed, options)
      return { next: (steps) => { const move = own.next(steps); return { ...move, thought: `${move.thought} Indeed.` } } }
    },
  }))
  expect(differing(before, await printOf(wordy))).toEqual(['expert'])
  const describing = withProblems((problem) => ({ kits: (tools, style) => problem.kits(tools, style).map((kit) => ({ ...kit, tools: kit.tools.map((row) => ({ ...row, tool: { ...row.tool, description: `${row.tool.description} Try it.` } })) })) }))
  expect(differing(before, await printOf(describing))).toContain('tools')
  expect(differing(before, await printOf({ ...game24, cotPrompt: 'Think.' }))).toContain('prompts')
  const asking = withProblems(({ task }) => (task.split === 'ood' ? { task: { ...task, question: `${task.question} Please.` } } : {}))
  expect(differing(before, await printOf(asking))).toEqual(['tasks'])
})

test('what an expert shows, and with which seed, is a part of it; a model that teaches has no expert', async () => {
  const before = await printOf()
  expect(differing(before, await printOf(undefined, await specOf({ seeds: [2] })))).toEqual(['expert', 'training'])
  const teacher = { teacher: { type: 'local', path: '/t.gguf' }, prices: null, budget: { cost: null, tokens: null }, traffic: {} } as unknown as LadderSpec['teacher']
  const taught: LadderSpec = { ...(await specOf()), teacher }
  expect(differing(before, await printOf(undefined, taught))).toEqual(['expert', 'observed', 'prompts'])
})

const rung = (arm: string, state: Rung['state'], data: string | null = null, evaluated = false): Rung => ({ arm, seed: 1, state, data, evaluations: evaluated ? [{}] : [] }) as unknown as Rung

test('what has changed is kept with the rungs that were begun before; tasks that have changed are refused', async () => {
  const spec = await specOf()
  const now = await printOf()
  const makings = (fingerprint: Fingerprint | undefined, rungs: Rung[], { changes, weighed = [] }: { changes?: Ladder['changes']; weighed?: string[] } = {}) =>
    makingsOf({ id: 'x', spec, rungs, rationale: weighed.map((arm) => ({ arm, seed: 1 })) as Ladder['rationale'], ...(fingerprint && { fingerprint }), ...(changes && { changes }), versions: ['0.0.1'] }, signal)
  const rungs = [rung('prompt', 'done', null, true), rung('sft', 'training', 'd'), rung('sad', 'waiting')]
  expect(await makings(now, rungs)).toEqual({})
  expect(await makings(undefined, rungs)).toEqual({ fingerprint: now })
  const changed = await makings({ ...now, expert: 'other', observed: 'other' }, rungs)
  expect(changed).toEqual({ fingerprint: now, changes: [{ parts: ['expert'], version: expect.any(String), before: ['prompt 1', 'sft 1'] }] })
  expect((await makings({ ...now, observed: 'other', prompts: 'other' }, rungs, { changes: changed.changes })).changes!.map(({ parts }) => parts)).toEqual([['expert'], ['tools', 'prompts']])
  // Nothing was made, or nothing is left to be made.
  expect(await makings({ ...now, expert: 'other' }, [rung('sft', 'waiting')])).toEqual({ fingerprint: now })
  const done = [rung('sft', 'done', 'd', true), rung('no', 'not-applicable')]
  expect(await makings({ ...now, expert: 'other' }, done, { weighed: ['sft'] })).toEqual({})
  // Its thoughts are to be weighed yet.
  const [change] = (await makings({ ...now, expert: 'other', training: 'other' }, done)).changes!
  expect(change).toMatchObject({ parts: ['expert'], before: ['sft 1'], thoughts: true })
  expect(changeText(change!)).toContain('thoughts that were weighed from then on')
  expect(await makings({ ...now, training: 'other' }, done)).toEqual({})
  await expect(makings({ ...now, tasks: 'other' }, rungs)).rejects.toMatchObject({ code: 'tasks-changed', expected: 'those of version 0.0.1' })
})
