// What the demo says and asks for, without running it.
import { describe, expect, test } from 'vitest'
import { courseOf, MEASURED } from '../../src/cli/demo/course.ts'
import { closing, evaluationLine, gainLine } from '../../src/cli/demo/lines.ts'
import { summarise } from '../../src/core/evaluation/index.ts'
import { drawProblems, suiteNamed, SUITES } from '../../src/core/suites/index.ts'
import type { DemoReport } from '../../src/shared/contract/demo.ts'
import type { SuiteName } from '../../src/shared/records/suite.ts'
import type { TaskResult } from '../../src/shared/records/evaluation.ts'

const task = { suite: 'arith', split: 'held-out', seed: 1, index: 0, id: 'arith/held-out/1/0', family: 't-tank', question: 'How many?', answer: '5' } as const
const result = (success: boolean): TaskResult => ({
  task, success, detail: '', answer: null, end: 'answer', error: null, steps: 2, calls: 1, actions: 4, invalid: success ? 0 : 1, failed: 0, tokens: 10, promptTokens: 20, seconds: 1,
})
const summaryOf = (successes: number, tasks: number) => summarise(Array.from({ length: tasks }, (_, i) => result(i < successes)), 3)

describe('the course', () => {
  test.each(SUITES.map(({ name }) => name))("kinds of %s that students are asked for are kinds of the suite, and there are enough tasks", (name) => {
    for (const isStarter of [true, false]) enough(name, isStarter)
  })
  function enough(name: SuiteName, isStarter: boolean): void {
    const suite = suiteNamed(name)
    const { families, episodes } = courseOf({ name, families: suite.families.train }, isStarter)
    for (const family of families ?? []) expect(suite.families.train).toContain(family)
    expect(families).not.toEqual([])
    const wanted = families && { families: (family: string) => families.includes(family) }
    expect([...drawProblems(suite, { split: 'held-out', seed: MEASURED.seed, count: MEASURED.tasks, ...wanted })]).toHaveLength(MEASURED.tasks)
    expect(episodes).toBeGreaterThan(MEASURED.tasks)
  }
  test('a bigger student reads less, in smaller steps, and writes turns that are no longer than they need to be', () => {
    const arith = { name: 'arith' as const, families: ['t-tank', 'c-have'] }
    const [starter, bigger] = [courseOf(arith, true), courseOf(arith, false)]
    expect(starter.families).toEqual(['t-tank'])
    expect(bigger.families).toEqual(['t-tank'])
    expect(bigger.episodes).toBeLessThan(starter.episodes)
    expect(bigger.settings.rank!).toBeLessThan(starter.settings.rank!)
    expect([starter.turnTokens, bigger.turnTokens]).toEqual([undefined, 96])
    expect(courseOf({ name: 'sql', families: ['x'] }, false).families).toBeUndefined()
  })
})

test('figures come with their intervals', () => {
  expect(evaluationLine(summaryOf(32, 40))).toBe('32 of 40 solved: 80 %, 95 % interval 65 % to 90 %; 5 % of its actions cannot be run')
  expect(evaluationLine(summaryOf(0, 0))).toBe('0 of 0 solved')
  expect(gainLine({ value: 0.8, low: 0.675, high: 0.9 })).toBe('gain: 80 %, 95 % interval 68 % to 90 % (paired over the tasks)')
})

describe('how to go on', () => {
  const report = {
    project: '/home/a b/demo', student: '/models/s.gguf', suite: 'arith', before: summaryOf(0, 40), seconds: 240, bigger: null,
    after: { summary: summaryOf(32, 40), gain: null }, training: { adapter: '/x/adapter.gguf', run: 'run-1' },
  } as unknown as DemoReport
  test('with a student that is to be had', () => {
    const lines = [...closing(report)]
    expect(lines).toContain('arith (only t-tank): 0 of 40 before, 32 of 40 after, in 4.0 minutes')
    expect(lines.join('\n')).toContain('eval --project "/home/a b/demo" --suite arith --split ood --student /models/s.gguf --run run-1')
    expect(lines.join('\n')).toContain('npm run demo -- --student FILE')
  })
  test('with one that is there', () => {
    expect([...closing({ ...report, bigger: '/models/SmolLM2.gguf' })].join('\n')).toContain('npm run demo -- --student /models/SmolLM2.gguf')
  })
  test('with several kinds of tasks', () => {
    const before = { ...report.before, families: ['t-tank', 't-town'].map((family) => ({ family, tasks: 20, successes: 0 })) }
    expect([...closing({ ...report, before })]).toContain('arith (2 kinds of its tasks): 0 of 40 before, 32 of 40 after, in 4.0 minutes')
  })
  test('after a stop', () => {
    expect([...closing({ ...report, after: null })].join('\n')).toContain('goes on from there')
  })
})
