// The curriculum through the service, as a page uses it: difficulty, plans that are kept, the simulation, and the run that follows it.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ComplexityReport, Simulation } from '../../../src/shared/contract/planning.ts'
import { planSchema, type Complexity, type Plan } from '../../../src/shared/records/plan.ts'
import { removeFolder, scratch } from '../../support/tinyRun.ts'
import { exportOf, hasEnded, openTrial, SETTINGS, watchUntil, type Trial } from './trial.ts'

const home = scratch()
let trial: Trial
beforeAll(async () => void (trial = await openTrial(home)))
afterAll(async () => {
  await trial.service.dispose()
  removeFolder(home)
})

const base = () => ({ project: trial.project, student: trial.student, settings: SETTINGS })
async function difficulty(complexity: Complexity): Promise<{ report: ComplexityReport; phases: Set<string> }> {
  const phases = new Set<string>()
  for await (const event of await trial.api.curriculum.histogram({ ...base(), complexity, bins: 10 })) {
    if (event.type === 'report') return { report: event.report, phases }
    phases.add(event.phase)
  }
  throw new Error('the stream ended without a report')
}
async function simulate(plan: Plan, tokensPerSecond?: number): Promise<Simulation> {
  for await (const event of await trial.api.curriculum.simulate({ ...base(), plan, ...(tokensPerSecond && { tokensPerSecond }) })) {
    if (event.type === 'simulation') return event.simulation
  }
  throw new Error('the stream ended without a simulation')
}

const TWO = planSchema.parse({
  version: 1,
  name: 'Zwei Stufen',
  stages: [
    { name: 'easy', filter: { complexity: { from: 0, to: 0.5 } }, gate: { actAccuracy: 1, every: 3, otherwise: 'advance' } },
    { name: 'hard', filter: { complexity: { from: 0.5, to: 1 } }, replay: 0.25, recipe: 'sft', lr: 1e-3 },
  ],
})

describe('difficulty', () => {
  test('every metric counts the training side, once each', async () => {
    for (const complexity of [{ metric: 'sad', a: 1, b: 1, g: 0 }, { metric: 'steps' }, { metric: 'tools' }] as const) {
      const { report, phases } = await difficulty(complexity)
      expect(report.bins.reduce((sum, { count }) => sum + count, 0)).toBe(report.trajectories)
      expect(report.trajectories).toBeGreaterThan(40)
      expect(report.quantiles).toHaveLength(101)
      expect(report.heldout.length).toBeGreaterThan(0)
      expect(report.heldout).toEqual([...report.heldout].sort((one, other) => one - other))
      expect(phases).toEqual(new Set(['masking']))
    }
  })

  test('the student\'s own loss is scored once and then remembered', async () => {
    const first = await difficulty({ metric: 'loss' })
    expect(first.phases.has('scoring')).toBe(true)
    // The tiny student was never trained: about the logarithm of its 300 tokens, or worse.
    expect(first.report.quantiles[50]).toBeGreaterThan(Math.log(300) / 2)
    const again = await difficulty({ metric: 'loss' })
    expect(again.phases.has('scoring')).toBe(false)
    expect(again.report).toEqual(first.report)
  })
})

describe('plans that are kept', () => {
  const at = () => ({ project: trial.project })
  const kept = () => trial.api.curriculum.plans

  test('saved, listed, loaded, changed where nobody else did, removed', async () => {
    const { id, revision } = await kept().save({ ...at(), plan: TWO })
    expect(id).toBe('zwei-stufen')
    expect((await kept().save({ ...at(), plan: TWO })).id).toBe('zwei-stufen-2')
    expect(await kept().load({ ...at(), id })).toEqual({ id, plan: TWO, revision })
    const changed = await kept().save({ ...at(), id, revision, plan: { ...TWO, name: 'Other' } })
    await expect(kept().save({ ...at(), id, revision, plan: TWO })).rejects.toMatchObject({ data: { code: 'plan-changed' } })
    expect((await kept().load({ ...at(), id })).revision).toBe(changed.revision)
    expect((await kept().list(at())).map((row) => [row.id, row.name, row.stages, row.problem])).toEqual([
      ['zwei-stufen', 'Other', 2, null], ['zwei-stufen-2', 'Zwei Stufen', 2, null],
    ])
    expect(readdirSync(join(trial.project, 'plans')).filter((name) => name.endsWith('.tmp'))).toEqual([])
    await kept().remove({ ...at(), id })
    await kept().remove({ ...at(), id: 'zwei-stufen-2' })
    expect(await kept().list(at())).toEqual([])
    await expect(kept().load({ ...at(), id })).rejects.toMatchObject({ data: { code: 'plan-missing' } })
  })

  test('a damaged one is listed with its reason and refused, not lost', async () => {
    await kept().save({ ...at(), plan: TWO })
    const path = join(trial.project, 'plans', 'zwei-stufen.json')
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 100))
    expect((await kept().list(at()))[0]!.problem).toMatch(/JSON/)
    await expect(kept().load({ ...at(), id: 'zwei-stufen' })).rejects.toMatchObject({ data: { code: 'bad-plan' } })
    await kept().remove({ ...at(), id: 'zwei-stufen' })
  })

  test('validate says what is wrong and where; a proposal is sound', async () => {
    expect(await trial.api.curriculum.validate({ plan: { ...TWO, stages: [] } })).toMatchObject({ plan: null, problems: [{ path: 'stages' }] })
    const plan = await trial.api.curriculum.propose({ stages: 3, recipe: 'sft' })
    expect(await trial.api.curriculum.validate({ plan })).toEqual({ plan, problems: [] })
  })
})

test('the simulation is what the run then does: steps, tokens and trained tokens of each stage', async () => {
  const simulation = await simulate(TWO, 100)
  expect(simulation.warnings).toEqual([])
  expect(simulation.rate).toEqual({ tokensPerSecond: 100, from: 'given', run: null })
  const { run } = await trial.api.runs.start({ ...base(), plan: TWO })
  const { view } = await watchUntil(trial, run, hasEnded)
  const { summary } = view
  expect(summary!.stages!.map(({ name, steps, tokens, trainedTokens }) => ({ name, steps, tokens, trainedTokens }))).toEqual(
    simulation.stages.map(({ name, steps, tokens, trainedTokens }) => ({ name, steps, tokens, trainedTokens })),
  )
  expect(summary!.steps).toBe(simulation.total.steps)
  expect(simulation.stages[1]!.replayed / simulation.stages[1]!.drawn).toBeCloseTo(0.25, 1)
  expect(simulation.stages.map(({ recipe }) => recipe)).toEqual(['smartad', 'sft'])
  expect(view.metrics.map(({ stage }) => stage)).toEqual(view.metrics.map((_, i) => (i < simulation.stages[0]!.steps ? 0 : 1)))
  expect(view.plan).toEqual(TWO)
  expect(view.row.plan).toEqual({ name: 'Zwei Stufen', stages: ['easy', 'hard'], stage: 1 })
  expect(summary!.stages![0]!.gate.at(-1)).toMatchObject({ decision: 'advance', step: simulation.stages[0]!.steps })
  expect((await simulate(TWO)).rate).toMatchObject({ from: 'run', run })
  // What the trainer read says the same.
  const { path } = await exportOf(trial, { run, to: 'masked-jsonl' })
  const batches = readFileSync(join(path, 'batches.jsonl'), 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as { lr: number; examples: string[] })
  expect(batches.map(({ lr }) => lr)).toEqual(view.metrics.map(({ lr }) => lr))
  expect(batches.every(({ examples }) => examples.every((id) => /@(smartad|sft)$/.test(id)))).toBe(true)
}, 120_000)

test('a plan that no run can follow is refused, in the preview and at the start', async () => {
  const empty = { ...TWO, stages: [{ ...TWO.stages[0]!, filter: { format: ['none'] } }] }
  await expect(trial.api.runs.start({ ...base(), plan: empty })).rejects.toMatchObject({ data: { code: 'plan-empty' } })
  const wrong = { ...TWO, stages: [{ ...TWO.stages[0]!, losses: { rank: 3 } }] }
  await expect(trial.api.runs.start({ ...base(), plan: wrong })).rejects.toMatchObject({ data: { code: 'bad-plan' } })
  for await (const event of await trial.api.runs.preview({ ...base(), plan: empty })) {
    if (event.type === 'preview') expect(event.preview.blocked).toMatchObject({ code: 'plan-empty' })
  }
}, 60_000)
