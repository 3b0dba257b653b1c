// The filters that ask a student or a judge, with scripted ones: length, capacity, judge, and the funnel around them.
import { describe, expect, test } from 'vitest'
import type { Candidate, StudentPort } from '../../../src/core/pipeline/curation/index.ts'
import { candidate, funnel, react, reasons } from '../../support/candidates.ts'
import { agent, user } from '../../support/turns.ts'

const student = (tokens: (candidate: Candidate) => number, losses: Record<string, number> = {}): StudentPort & { scored: string[] } => {
  const scored: string[] = []
  return {
    name: 's', context: 100, scored,
    tokens: (one) => (tokens(one) < 0 ? { refused: 'no system role' } : { tokens: tokens(one) }),
    losses: async (candidates) => {
      scored.push(...candidates.map(({ trajectory }) => trajectory.id))
      return new Map(candidates.flatMap(({ trajectory: { id } }) => (losses[id] === undefined ? [] : [[id, losses[id]] as const])))
    },
  }
}

describe('6 length', () => {
  const [short, long, refused] = [react(['a']), react(['a', 'b']), react([])]
  const port = student(({ trajectory }) => ({ 4: 100, 6: 101, 2: -1 })[trajectory.turns.length]!)

  test("the student's own tokens against its context, or the one that is set", async () => {
    expect(await reasons('length', [short, long, refused], { world: { student: port } })).toEqual([null, "longer than the student's context", "the student's template does not take it"])
    expect(await reasons('length', [short, long], { world: { student: port }, settings: { length: { context: 101 } } })).toEqual([null, null])
  })

  test('without a student it does not run, and says so', async () => {
    const { rows, kept } = await funnel(['length', 'capacity', 'judge', 'contamination'], [short])
    expect(kept).toEqual([short])
    expect(rows.map(({ skipped }) => skipped !== null)).toEqual([true, true, true, true])
  })
})

describe('8 capacity', () => {
  const same = (id: string, extra = {}) => react(['a'], { id: id.repeat(16), question: 'one', ...extra })

  test('what could not be scored is no rival, and is counted', async () => {
    const all = [same('d'), same('e'), same('f'), same('g')]
    const port = student(() => 1, { ['e'.repeat(16)]: 0.9, ['g'.repeat(16)]: 0.4 })
    const { rejected, rows } = await funnel(['capacity'], all, { world: { student: port } })
    expect(rejected.map(({ id, detail }) => [id[0], detail])).toEqual([['e', `NLL 0.900; ${'g'.repeat(16)} has 0.400`]])
    expect(rows[0]!.notes).toContain('could not be scored, and kept: 2')
    expect(await reasons('capacity', [same('h'), same('i')], { world: { student: student(() => 1) } })).toEqual([null, null])
  })

  test('of several right samples of a task the likeliest stays; others are not even scored', async () => {
    const all = [same('a'), same('b'), same('c', { outcome: null }), react(['a'], { question: 'two' })]
    const port = student(() => 1, { ['a'.repeat(16)]: 0.9, ['b'.repeat(16)]: 0.4 })
    expect(await reasons('capacity', all, { world: { student: port } })).toEqual(['the student finds another sample likelier', null, null, null])
    expect(port.scored).toEqual(['a'.repeat(16), 'b'.repeat(16)])
    expect(await reasons('capacity', all, { world: { student: port }, settings: { capacity: { keep: 2 } } })).toEqual([null, null, null, null])
  })

  test('one of each method where methods are kept apart; a limit of its own scores all', async () => {
    const cot = candidate([user('one'), agent('Thought: I know.\nAction: finish[x]')], { id: 'd'.repeat(16), question: 'one', outcome: { success: true, reward: 1, detail: '' } })
    const port = student(() => 1, { ['a'.repeat(16)]: 0.9, ['d'.repeat(16)]: 0.4 })
    expect(await reasons('capacity', [same('a'), cot], { world: { student: port }, settings: { capacity: { per: 'method' } } })).toEqual([null, null])
    expect(await reasons('capacity', [same('a'), cot], { world: { student: port } })).toEqual(['the student finds another sample likelier', null])
    expect(await reasons('capacity', [same('a'), cot], { world: { student: port }, settings: { capacity: { per: 'method', most: 0.5 } } })).toEqual(['too unlikely for the student', null])
  })
})

describe('9 judge', () => {
  /** Scores by the first search of the episode. */
  const judge = {
    name: 'j',
    ask: async (prompts: readonly string[]) => prompts.map((prompt) => {
      const [, asked] = /search\[(\w+)\]/.exec(prompt)!
      return asked === 'none' ? { problem: 'it is asleep' } : { text: asked === 'mute' ? 'fine' : `{"score": ${asked!.at(-1)}, "why": "because"}` }
    }),
  }

  test('a score below the least is rejected with it; what has none is kept and told', async () => {
    const all = [react(['q5']), react(['q2']), react(['mute']), react(['none'])]
    expect(await reasons('judge', all, { world: { judge } })).toEqual([null, 'score 2', null, null])
    const { rows } = await funnel(['judge'], all, { world: { judge } })
    expect(rows[0]!.notes[0]).toBe('scores 5: 1, 4: 0, 3: 0, 2: 1, 1: 0; kept from 3 on')
    expect(rows[0]!.notes.at(-1)).toBe('2 without a score are kept; the first: an answer without a score')
  })

  test('a judge that is too kind gets a higher threshold from ten labels by hand on', async () => {
    // It says 4 where the hand says 2, and 5 where the hand says 4.
    const [bad, good] = [Array.from({ length: 6 }, () => react(['q4'])), Array.from({ length: 6 }, () => react(['q5']))]
    const scores = new Map([...bad.map(({ trajectory }) => [trajectory.id, 2] as const), ...good.map(({ trajectory }) => [trajectory.id, 4] as const)])
    const found = await funnel(['judge'], [...bad, ...good], { world: { judge, scores } })
    expect(found.kept).toEqual(good)
    expect(found.agreement).toMatchObject({ labelled: 12, exact: 0, threshold: 5, binaryKappa: 1 })
    const left = await funnel(['judge'], [...bad, ...good], { world: { judge, scores }, settings: { judge: { calibrate: false } } })
    expect([left.kept.length, left.agreement!.threshold, left.agreement!.binaryKappa]).toEqual([12, 3, 0])
  })
})

test('each filter sees what those before it leave; reasons are counted with examples, the most frequent first', async () => {
  const all = [react(['a', 'a'], { question: 'x' }), react(['b'], { outcome: { success: false, reward: 0, detail: 'no' } }), react(['c']), react(['c']), react(['c'])]
  const { rows, kept, rejected } = await funnel(['outcome', 'loops', 'duplicates'], all)
  expect(rows.map((row) => [row.filter, row.in, row.out])).toEqual([['outcome', 5, 4], ['loops', 4, 3], ['duplicates', 3, 1]])
  expect(rows[2]!.reasons).toEqual([{ reason: 'the same words', count: 2, examples: rejected.slice(2).map(({ id }) => id) }])
  expect(kept).toEqual([all[2]])
  const turned = await funnel(['duplicates', 'outcome'], all)
  expect(turned.rows.map((row) => [row.filter, row.in, row.out])).toEqual([['duplicates', 5, 3], ['outcome', 3, 2]])
})
