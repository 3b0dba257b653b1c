// The expert of arith through the agent loop: right, in varied words, with slips that it mends.
import { expect, test } from 'vitest'
import { evaluate } from '../../../../src/core/agent/index.ts'
import { arith } from '../../../../src/core/suites/arith/index.ts'
import { slipOf } from '../../../../src/core/suites/arith/slips.ts'
import type { PastStep, Problem } from '../../../../src/core/suites/index.ts'
import type { AgentEvent } from '../../../../src/shared/records/episode.ts'
import { expertRun, problemsOf } from '../../../support/expertRun.ts'

const texts = (events: readonly AgentEvent[]): string[] => events.flatMap((event) => (event.type === 'agent' ? [event.turn.text] : []))
const calls = (events: readonly AgentEvent[]): string[] => texts(events).flatMap((text) => /calc\[(.*)\]/.exec(text)?.[1] ?? [])

test.each(['train', 'held-out', 'ood'] as const)('%s: solved in every form', async (split) => {
  for (const problem of problemsOf(arith, split, 20)) {
    for (const settings of [{}, { recovery: 1 }, { recovery: 1, stepwise: 1, restate: 0 }]) {
      const { episode } = await expertRun({ suite: arith, problem, settings })
      expect(episode.outcome, problem.task.question).toMatchObject({ success: true, reward: 1 })
    }
  }
})

test('structured calls', async () => {
  const [problem] = problemsOf(arith, 'train', 1)
  const { episode } = await expertRun({ suite: arith, problem: problem!, style: 'native', settings: { recovery: 1 } })
  expect(episode.outcome).toMatchObject({ success: true })
})

test('code actions call the code tool with what the calculator would be given, in brackets where that has its "="', () => {
  const written = { brackets: 0, '=': 0 }
  for (const { expert } of problemsOf(arith, 'train', 60)) {
    const [text, code] = ([undefined, 'code'] as const).map((style) => expert!(1, { recovery: 0, ...(style ? { style } : {}) }).next([]))
    if (!text || !code || !('calls' in text) || !('calls' in code)) throw new Error('no calls')
    const { expression } = JSON.parse(text.calls[0]!.arguments) as { expression: string }
    const [, script] = /^console\.log\((.*)\)$/.exec((JSON.parse(code.calls[0]!.arguments) as { code: string }).code)!
    expect(script!.replace(/[()]/g, '')).toBe(expression.replace(/[()=]/g, ''))
    expect(computed(script!), expression).toBe(computed(expression))
    if (script!.startsWith('(')) written.brackets += 1
    if (expression.includes('=')) written['='] += 1
  }
  expect(written.brackets).toBeGreaterThan(3)
  expect(written['=']).toBe(written.brackets)
})

test('settings are shares of episodes: what a share shows, every larger one shows', async () => {
  const problems = problemsOf(arith, 'train', 60)
  const slipping = (recovery: number): boolean[] => problems.map(({ expert }) => steps(expert!(5, { recovery })).some(({ mistake }) => mistake))
  const [none, some, all] = [0, 0.4, 1].map(slipping)
  expect(none!.filter(Boolean)).toEqual([])
  expect(some!.filter(Boolean).length).toBeGreaterThan(10)
  expect(some!.filter(Boolean).length).toBeLessThan(40)
  for (const [index, slips] of some!.entries()) if (slips) expect(all![index]).toBe(true)
  const restated = problems.map(({ expert }) => first(expert!(5, { restate: 1, recovery: 0 })).thought)
  const plain = problems.map(({ expert }) => first(expert!(5, { restate: 0, recovery: 0 })).thought)
  expect(plain.filter((thought) => /need|want|question|goal|looking/i.test(thought))).toEqual([])
  expect(restated.every((thought) => /need|want|question|goal|looking/i.test(thought))).toBe(true)
  const single = problems.flatMap(({ expert }) => steps(expert!(5, { stepwise: 1, recovery: 0 })).flatMap(({ expression }) => (expression === null ? [] : [expression])))
  expect(single.filter((expression) => !/^\d+[-+*/]\d+$/.test(expression))).toEqual([])
})

/** Exact where divisions come out even. */
function computed(expression: string): number {
  const value = evaluate(expression)
  if ('problem' in value) throw new Error(value.problem)
  return Number(value.n) / Number(value.d)
}

type Step = { readonly thought: string; readonly expression: string | null; readonly mistake: boolean }

/** What an expert decides when every call is answered exactly. */
function steps(expert: ReturnType<NonNullable<Problem['expert']>>): Step[] {
  const made: Step[] = []
  const past: PastStep[] = []
  for (let k = 0; k < 10; k++) {
    const decision = expert.next(past)
    if ('answer' in decision) return [...made, { thought: decision.thought, expression: null, mistake: false }]
    const { expression } = JSON.parse(decision.calls[0]!.arguments) as { expression: string }
    made.push({ thought: decision.thought, expression, mistake: decision.mistake ?? false })
    past.push({ text: '', calls: [{ name: 'calc', argument: expression }], observations: [/^[\d\s()=+*/-]*\d\)*$/.test(expression) ? String(computed(expression)) : 'Cannot compute this.'] })
  }
  throw new Error('it does not come to an end')
}

const first = (expert: ReturnType<NonNullable<Problem['expert']>>): Step => steps(expert)[0]!

test('a slip is made once, marked, and mended in the next step, which says what was wrong', async () => {
  let slips = 0
  for (const problem of problemsOf(arith, 'train', 40)) {
    const { events } = await expertRun({ suite: arith, problem, settings: { recovery: 1, stepwise: 0 } })
    const made = steps(problem.expert!(0, { recovery: 1, stepwise: 0 }))
    const at = made.findIndex(({ mistake }) => mistake)
    if (at < 0) continue
    slips += 1
    expect(made.filter(({ mistake }) => mistake).length).toBe(1)
    expect(made[at + 1]!.expression).not.toBe(made[at]!.expression)
    expect(made[at + 1]!.thought).toMatch(/complete|missing|zero|whole number/)
    expect(new Set(calls(events)).size, problem.task.question).toBe(calls(events).length)
  }
  expect(slips).toBeGreaterThan(25)
})

test('what the calculator says to a slip gives it away, and the thought before it is one that leads there', () => {
  const noticed = new Map<string, number>()
  for (const problem of problemsOf(arith, 'train', 150)) {
    const [slipped, mended] = steps(problem.expert!(3, { recovery: 1, stepwise: 0, restate: 0 }))
    if (!slipped!.mistake) continue
    const value = evaluate(slipped!.expression!)
    const seen = 'problem' in value ? /complete|missing/ : value.n <= 0n ? /elow zero/ : value.d !== 1n ? /whole number/ : /never/
    const [, words, again] = /^(.*?[.]) (.*)$/.exec(mended!.thought)!
    expect(words, slipped!.expression!).toMatch(seen)
    noticed.set(words!, (noticed.get(words!) ?? 0) + 1)
    expect(steps(problem.expert!(3, { recovery: 1, stepwise: 0, restate: 0 })).slice(2).map(({ thought }) => thought).join()).not.toMatch(/wrong|not what I need|does not help/)
    // What it reads again is what it would have read at once.
    const [right] = steps(problem.expert!(3, { recovery: 0, stepwise: 0, restate: 0 }))
    expect([again, mended!.expression]).toEqual([right!.thought, right!.expression])
    // A call with its brackets and its end is what the thought says.
    if (slipped!.thought === right!.thought) expect(right!.expression!.replace(/[()=]/g, '').startsWith(slipped!.expression!.replace(/[()=]/g, ''))).toBe(true)
  }
  expect(noticed.size).toBe(6)
  expect(Math.min(...noticed.values())).toBeGreaterThan(3)
})

test('a call in which nothing shows has no slip', () => {
  const story = { family: '', question: '', goal: '', idle: '', numbers: { a: 30, b: 5 }, moves: [{ left: { number: 'a' }, sign: '+' as const, right: { number: 'b' }, say: '' }] }
  const stage = { moves: [0], root: 0, expression: '30+5', value: 35 }
  expect(slipOf({ story, stage, known: new Map(), chained: true, random: { next: () => 0.01 } })).toMatchObject({ expression: '30+', noticed: 'It was not complete.' })
  // The other reading changes the sides, which changes nothing in a sum.
  expect(slipOf({ story, stage, known: new Map(), chained: true, random: { next: () => 0.9 } })).toBeNull()
})

test('it goes on from steps that are not its own: what another agent computed counts, what went wrong is done again', () => {
  const { expert, task } = arith.problem({ split: 'train', seed: 0, index: 0 })
  const answered = expert!(1).next([{ text: '', calls: [{ name: 'calc', argument: '1+1' }], observations: [task.answer!] }])
  expect(answered).toMatchObject({ answer: task.answer })
  const wrong = expert!(1, { recovery: 0 }).next([{ text: '', calls: [{ name: 'calc', argument: '1+1' }], observations: ['2'] }])
  expect('calls' in wrong && wrong.thought).toMatch(/again|go back|went wrong/i)
})

test('thoughts are worded in many ways, and the same seed words them the same', async () => {
  const thoughts = new Set<string>()
  for (const problem of problemsOf(arith, 'train', 40)) {
    const { events } = await expertRun({ suite: arith, problem, settings: {} })
    expect(texts((await expertRun({ suite: arith, problem, settings: {} })).events)).toEqual(texts(events))
    for (const text of texts(events)) thoughts.add(text.replace(/\d+/g, '#').split('\n')[0]!.split(' ').slice(0, 6).join(' '))
  }
  expect(thoughts.size).toBeGreaterThan(35)
})
