// A real run by a plan of two stages with a gate: stopped, killed and gone on with, it comes to the same losses and decisions, bit for bit.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readGates } from '../../../src/engine/training/runPlan.ts'
import { runFiles } from '../../../src/engine/training/runFolder.ts'
import { planSchema } from '../../../src/shared/records/plan.ts'
import { random } from '../../support/random.ts'
import { attempt, makeTinyRun, outcomeOf, removeFolder, scratch, type TinyPlan } from '../../support/tinyRun.ts'

const home = scratch()
afterAll(() => removeFolder(home))

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const units = (from: number, count: number) => upTo(count).map((i) => ({ examples: [from + i], rank: (from + i) / 35, group: null }))

/** Easy ones up to three passes behind a gate, then the hard ones with a fifth of replay; weights by competence. */
function planned(actAccuracy: number, otherwise: 'advance' | 'stop' = 'advance'): TinyPlan {
  const plan = planSchema.parse({
    version: 1,
    name: 'made',
    pacing: { gamma: 0.3 },
    stages: [
      { name: 'easy', length: { unit: 'passes', passes: 3 }, gate: { actAccuracy, every: 4, otherwise } },
      { name: 'hard', replay: 0.2, lr: 1e-3, length: { unit: 'passes', passes: 2 } },
    ],
  })
  return { plan, staged: { stages: [{ recipe: 'smartad', own: units(0, 18), earlier: [] }, { recipe: 'smartad', own: units(18, 18), earlier: units(0, 18) }] } }
}

type Trouble = 'stops' | 'kills'

/** Stops it, or kills it, at seeded moments until it comes to its end. */
async function troubled(name: string, plan: TinyPlan, trouble: Trouble, events: number): Promise<{ dir: string; times: number }> {
  const dir = makeTinyRun(join(home, name), {}, plan)
  const next = random(name.length)
  let times = 0
  for (; times < 2; times++) {
    const at = 1 + Math.floor(next() * events * 0.6)
    let seen = 0
    const run = await attempt(dir, (trainer) => {
      if (seen++ !== at) return
      if (trouble === 'stops') trainer.stop()
      else process.kill(trainer.pid, 'SIGKILL')
    })
    if (run.ended === 'finished') return { dir, times }
  }
  expect(await attempt(dir)).toMatchObject({ ended: 'finished', error: null })
  return { dir, times }
}

/** Series, held-out figures, adapter and the decisions. */
const all = (dir: string) => {
  const { series, heldout, adapter } = outcomeOf(dir)
  return { series, heldout, adapter, gates: readGates(dir) }
}

describe.each<{ what: string; accuracy: number; otherwise: 'advance' | 'stop' }>([
  { what: 'opens at its first measurement', accuracy: 0, otherwise: 'stop' },
  { what: 'never opens, and the next stage follows', accuracy: 0.99, otherwise: 'advance' },
  { what: 'never opens, and the run ends', accuracy: 0.99, otherwise: 'stop' },
])('a gate that $what', ({ what, accuracy, otherwise }) => {
  const plan = planned(accuracy, otherwise)
  const name = `${accuracy}-${otherwise}`

  test('alone: stages in order, decisions written down, summary by stage; interrupted: the same', async () => {
    const dir = makeTinyRun(join(home, name), {}, plan)
    const run = await attempt(dir)
    const expected = all(dir)
    expect(run).toMatchObject({ ended: 'finished', error: null })
    const stages = expected.series.map((line) => line['stage'])
    const easy = stages.filter((stage) => stage === 0).length
    expect(stages).toEqual([...Array<number>(easy).fill(0), ...Array<number>(stages.length - easy).fill(1)])
    const decisions = expected.gates.map(({ decision }) => decision)
    const at = expected.gates.map(({ step }) => step)
    if (accuracy === 0) {
      expect([at, decisions, easy]).toEqual([[4], ['open'], 4])
      expect(stages.length).toBeGreaterThan(4)
    } else {
      expect(at.slice(0, -1)).toEqual(upTo(at.length - 1).map((i) => 4 * (i + 1)))
      expect(at.at(-1)).toBe(easy)
      expect(decisions).toEqual([...Array<string>(at.length - 1).fill('wait'), otherwise])
      expect(stages.length > easy).toBe(otherwise === 'advance')
    }
    expect(expected.gates.every(({ actAccuracy }) => actAccuracy !== null && actAccuracy >= 0 && actAccuracy < 0.99)).toBe(true)
    const { summary } = run
    expect(summary!.stages!.map(({ steps }) => steps)).toEqual([easy, stages.length - easy])
    expect(summary!.stages![0]!.gate).toEqual(expected.gates)
    if (otherwise === 'stop' && accuracy > 0) expect(summary!.endedEarly).toMatch(/gate of stage easy after step \d+: .* the run ends/)
    else expect(summary!.endedEarly).toBeNull()

    for (const trouble of ['stops', 'kills'] as const) {
      const after = await troubled(`${name}-${trouble}`, plan, trouble, run.events.length)
      expect([what, after.times > 0]).toEqual([what, true])
      expect(all(after.dir)).toEqual(expected)
    }
  }, 120_000)
})

test('a decision is replayed, not measured again: what the folder says is followed', async () => {
  const dir = makeTinyRun(join(home, 'replayed'), {}, planned(0.99))
  await attempt(dir, (trainer, event) => event?.type === 'step' && event.metrics.step === 2 && trainer.stop())
  // As if a trainer that died later had found the gate open behind step 4.
  writeFileSync(runFiles(dir).gates, JSON.stringify([{ stage: 0, step: 4, actAccuracy: 0.995, decision: 'open' }]))
  const run = await attempt(dir)
  expect(run.ended).toBe('finished')
  expect(run.summary!.stages![0]!.steps).toBe(4)
  expect(readGates(dir)).toHaveLength(1)
})

test('pacing changes the losses: the same plan without it is another run', async () => {
  const plain = planned(0.99)
  const backwards = { ...plain.plan, stages: plain.plan.stages.map((stage) => ({ ...stage, order: 'hard-to-easy' as const })) }
  const other: TinyPlan = { ...plain, plan: { ...backwards, pacing: null } }
  const [a, b] = [makeTinyRun(join(home, 'paced'), { maxSteps: 3 }, { ...plain, plan: backwards }), makeTinyRun(join(home, 'unpaced'), { maxSteps: 3 }, other)]
  await attempt(a)
  await attempt(b)
  const losses = (dir: string) => outcomeOf(dir).series.map((line) => line['loss'])
  expect(losses(a)).toHaveLength(3)
  expect(losses(a)).not.toEqual(losses(b))
})

test('a plan file that is not what it was, or gone, is said so', async () => {
  const dir = makeTinyRun(join(home, 'damaged'), {}, planned(0))
  const { staged } = runFiles(dir)
  writeFileSync(staged, readFileSync(staged, 'utf8').replace('"examples":[3]', '"examples":[4]'))
  expect(await attempt(dir)).toMatchObject({ ended: 'failed', code: 'run-damaged' })
  rmSync(staged)
  expect(existsSync(staged)).toBe(false)
  expect(await attempt(dir)).toMatchObject({ ended: 'failed', code: 'run-damaged', error: expect.stringContaining('no such file') })
})
