// Climbing a ladder: what is measured with stays, times are summed over stops, and a weighing of thoughts that fails fails no rung.
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { climb, createLadder, discardEvaluation, forecastLadder, ladderSpecOf, readEvaluation, readLadder, specOf } from '../../../src/engine/evaluation/index.ts'
import { measureThoughts } from '../../../src/engine/evaluation/thoughts.ts'
import { openProject } from '../../../src/engine/project/index.ts'
import { readMetrics, runFolderOf } from '../../../src/engine/training/index.ts'
import type { LadderProgress, LadderWish } from '../../../src/shared/contract/evaluating.ts'
import { ladderArmSchema, type LadderSpec, type Rung } from '../../../src/shared/records/ladder.ts'
import { familyModel } from '../../support/familyModel.ts'
import { temporaryFolder } from '../../support/folder.ts'

type Json = Record<string, unknown> & { spec: Record<string, unknown>; rungs: (Record<string, unknown> & { arm: string })[] }

function change(path: string, by: (json: Json) => void): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Json
  by(json)
  writeFileSync(path, JSON.stringify(json))
}

const LONG = 'Be kind to who asks. '.repeat(30)
const arm = (name: string, more: object = {}) => ladderArmSchema.parse({ name, title: name, ...more })
const trained = arm('sft', { train: { data: { form: 'agent' } } })

async function begun(arms: NonNullable<LadderWish['arms']>, { context = 300, settings = {}, system }: { context?: number; settings?: LadderWish['settings']; system?: string } = {}) {
  const project = temporaryFolder()
  const student = join(project, 'student.gguf')
  writeFileSync(student, familyModel({ architecture: 'llama', sizes: { context: 2048, layers: 1, width: 32, heads: 2, kvHeads: 1, inner: 32 } }))
  const wish: LadderWish = { suite: 'arith', student, tokens: 2500, tasks: 1, splits: ['held-out'], arms, settings: { rank: 1, ...settings } }
  const { id } = createLadder(project, await ladderSpecOf(wish, { context, system }))
  const go = (onProgress: (progress: LadderProgress) => void = () => undefined, signal = new AbortController().signal) =>
    climb(id, { project, cacheDir: join(project, 'cache'), folders: [], threads: 1, onProgress, signal }).then(({ ladder, files }) => ({ ladder, report: readFileSync(files[0]!, 'utf8') }))
  return { project, student, id, go, path: join(project, 'ladders', id, 'ladder.json'), rung: (name: string): Rung => readLadder(project, id).rungs.find((one) => one.arm === name)! }
}

test('a ladder keeps the limits and all settings that it was made with, and they count whatever the program has now', async () => {
  const { project, id, go, path, rung } = await begun([arm('prompt')], { settings: { lr: 1e-3 } })
  const { spec, versions } = readLadder(project, id)
  expect(spec.settings).toMatchObject({ lr: 1e-3, rank: 1, batchTokens: 256, tooLong: 'drop', context: 2048, temperature: 1, base: 'auto' })
  expect(spec.settings).not.toHaveProperty('heldoutEvery')
  expect(spec.limits!.agent!.steps).toBeGreaterThan(2)
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  expect(versions).toEqual([version])
  change(path, (json) => (json.spec['limits'] = { agent: { ...spec.limits!.agent, steps: 2, turnTokens: 3 } }))
  change(path, (json) => (json['versions'] = ['0.0.1']))
  const { ladder, report } = await go()
  expect(ladder).toMatchObject({ state: 'finished', versions: ['0.0.1', version] })
  expect(readEvaluation(project, rung('prompt').evaluations[0]!.id).spec.limits).toMatchObject({ steps: 2, turnTokens: 3 })
  expect(report).toContain(`worked at it: 0.0.1, then ${version}.`)
  expect((await go()).ladder.versions).toEqual(ladder.versions)
})

test('an older ladder opens and is gone on with: by the limits that its rungs had, and a version that nobody knows', async () => {
  const { project, id, go, path } = await begun([arm('prompt'), arm('again')])
  await go()
  const [first, second] = readLadder(project, id).rungs.map(({ evaluations }) => evaluations[0]!.id)
  discardEvaluation(project, second!)
  change(join(project, 'evaluations', first!, 'evaluation.json'), (json) => Object.assign(json.spec['limits'] as object, { steps: 2, turnTokens: 3 }))
  change(path, (json) => {
    delete json.spec['limits']
    delete json['versions']
    json.spec['settings'] = {}
    for (const rung of json.rungs) delete rung['seconds']
    Object.assign(json.rungs[1]!, { state: 'waiting', evaluations: [] })
  })
  const told: LadderProgress[] = []
  const { ladder, report } = await go((progress) => told.push(progress))
  expect(ladder).toMatchObject({ state: 'finished', spec: { settings: { batchTokens: 256 }, limits: { agent: { steps: 2, turnTokens: 3 } } } })
  expect(ladder.versions![0]).toBe('unknown')
  expect(report).toContain('worked at it: unknown, then ')
  // What the first one took is not known.
  expect(told[0]).toMatchObject({ arm: 'again', secondsLeft: null })
  expect(ladder.rungs[0]!.seconds).toBe(0)
})

test('a ladder whose prompts were others when it began says so, in it and in its report', async () => {
  const { go, path } = await begun([arm('prompt'), arm('again')])
  const { ladder } = await go()
  expect(ladder.fingerprint).toMatchObject({ prompts: expect.stringMatching(/^[0-9a-f]{16}$/) })
  expect(ladder.changes).toBeUndefined()
  change(path, (json) => {
    ;(json['fingerprint'] as Record<string, string>)['prompts'] = 'another'
    Object.assign(json.rungs[1]!, { state: 'waiting', evaluations: [] })
  })
  const gone = await go()
  expect(gone.ladder.changes).toMatchObject([{ parts: ['prompts'], before: ['prompt 1'] }])
  expect(gone.ladder.fingerprint).toEqual(ladder.fingerprint)
  expect(gone.report).toContain('**The prompts have changed since this ladder began (it was gone on with by version')
  expect(gone.report).toContain('rungs that were begun before (prompt 1) and those after are not on the same data.**')
})

test('rungs that failed wait again when it is gone on with, and take their time', async () => {
  const { go, path } = await begun([arm('a'), arm('b'), arm('c')])
  change(path, (json) => {
    Object.assign(json.rungs[0]!, { state: 'done', seconds: 1000 })
    for (const rung of json.rungs.slice(1)) Object.assign(rung, { state: 'failed', error: { code: 'x', message: 'it failed' } })
  })
  const told: LadderProgress[] = []
  const { ladder } = await go((progress) => told.push(progress))
  expect(told[0]).toMatchObject({ arm: 'b', ladder: { rungs: [{ state: 'done' }, { state: 'evaluating', error: null }, { state: 'waiting', error: null }] } })
  expect(told[0]!.secondsLeft).toBeGreaterThan(1500)
  expect(told[0]!.forecast).toBeNull()
  expect(ladder.rungs.map(({ state }) => state)).toEqual(['done', 'done', 'done'])
})

test('a stop keeps the seconds that were worked, and the time of a training is that of all its steps', async () => {
  const { project, id, go, rung } = await begun([trained], { settings: { checkpointEvery: 1 } })
  const stop = new AbortController()
  const slow = 300
  const stopped = go((progress) => {
    if (progress.state !== 'training' || stop.signal.aborted) return
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slow)
    if (progress.done >= 2) stop.abort()
  }, stop.signal)
  await expect(stopped).rejects.toThrow()
  const { seconds, state } = rung('sft')
  expect(state).toBe('training')
  expect(seconds).toBeGreaterThan((2 * slow) / 1000)
  await go()
  const { data, run, trained: of, seconds: all } = rung('sft')
  expect(all).toBeGreaterThan(seconds)
  const opened = openProject(join(project, 'ladders', id, 'data', data!), { create: false })
  const steps = readMetrics(runFolderOf(opened, run!))
  opened.dispose()
  expect(steps.length).toBeGreaterThan(2)
  expect(of!.seconds).toBeCloseTo(steps.reduce((sum, step) => sum + step.seconds, 0), 9)

  // Another ladder of the same student is told by this one, where its evaluation has tasks enough; the run alone tells as much as its rung.
  const { spec } = readLadder(project, id)
  const [known] = rung('sft').evaluations
  expect(forecastLadder(project, spec)).toBeNull()
  change(join(project, 'evaluations', known!.id, 'evaluation.json'), (json) => Object.assign(json['summary'] as object, { tasks: 5, seconds: 2 }))
  const half: LadderSpec = { ...spec, tokens: 1250 }
  const told = forecastLadder(project, half)!
  expect(told).toMatchObject({ rungs: 1, unknown: [], basis: { trainings: 1, evaluations: 1 }, teaching: false })
  expect(told.low).toBeGreaterThan((of!.seconds * 1250) / of!.tokens + 2)
  expect(told.high).toBeGreaterThan(told.low)
  expect(forecastLadder(project, half, id)).toBeNull()
  expect(forecastLadder(project, { ...half, student: '/other.gguf' })).toBeNull()
  const own = join(project, 'ladders', id, 'data', data!)
  cpSync(join(project, 'evaluations'), join(own, 'evaluations'), { recursive: true })
  const byRun = forecastLadder(own, half)!
  expect(byRun).toMatchObject({ basis: { trainings: 1, evaluations: 1 } })
  const tokens = steps.reduce((sum, step) => sum + step.tokens, 0)
  expect(byRun.low).toBeCloseTo((of!.seconds * 1250) / tokens + 2, 6)
})

test('thoughts that cannot be weighed fail no rung; a ladder that goes on weighs them', async () => {
  // Not even the system message has room in this context.
  const { project, go, rung } = await begun([trained, arm('votes', { like: 'sft', sag: { samples: 2 } })], { context: 256, system: LONG })
  const { ladder, report } = await go()
  expect(ladder.rungs.map(({ state, error }) => [state, error])).toEqual([['done', null], ['done', null]])
  expect(ladder).toMatchObject({ state: 'failed', rationale: [], error: { code: 'unweighed', message: 'the thoughts of sft, seed 1, could not be weighed' } })
  expect(report).toContain('**Not whole: the thoughts of sft, seed 1, could not be weighed')
  change(join(project, 'evaluations', rung('sft').evaluations[0]!.id, 'evaluation.json'), (json) => {
    json.spec['context'] = 2048
    Object.assign(json.spec['limits'] as object, { turnTokens: 4 })
  })
  const told: LadderProgress[] = []
  const again = await go((progress) => told.push(progress))
  expect(again.ladder).toMatchObject({ state: 'finished', error: null, rationale: [{ arm: 'sft', seed: 1, tooLong: 0 }] })
  expect(again.report).toContain('## Does the thought lead to the action?')
  // Nothing else was done again.
  expect(told.every(({ weighing }) => weighing)).toBe(true)
})

test('steps beyond the context are left out, and counted', async () => {
  const { student } = await begun([arm('prompt')])
  const spec = await specOf({ suite: 'arith', tasks: 3, solver: { type: 'local', student, adapter: null } }, { context: 2048 })
  const weighed = (context: number, system = spec.system) => measureThoughts({ spec: { ...spec, context, system, limits: { ...spec.limits, turnTokens: 2 } }, threads: 1, onProgress: () => undefined, signal: new AbortController().signal })
  const all = (await weighed(2048))!
  expect(all.tooLong).toBe(0)
  const fewer = (await weighed(256))!
  expect(fewer.tooLong).toBeGreaterThan(0)
  expect(fewer.steps).toBeGreaterThan(0)
  expect(fewer.steps + fewer.tooLong).toBe(all.steps)
  await expect(weighed(256, LONG)).rejects.toMatchObject({ code: 'context-full' })
})

test('who comes second while a ladder is climbed is refused, and changes nothing; who comes after finds what is done', async () => {
  const { go } = await begun([arm('prompt')])
  const refused: Promise<unknown>[] = []
  const first = await go(() => {
    if (refused.length === 0) refused.push(go().catch((error: unknown) => error))
  })
  expect(await Promise.all(refused)).toEqual([expect.objectContaining({ code: 'ladder-busy' })])
  const after = await go()
  expect(after.ladder.rungs).toEqual(first.ladder.rungs)
})
