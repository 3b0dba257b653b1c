// Stages: filters, draws with order, mix and replay, pacing; by hand and as properties over random stages.
import { describe, expect, test } from 'vitest'
import {
  competence, drawStage, pacingFactor, pacingSteps, passSize, proposePlan, readPlan, selectStages, type Candidate, type DrawnStage, type Unit,
} from '../../../src/core/pipeline/curriculum/index.ts'
import { planSchema, stageSchema, type Stage } from '../../../src/shared/records/plan.ts'
import { random } from '../../support/random.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)
const take = (stage: DrawnStage, count: number, options = { seed: 3, stage: 1 }) => {
  const drawn: { example: number; replayed: boolean }[] = []
  for (const draw of drawStage(stage, options)) if (drawn.push(draw) === count) break
  return drawn
}
const stageOf = (own: readonly Unit[], change: Partial<DrawnStage> = {}): DrawnStage =>
  ({ own, earlier: [], order: 'shuffled', shares: null, replay: 0, ...change })
const singles = (count: number, from = 0, change: (i: number) => Partial<Unit> = () => ({})): Unit[] =>
  upTo(count).map((i) => ({ examples: [from + i], rank: i / Math.max(1, count - 1), group: null, ...change(i) }))

describe('filters', () => {
  const hex = (digits: string): string => digits.padStart(64, '0')
  const candidate = (change: Partial<Candidate>): Candidate =>
    ({ id: 'aaaa', taskId: hex('1'), format: 'react', file: 'a.json', method: 'react', tags: [], outcome: 'success', rank: 0, ...change })
  const pick = (candidates: Candidate[], filter: Stage['filter']) => selectStages(candidates, [{ filter }])[0]

  test('every key by hand, and all keys together', () => {
    const list = [
      candidate({ id: 'aa01', tags: ['gold', 'short'] }),
      candidate({ id: 'ab02', format: 'chat', file: 'b.json', method: 'cot', outcome: 'failure', rank: 0.5 }),
      candidate({ id: 'ac03', tags: ['short'], outcome: 'unknown', rank: 1 }),
    ]
    expect(pick(list, {})).toEqual([0, 1, 2])
    expect(pick(list, { format: ['chat'] })).toEqual([1])
    expect(pick(list, { file: ['a.json'] })).toEqual([0, 2])
    expect(pick(list, { method: ['cot', 'act'] })).toEqual([1])
    expect(pick(list, { tags: ['gold', 'none'] })).toEqual([0])
    expect(pick(list, { outcome: ['failure', 'unknown'] })).toEqual([1, 2])
    expect(pick(list, { complexity: { from: 0, to: 0.5 } })).toEqual([0])
    expect(pick(list, { complexity: { from: 0.5, to: 1 } })).toEqual([1, 2])
    expect(pick(list, { ids: ['ab', 'ac03'] })).toEqual([1, 2])
    expect(pick(list, { tags: ['short'], outcome: ['unknown'], ids: ['a'] })).toEqual([2])
    expect(pick(list, { format: [] })).toEqual([])
  })

  test('split goes by task: trajectories of one question, in two formats, are on one side', () => {
    const next = random(5)
    const list = upTo(60).map((i) => candidate({ id: String(i), taskId: hex(Math.floor(next() * 20).toString(16) + '7'), format: i % 2 ? 'chat' : 'react' }))
    const parts = selectStages(list, [
      { filter: { split: { from: 0, to: 0.3 } } }, { filter: { split: { from: 0.3, to: 0.8 } } }, { filter: { split: { from: 0.8, to: 1 } } },
    ])
    expect(ascending(parts.flat())).toEqual(upTo(60))
    const tasks = parts.map((part) => new Set(part.map((i) => list[i]!.taskId)))
    const all = new Set(list.map(({ taskId }) => taskId)).size
    expect(tasks.map(({ size }) => size)).toEqual([Math.ceil(all * 0.3), Math.ceil(all * 0.8) - Math.ceil(all * 0.3), all - Math.ceil(all * 0.8)])
    expect(tasks.reduce((sum, { size }) => sum + size, 0)).toBe(all)
  })

  test('parts of the ranks that touch take every trajectory once, ties together', () => {
    const ranks = [0, 0.25, 0.25, 0.5, 1, 0.75]
    const list = ranks.map((rank, i) => candidate({ id: String(i), rank }))
    const stages = proposePlan({ stages: 4 }).stages
    expect(selectStages(list, stages)).toEqual([[0], [1, 2], [3], [4, 5]])
  })
})

describe('what a stage draws', () => {
  const ORDERS = ['easy-to-hard', 'hard-to-easy', 'shuffled'] as const

  test.each(ORDERS)('%s: every pass takes each trajectory once, its examples together and in their order', (order) => {
    const next = random(8)
    for (const count of [1, 2, 7, 40]) {
      let at = 0
      const units = upTo(count).map((): Unit => {
        const size = 1 + Math.floor(3 * next())
        const examples = upTo(size).map((i) => at + i)
        at += size
        return { examples, rank: Math.round(4 * next()) / 4, group: null }
      })
      const stage = stageOf(units, { order })
      expect(passSize(stage)).toBe(at)
      const rankOf = new Map(units.flatMap(({ examples, rank }) => examples.map((example) => [example, rank])))
      const passes = upTo(3).map((pass) => take(stage, 3 * at).slice(pass * at, (pass + 1) * at).map(({ example }) => example))
      for (const pass of passes) {
        expect(ascending(pass)).toEqual(upTo(at))
        for (const { examples } of units) {
          const place = pass.indexOf(examples[0]!)
          expect(pass.slice(place, place + examples.length)).toEqual(examples)
        }
        const ranks = pass.map((example) => rankOf.get(example)!)
        if (order === 'easy-to-hard') expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
        if (order === 'hard-to-easy') expect(ranks).toEqual([...ranks].sort((a, b) => b - a))
      }
    }
  })

  test('ties are shuffled anew each pass, by the seed', () => {
    const tied = stageOf(singles(30, 0, () => ({ rank: 0.5 })), { order: 'easy-to-hard' })
    const [first, second] = [take(tied, 60).slice(0, 30), take(tied, 60).slice(30)]
    expect(second).not.toEqual(first)
    expect(take(tied, 60)).toEqual([...first, ...second])
    expect(take(tied, 30, { seed: 4, stage: 1 })).not.toEqual(first)
    expect(take(tied, 30, { seed: 3, stage: 2 })).not.toEqual(first)
  })

  test.each([0.1, 0.25, 0.5, 0.9])('a replay share of %d holds within one example at every place, and deals everything once before twice', (replay) => {
    const stage = stageOf(singles(13), { earlier: singles(7, 100), replay })
    const drawn = take(stage, 400)
    let replayed = 0
    drawn.forEach((draw, i) => {
      if (draw.replayed) replayed += 1
      if (!draw.replayed) expect(Math.abs(replayed - replay * (i + 1))).toBeLessThanOrEqual(1 / (1 - replay))
    })
    // Where a trajectory of its own and its replay are through.
    const ends = upTo(400).filter((i) => drawn[i + 1] !== undefined && !drawn[i + 1]!.replayed)
    for (const end of ends) {
      const count = drawn.slice(0, end + 1).filter((draw) => draw.replayed).length
      expect(Math.abs(count - replay * (end + 1))).toBeLessThanOrEqual(1)
    }
    const again = drawn.filter((draw) => draw.replayed).map(({ example }) => example)
    for (let start = 0; start + 7 <= again.length; start += 7) expect(ascending(again.slice(start, start + 7))).toEqual(upTo(7).map((i) => 100 + i))
    const own = drawn.filter((draw) => !draw.replayed).map(({ example }) => example)
    if (own.length >= 13) expect(ascending(own.slice(0, 13))).toEqual(upTo(13))
  })

  test('replay changes nothing in the order of its own; without earlier trajectories there is none', () => {
    const own = (stage: DrawnStage) => take(stage, 60).filter((draw) => !draw.replayed).map(({ example }) => example)
    const plain = own(stageOf(singles(20)))
    const mixed = own(stageOf(singles(20), { earlier: singles(5, 50), replay: 0.3 }))
    expect(mixed.length).toBeLessThan(60)
    expect(mixed).toEqual(plain.slice(0, mixed.length))
    expect(own(stageOf(singles(20), { replay: 0.3 }))).toEqual(plain)
  })

  test('a mix holds its shares within one at every pass, leaves out what it does not name, and deals fairly inside a group', () => {
    const groups = ['a', 'b', 'c', 'd']
    const units = singles(40, 0, (i) => ({ group: i < 4 ? 'a' : i < 20 ? 'b' : i < 30 ? 'c' : 'd' }))
    const shares = { a: 2, b: 1, c: 1, d: 0, none: 5 }
    const stage = stageOf(units, { shares, order: 'easy-to-hard' })
    expect(passSize(stage)).toBe(30)
    const drawn = take(stage, 120).map(({ example }) => units[example]!)
    for (const pass of [1, 2, 3, 4]) {
      const part = drawn.slice(0, 30 * pass)
      const counts = groups.map((group) => part.filter((unit) => unit.group === group).length)
      ;[0.5, 0.25, 0.25, 0].forEach((share, i) => expect(Math.abs(counts[i]! - share * part.length)).toBeLessThanOrEqual(1))
      const ranks = drawn.slice(30 * (pass - 1), 30 * pass).map(({ rank }) => rank)
      expect(ranks).toEqual([...ranks].sort((a, b) => a - b))
    }
    const times = upTo(4).map((i) => drawn.filter((unit) => unit.examples[0] === i).length)
    expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1)
  })

  test('a stage without anything of its own draws nothing, whatever there is to replay', () => {
    expect(take(stageOf([], { earlier: singles(3), replay: 0.5 }), 10)).toEqual([])
    expect(take(stageOf(singles(3, 0, () => ({ group: 'a' })), { shares: { b: 1 } }), 10)).toEqual([])
  })
})

describe('pacing', () => {
  test('competence by hand: c0 at the start, the root of the line in between, 1 from T_c on', () => {
    expect(competence(0, { c0: 0.2, steps: 100 })).toBeCloseTo(0.2, 12)
    expect(competence(50, { c0: 0.2, steps: 100 })).toBeCloseTo(Math.sqrt(0.04 + 0.96 * 0.5), 12)
    expect([competence(100, { c0: 0.2, steps: 100 }), competence(1000, { c0: 0.2, steps: 100 })]).toEqual([1, 1])
    expect(pacingSteps({ gamma: 1, c0: 0.2, steps: null }, 30)).toBe(15)
    expect(pacingSteps({ gamma: 1, c0: 0.2, steps: 7 }, 30)).toBe(7)
    expect(pacingSteps({ gamma: 1, c0: 0.2, steps: null }, 1)).toBe(1)
  })

  test('factor by hand: 1 up to the competence, then exp(-10 gamma (r - c)); gamma 0 is off', () => {
    expect(pacingFactor(0.5, { gamma: 1, c: 0.5 })).toBe(1)
    expect(pacingFactor(0.2, { gamma: 1, c: 0.5 })).toBe(1)
    expect(pacingFactor(0.8, { gamma: 1, c: 0.5 })).toBeCloseTo(Math.exp(-3), 12)
    expect(pacingFactor(0.8, { gamma: 0.5, c: 0.5 })).toBeCloseTo(Math.exp(-1.5), 12)
    expect(pacingFactor(1, { gamma: 0, c: 0 })).toBe(1)
    // The strongest there is still leaves a step of hard trajectories a weight.
    expect(pacingFactor(1, { gamma: 50, c: 0 })).toBeGreaterThan(0)
  })
})

describe('plans as documents', () => {
  test('a proposal is a plan, written and read back the same', () => {
    for (const stages of [1, 2, 3, 7]) {
      const plan = proposePlan({ stages, recipe: 'smartad' })
      expect(plan.stages.map(({ name }) => name)).toHaveLength(stages)
      expect(plan.stages.map(({ replay }) => replay)).toEqual(upTo(stages).map((i) => (i === 0 ? 0 : 0.2)))
      expect(readPlan(JSON.parse(JSON.stringify(plan)))).toEqual({ plan, problems: [] })
    }
    expect(proposePlan({ stages: 3 }).stages[1]!.filter).toEqual({ complexity: { from: 1 / 3, to: 2 / 3 } })
  })

  test('the shortest plan gets every default', () => {
    const { plan } = readPlan({ version: 1, name: 'p', stages: [{ name: 's' }] })
    expect(plan).toEqual({
      version: 1, name: 'p', complexity: { metric: 'sad', a: 1, b: 1, g: 0 }, pacing: null,
      stages: [{
        name: 's', filter: {}, order: 'easy-to-hard', length: { unit: 'passes', passes: 1 }, mix: null, replay: 0, recipe: null, lr: null, losses: {}, gate: null,
      }],
    })
    expect(planSchema.shape.stages.element).toBe(stageSchema)
  })

  test.each<[string, unknown, RegExp]>([
    ['another version', { version: 2, name: 'p', stages: [{ name: 's' }] }, /^version: found 2, expected 1/],
    ['no stages', { version: 1, name: 'p', stages: [] }, /^stages: /],
    ['a key that is not known', { version: 1, name: 'p', stages: [{ name: 's', filter: { formats: ['x'] } }] }, /^stages\[0\]\.filter: .*formats/],
    ['a range the wrong way round', { version: 1, name: 'p', stages: [{ name: 's', filter: { complexity: { from: 0.5, to: 0.5 } } }] }, /^stages\[0\]\.filter\.complexity: from must be below to/],
    ['a mix of nothing', { version: 1, name: 'p', stages: [{ name: 's', mix: { by: 'file', shares: { a: 0 } } }] }, /^stages\[0\]\.mix\.shares: at least one/],
    ['all replay', { version: 1, name: 'p', stages: [{ name: 's', replay: 1 }] }, /^stages\[0\]\.replay: /],
    ['a metric that is not known', { version: 1, name: 'p', complexity: { metric: 'x' }, stages: [{ name: 's' }] }, /^complexity/],
    ['no document', null, /^: /],
  ])('%s is refused, with the place', (_, json, message) => {
    const { plan, problems } = readPlan(json)
    expect(plan).toBeNull()
    expect(problems.map(({ path, message: text }) => `${path}: ${text}`).join('\n')).toMatch(message)
  })
})
