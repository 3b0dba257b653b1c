// Ladders: rungs of a suite, what evaluations come to, and the report of a ladder made by hand.
import { expect, test } from 'vitest'
import { baselineOf, ladderArms } from '../../../src/core/evaluation/arms.ts'
import { ladderReport, outcomesTable, type RungResults, scoresOf } from '../../../src/core/evaluation/index.ts'
import { summarise } from '../../../src/core/evaluation/summary.ts'
import { suiteNamed } from '../../../src/core/suites/index.ts'
import type { TaskResult } from '../../../src/shared/records/evaluation.ts'
import { shortArms, shortRungs } from '../../../src/shared/shortRungs.ts'
import { type Ladder, ladderSchema, type LadderSpec, type Rung, type Taught } from '../../../src/shared/records/ladder.ts'

const ARITH = suiteNamed('arith')

const spec: LadderSpec = {
  suite: 'arith', student: 'student.gguf', arms: ladderArms(ARITH, { samples: 4, firstThought: null }), seeds: [1, 2], tokens: 12_000,
  tasks: [{ name: 'ood', choice: { from: 'suite', split: 'ood', seed: 1, count: 4 } }],
  style: ARITH.style, settings: {}, system: null, context: 2048, teacher: null,
}

const result = (index: number, success: boolean): TaskResult => ({
  task: ARITH.problem({ split: 'ood', seed: 1, index }).task, success, detail: '', answer: null, end: 'answer', error: null,
  steps: 2, calls: 1, actions: 2, invalid: success ? 0 : 1, failed: 0, tokens: 30, promptTokens: 100, seconds: 1.5,
})

const run = (arm: string, seed: number, solved: string): RungResults =>
  ({ arm, seed, tasks: 'ood', results: [...solved].map((sign, index) => result(index, sign === '+')) })

test('rungs that do not apply to the suite say so', () => {
  const not = (name: 'arith' | 'household' | 'twohop') =>
    ladderArms(suiteNamed(name), { samples: 8, firstThought: null }).flatMap((arm) => (arm.notApplicable === undefined ? [] : [arm.name]))
  expect(not('arith')).toEqual(['cot+retrieval', 'first-thought'])
  expect(not('household')).toEqual(['cot', 'cot+retrieval', 'first-thought'])
  expect(not('twohop')).toEqual(['first-thought'])
})

test('first thoughts of a teacher that is a model: the data differs, and nothing else', () => {
  const rung = (firstThought: 'all' | 'off' | string[], name: string) => ladderArms(ARITH, { samples: 8, firstThought }).find((arm) => arm.name === name)!
  const [sft, thought] = [rung('all', 'sft'), rung('all', 'first-thought')]
  expect(thought.notApplicable).toBeUndefined()
  expect(thought.train).toEqual({ ...sft.train, data: { ...sft.train!.data, firstThought: 'all' } })
  expect(rung(['sums'], 'first-thought').train!.data.firstThought).toEqual(['sums'])
  expect(rung('off', 'first-thought').notApplicable).toBe('it was not asked for')
})

test('an expert makes no slips for a ladder, and is terse where its suite says so; a model teaches as it does', () => {
  const expertOf = (name: 'arith' | 'household', firstThought: 'off' | null) => ladderArms(suiteNamed(name), { samples: 8, firstThought }).find((arm) => arm.name === 'sft')!.train!.data.expert
  expect(expertOf('arith', null)).toEqual({ recovery: 0, restate: 0 })
  expect(expertOf('household', null)).toEqual({ recovery: 0 })
  expect(expertOf('arith', 'off')).toEqual({})
})

test('no two rungs are trained alike', () => {
  const trained = ladderArms(ARITH, { samples: 8, firstThought: 'all' }).flatMap(({ train, notApplicable }) => (train === null || notApplicable !== undefined ? [] : [JSON.stringify(train)]))
  expect(new Set(trained).size).toBe(trained.length)
})

test('rungs are compared with sft, else with the first that is trained', () => {
  expect(baselineOf(spec)).toBe('sft')
  expect(baselineOf({ arms: spec.arms.filter(({ name }) => name !== 'sft') })).toBe('cot')
  expect(baselineOf({ arms: spec.arms.filter(({ name }) => name === 'prompt') })).toBeNull()
})

test('shares are means over seeds, differences paired by task', () => {
  const scores = scoresOf(spec, [run('prompt', 1, '----'), run('sft', 1, '+---'), run('sft', 2, '++--'), run('sad', 1, '+++-'), run('sad', 2, '+++-')])
  expect(scores.map(({ arm }) => arm)).toEqual(['prompt', 'sft', 'sad'])
  const [prompt, sft, sad] = scores
  expect(prompt).toMatchObject({ seeds: 1, success: { value: 0, low: 0 }, bySeed: [0], difference: { against: 'sft', interval: { value: -0.375 } } })
  // Wilson's interval of 0 of 4.
  expect(prompt!.success.high).toBeCloseTo(0.4899, 4)
  expect(sft).toMatchObject({ seeds: 2, success: { value: 0.375 }, bySeed: [0.25, 0.5], difference: null })
  expect(sad).toMatchObject({ success: { value: 0.75 }, bySeed: [0.75, 0.75], difference: { against: 'sft', interval: { value: 0.375 } } })
  // Four tasks tell nothing apart, whichever way they all point.
  expect(sad!.difference!.interval.low).toBeLessThan(0)
})

test('the report: what a teacher that is a model did, each set of data once, and their sum', () => {
  const usage = { requests: 10, replayed: 0, promptTokens: 12_000, tokens: 900, assumed: 0, cost: 0.5 }
  const taught: Taught = { batch: 'a', episodes: 9, kept: 6, rejected: 3, rejections: [{ reason: 'wrong', count: 2 }, { reason: 'unparsed', count: 1 }], firstThoughts: { continued: 0, instructed: 0 }, usage }
  const rung = (arm: string, seed: number, batch: string): Rung =>
    ({ arm, seed, state: 'done', data: null, taught: { ...taught, batch, firstThoughts: { continued: 0, instructed: batch === 'b' ? 9 : 0 }, usage: { ...usage, assumed: batch === 'b' ? 2 : 0 } }, run: null, trained: null, evaluations: [], seconds: 0, error: null })
  const traffic = { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null, tries: 6, patience: 120 }
  const teacher = { teacher: { type: 'local' as const, path: 'C:\\models\\big.gguf' }, prices: null, budget: { cost: 2, tokens: null }, traffic }
  const ladder: Ladder = {
    id: 'x', createdAt: '2026-11-23T01:00:00.000Z', spec: { ...spec, arms: ladderArms(ARITH, { samples: 4, firstThought: 'all' }), teacher }, state: 'finished', scores: [], rationale: [], seconds: 1, error: null,
    rungs: [rung('sft', 1, 'a'), rung('sad', 1, 'a'), rung('first-thought', 1, 'b'), rung('sft', 2, 'a')],
  }
  const { markdown } = ladderReport(ladder, { student: 's.gguf' })
  expect(markdown).toContain('## Teacher\n\nbig.gguf; at most 2. One episode of each task')
  expect(markdown).toContain([
    '| Agent distilled, sft; Agent distilled, sad, easy to hard | 9 | 6 | 3 (2 wrong, 1 unparsed) | - | 10 | 12,000 | 900 | 0.5000 |',
    '| + first thought | 9 | 6 | 3 (2 wrong, 1 unparsed) | 9 asked for in words | 10 (2 counted at their most) | 12,000 | 900 | 0.5000 |',
    '| all | 18 | 12 | 6 (4 wrong, 2 unparsed) | 9 asked for in words | 20 (2 counted at their most) | 24,000 | 1,800 | 1.0000 |',
  ].join('\n'))
  expect(ladderReport({ ...ladder, spec }, { student: 's.gguf' }).markdown).not.toContain('## Teacher')
})

test('no width is never zero: nothing solved with any seed, and all tasks better with every seed', () => {
  const [prompt, sft, sad] = scoresOf(spec, [run('prompt', 1, '--'), run('sft', 1, '--'), run('sft', 2, '--'), run('sad', 1, '++'), run('sad', 2, '++')])
  // Wilson's interval of 0 of 2.
  expect(sft!.success).toEqual({ value: 0, low: 0, high: expect.closeTo(0.6576, 4) as number })
  expect(prompt!.difference!.interval).toEqual({ value: 0, low: expect.closeTo(-0.6576, 4) as number, high: expect.closeTo(0.6576, 4) as number })
  expect(sad!.difference!.interval).toEqual({ value: 1, low: expect.closeTo(1 - Math.SQRT2 * 0.6576, 3) as number, high: 1 })
})

test('a task whose model failed has no result: counted apart, and in no figure but how tasks ended', () => {
  const failed: TaskResult = { ...result(2, false), end: 'model-failed', error: { code: 'http', message: 'no' } }
  const summary = summarise([result(0, true), result(1, true), failed], 5)
  expect(summary).toMatchObject({ tasks: 2, withoutResult: 1, successes: 2, success: { value: 1 }, ends: [{ end: 'answer', tasks: 2 }, { end: 'model-failed', tasks: 1 }] })
  expect(summary.families.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(2)
  expect(summarise([failed], 1)).toMatchObject({ tasks: 0, withoutResult: 1, success: null, steps: null })
})

test('what came of each task, as a table: rows a rung and task, what holds commas or quotation marks in them', () => {
  const [first, second] = [{ ...result(0, true), answer: '1,024 "metres"' }, { ...result(1, false), tokens: null }]
  const [head, ...lines] = outcomesTable([{ arm: 'sft', seed: 3, tasks: 'ood', results: [first, second] }]).split('\n')
  expect(head).toBe('rung,seed,tasks,task,family,success,end,answer,steps,calls,invalid,tokens')
  expect(lines).toEqual([
    `sft,3,ood,${first.task.id},${first.task.family},1,answer,"1,024 ""metres""",2,1,0,30`,
    `sft,3,ood,${second.task.id},${second.task.family},0,answer,,2,1,1,`,
    '',
  ])
})

test('a task that one seed has not done counts for no interval', () => {
  const [sft] = scoresOf(spec, [run('sft', 1, '++'), run('sft', 2, '+')])
  expect(sft).toMatchObject({ success: { value: 1 }, bySeed: [1, 1] })
})

test('rungs that are short of tokens are told, with those that ask their students, and their differences are marked', () => {
  const runs = [run('sft', 1, '+---'), run('sad', 1, '+++-'), run('sft+sag', 1, '++--')]
  const tokens: Record<string, number> = { sft: 10_700, sad: 10_800 }
  const ladder = ladderSchema.parse({
    id: '20261122-220501-0a1b', createdAt: '2026-11-22T22:05:01.000Z', spec, state: 'finished', scores: scoresOf(spec, runs), rationale: [], seconds: 600, error: null,
    rungs: runs.map(({ arm, results }) => ({
      arm, seed: 1, state: 'done', data: null, run: null, error: null, evaluations: [{ tasks: 'ood', id: 'x', summary: summarise(results, 12) }],
      trained: tokens[arm] === undefined ? null : { trajectories: 9, tokens: tokens[arm], lossTokens: 500, steps: 14, seconds: 90 },
    })),
  })
  const { markdown } = ladderReport(ladder, { student: 's.gguf' })
  expect(shortRungs(ladder)).toEqual([{ arm: 'sft', seed: 1, tokens: 10_700, of: 12_000 }])
  expect([...shortArms(ladder)]).toEqual(['sft', 'sft+sag'])
  expect(markdown).toContain('**Rungs are not on the same tokens: Agent distilled, sft, seed 1: 10,700 of 12,000 tokens.')
  // Its own tokens are enough, those of the rung that it is against are not.
  expect(markdown).toMatch(/\| Agent distilled, sad, easy to hard \| 75 % .* \| \+50 \([^|]*, not on the same tokens \|/)
  expect(markdown).toContain('| Agent distilled, sft | 1 | 9 | 10,700 of 12,000 (500) | 14 |')
  expect(markdown).toContain('| Agent distilled, sad, easy to hard | 1 | 9 | 10,800 (500) | 14 |')
  const own = { ...ladder, spec: { ...spec, arms: spec.arms.map((arm) => (arm.name === 'sft' ? { ...arm, train: { ...arm.train!, data: { ...arm.train!.data, tokens: 11_000 } } } : arm)) } }
  expect(shortRungs(own)).toEqual([])
  expect(ladderReport(own, { student: 's.gguf' }).markdown).not.toContain('on the same tokens')
})

test('the report: own against swapped thoughts with the tasks that they are of, and a row of an older version without', () => {
  const share = { value: 0.5, low: 0.25, high: 0.75 }
  const row = { arm: 'sft', seed: 1, steps: 40, actAccuracy: { own: share, swapped: share }, thoughtTokens: { student: 9, expert: 8 }, matchRate: share }
  const ladder = ladderSchema.parse({
    id: '20261122-220501-0a1b', createdAt: '2026-11-22T22:05:01.000Z', spec, state: 'finished', rungs: [], scores: [], seconds: 600, error: null,
    rationale: [{ ...row, tasks: 20, actAccuracy: { ...row.actAccuracy, difference: { value: 0.125, low: -0.004, high: 0.3 } } }, { ...row, arm: 'sad' }],
  })
  const { markdown } = ladderReport(ladder, { student: 's.gguf' })
  expect(markdown).toContain('| Agent distilled, sft | 1 | 40 of 20 tasks | 50 % (25 % to 75 %) | 50 % (25 % to 75 %) | +13 (0 to +30) | 9.0 (8.0) | 50 % (25 % to 75 %) |')
  expect(markdown).toContain('| Agent distilled, sad, easy to hard | 1 | 40 | 50 % (25 % to 75 %) | 50 % (25 % to 75 %) | - | 9.0 (8.0) | 50 % (25 % to 75 %) |')
})

test('the report: rows of all rungs, what was trained, failures, and a chart', () => {
  const runs = [run('sft', 1, '+---'), run('sad', 1, '+++-'), run('sft+sag', 1, '++--')]
  const rung = (arm: string, change: Partial<Rung>): Rung => ({ arm, seed: 1, state: 'done', data: null, taught: null, run: null, trained: null, evaluations: [], seconds: 0, error: null, ...change })
  const evaluated = ({ arm, results }: RungResults): Rung =>
    rung(arm, { trained: { trajectories: 50, tooLong: 0, alike: 2, tokens: 11_900, lossTokens: 5000, steps: 14, seconds: 90 }, evaluations: [{ tasks: 'ood', id: 'x', summary: summarise(results, 12) }] })
  const ladder: Ladder = ladderSchema.parse({
    id: '20261122-220501-0a1b', createdAt: '2026-11-22T22:05:01.000Z', spec, state: 'failed', scores: scoresOf(spec, runs), rationale: [], seconds: 600, error: null,
    rungs: [...runs.map(evaluated), rung('cot', { state: 'failed', error: { code: 'no-data', message: 'nothing to train on' } })],
  } satisfies Ladder)
  const { markdown, charts } = ladderReport(ladder, { student: 'tiny <1>.gguf' })
  expect(markdown).toContain('# Ladder: arith\n\nStudent tiny <1>.gguf, 12,000 training tokens a rung, seeds 1, 2; 2026-11-22, 10 min 0 s.\n- ood: 4 of the suite\'s tasks, seed 1\n')
  expect(markdown).toMatch(/\| Agent distilled, sft \| 25 % \(5 % to 70 %\) \| 25 % \| - \| 38 % \| 2\.0 \| 1\.0 \| 30\.0 \| 3\.0 \|/)
  expect(markdown).toMatch(/^\| sft \+ self-consistent actions, n = 4 \| 50 %/m)
  expect(markdown).toMatch(/\| Agent distilled, sad, easy to hard \| 75 % .* \| \+50 \(/)
  expect(markdown).toContain('| CoT distilled + retrieval | not applicable: arith has nothing to look up |')
  expect(markdown).toContain('| Prompt only, one example | not evaluated |')
  expect(markdown).toContain('| CoT distilled | 1 | failed: nothing to train on |')
  expect(markdown).toContain('| Agent distilled, sad, easy to hard | 1 | 50 (passed over: 2 worded like a task) | 11,900 (5,000) | 14 | 1 min 30 s |')
  // Fewer tasks than were asked for.
  const more: LadderSpec = { ...spec, tasks: [{ name: 'ood', choice: { from: 'suite', split: 'ood', seed: 1, count: 600 } }] }
  expect(ladderReport({ ...ladder, spec: more }, { student: 's.gguf' }).markdown).toContain('- ood: 600 of the suite\'s tasks, seed 1; **asked 600, there are 4**')
  expect(markdown).toContain(`![Tasks solved](${charts[0]!.name})`)
  const { svg } = charts[0]!
  expect(svg).toContain('tiny &#60;1&#62;.gguf')
  // 450 px are 100 %: the bars of 25, of 75 and of 50 %.
  expect([...svg.matchAll(/width="([\d.]+)" height="11"/g)].map(([, width]) => Number(width))).toEqual([112.5, 337.5, 225])
})
