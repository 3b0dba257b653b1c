// Runs through the service, as a page uses it: look, start, watch, pause, stop, go on, discard.
import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockRun } from '../../../src/engine/training/runLock.ts'
import { listAdapters } from '../../../src/engine/store/index.ts'
import { goldenPath } from '../../support/golden.ts'
import { removeFolder, scratch } from '../../support/tinyRun.ts'
import { mergedTypeSchema } from '../../../src/shared/contract/exporting.ts'
import type { RunPreview } from '../../../src/shared/contract/routes/runs.ts'
import { atStep, exportOf, exportsUntil, hasEnded, LONGER, openTrial, outcomeOf, previewOf, SETTINGS, startRun, watchUntil, type Page, type Trial } from './trial.ts'

const home = scratch()
let trial: Trial
/** The run that nobody disturbed, as a page saw it. */
let whole: Page
let wholeRun: string
beforeAll(async () => {
  trial = await openTrial(home)
  wholeRun = await startRun(trial)
  whole = await watchUntil(trial, wholeRun, hasEnded)
})
afterAll(async () => {
  await trial.service.dispose()
  removeFolder(home)
})

const folderOf = (run: string): string => join(trial.project, 'runs', run)
const lines = <Value>(path: string): Value[] => readFileSync(path, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line) as Value)
const rowOf = async (run: string) => (await trial.api.runs.list({ project: trial.project })).find(({ id }) => id === run)

/** A preview without what changes by itself: the memory that is free. */
const lasting = ({ memory, ...preview }: RunPreview) => ({ ...preview, memory: memory && { ...memory, availableBytes: 0 } })

describe('preview', () => {
  test('is what the run trains on: counts, steps, tokens, the first batch', async () => {
    const { preview, progress } = await previewOf(trial)
    const { view } = whole
    expect(preview.blocked).toBeNull()
    expect(progress[0]).toBe(0)
    expect(progress.at(-1)).toBe(1)
    expect(preview.trainedCounts).toEqual(view.trainedOn.counts)
    expect(preview).toMatchObject({ recipe: view.trainedOn.recipe, left: view.trainedOn.left, straddling: view.trainedOn.straddling })
    expect(preview.steps).toBe(view.metrics.length)
    const sum = (of: (line: (typeof view.metrics)[number]) => number): number => view.metrics.reduce((total, line) => total + of(line), 0)
    expect(preview.stepTokens).toEqual({ total: sum((line) => line.tokens), trained: sum((line) => line.trainedTokens) })
    const first = preview.firstBatch.flatMap(({ tokens }) => tokens)
    // What follows the last trained token of an example does not run.
    const running = preview.firstBatch.map(({ tokens }) => tokens.findLastIndex(({ ce, kind }) => ce > 0 || kind === 'observe'))
    expect(running.reduce((total, length) => total + length, 0)).toBe(view.metrics[0]!.tokens)
    expect(first.filter(({ ce }) => ce > 0)).toHaveLength(view.metrics[0]!.trainedTokens)
    // The exports say what the trainer read.
    const { path } = await exportOf(trial, { run: wholeRun, to: 'masked-jsonl' })
    const [batch] = lines<{ examples: string[] }>(join(path, 'batches.jsonl'))
    expect(preview.firstBatch.map(({ id }) => id)).toEqual(batch!.examples)
    const examples = lines<{ id: string; split: string; ids: number[]; weights: number[] }>(join(path, 'examples.jsonl'))
    for (const { id, tokens } of preview.firstBatch) {
      const example = examples.find((found) => found.id === id)!
      expect(tokens.map((token) => token.id)).toEqual(example.ids)
      expect(tokens.map((token) => token.ce)).toEqual(example.weights)
    }
    const side = (split: string) => examples.filter((example) => example.split === split)
    expect(preview.trajectories).toEqual({ train: side('train').length, heldout: side('heldout').length, rejected: 0 })
    expect(preview.tokens).toBe(side('train').reduce((total, { ids }) => total + ids.length, 0))
    expect(preview.heldoutTokens).toBe(side('heldout').reduce((total, { ids }) => total + ids.length, 0))
    expect(Object.values(preview.counts).reduce((total, count) => total + count, 0)).toBe(preview.tokens)
  })

  test('its tokens, put together, are the text', async () => {
    const { preview } = await previewOf(trial)
    for (const { tokens, task } of preview.firstBatch) {
      const text = tokens.map((token) => token.text).join('')
      expect(text).toContain('Thought: I look for the')
      expect(text).toContain(task)
      expect(tokens.filter(({ kind }) => kind === 'act').map((token) => token.text).join('')).toMatch(/Action: search\[/)
    }
  })

  test('other settings are answered from the same masks', async () => {
    const { preview } = await previewOf(trial)
    const other = await previewOf(trial, { settings: { ...SETTINGS, lr: 1, rank: 2, batchTokens: 800, heldout: 0.3 } })
    expect(other.preview.steps).toBeLessThan(preview.steps)
    expect(other.preview.trajectories.heldout).toBeGreaterThan(preview.trajectories.heldout)
    expect(other.preview.tokens + other.preview.heldoutTokens).toBe(preview.tokens + preview.heldoutTokens)
    expect(lasting((await previewOf(trial)).preview)).toEqual(lasting(preview))
  })

  test('a correction is seen', async () => {
    const { preview } = await previewOf(trial)
    const id = preview.firstBatch[0]!.trajectoryId
    const { api, project } = trial
    await api.trajectories.correct({ project, title: 'reject', reason: '', changes: [{ trajectoryId: id, change: { type: 'review', state: 'rejected' } }] })
    const after = (await previewOf(trial)).preview
    expect(after.trajectories).toEqual({ ...preview.trajectories, train: preview.trajectories.train - 1, rejected: 1 })
    expect(after.tokens).toBe(preview.tokens - preview.firstBatch[0]!.tokens.length)
    const why = { trajectoryId: id, why: 'rejected', reason: 'a reviewer rejected it', task: preview.firstBatch[0]!.task }
    expect(after.left).toEqual([why, ...preview.left])
    await api.trajectories.undo({ project })
    expect(lasting((await previewOf(trial)).preview)).toEqual(lasting(preview))
  })
})

describe('what cannot be started', () => {
  test.each([
    ['no trained token', { ...SETTINGS, context: 8, tooLong: 'drop' as const }, 'no-trained-tokens', /0 training examples.*left out/],
    ['too long', { ...SETTINGS, context: 60, tooLong: 'refuse' as const }, 'too-long', /: \d+ tokens/],
  ])('%s: the preview says why, and the start is refused with the same', async (_, settings, code, found) => {
    const { preview } = await previewOf(trial, { settings })
    expect(preview.blocked).toMatchObject({ code, found: expect.stringMatching(found), expected: expect.any(String), advice: expect.any(String) })
    expect(preview.left.length).toBeGreaterThan(0)
    const before = readdirSync(join(trial.project, 'runs'))
    await expect(startRun(trial, settings)).rejects.toMatchObject({ code: 'RETORT', data: preview.blocked })
    expect(readdirSync(join(trial.project, 'runs'))).toEqual(before)
  })

  test('a student that is not there, and one that cannot be trained', async () => {
    const missing = join(home, 'none.gguf')
    expect((await previewOf(trial, { student: missing })).preview.blocked).toMatchObject({ code: 'student-not-found', where: missing })
    const adapter = goldenPath('tiny/llama_tied.adapter.gguf')
    expect((await previewOf(trial, { student: adapter })).preview.blocked).toMatchObject({ where: adapter })
    await expect(startRun({ ...trial, student: adapter })).rejects.toMatchObject({ code: 'RETORT' })
  })

  test('after a refusal the place is free', async () => {
    const run = await startRun(trial, { maxSteps: 1 })
    expect((await watchUntil(trial, run, hasEnded)).view.row.state).toBe('finished')
  })
})

describe('watching', () => {
  test('an undisturbed run: every step, the curve, phases, memory, an estimate, and the summary', () => {
    const { view, events } = whole
    expect(view.row).toMatchObject({ state: 'finished', steps: { done: view.metrics.length, total: view.metrics.length }, error: null })
    expect(view.metrics.map(({ step }) => step)).toEqual(view.metrics.map((_, index) => index + 1))
    const steps = view.metrics.length
    const curve = [0, ...Array.from({ length: steps }, (_, i) => i + 1).filter((step) => step % 4 === 0 && step < steps), steps]
    expect(view.heldout.map(({ step }) => step)).toEqual(curve)
    expect(new Set(view.heldout.map(({ result }) => result.agent.tokens)).size).toBe(1)
    expect(view.heldout.every((point) => !point.whole)).toBe(true)
    expect(view.summary!.heldout!.detail.before.agent.tokens).toBeGreaterThan(view.heldout[0]!.result.agent.tokens)
    expect(view.row.heldout).toEqual({ first: view.summary!.heldout!.before, last: view.summary!.heldout!.after })
    const phases = new Set(events.flatMap((event) => (event.type === 'phase' ? [event.phase.phase] : [])))
    expect([...phases]).toEqual(['loading', 'heldout-before', 'training', 'heldout', 'saving', 'heldout-after'])
    const memory = events.flatMap((event) => (event.type === 'memory' ? [event.memory] : []))
    expect(memory[0]!.bytes).toBeGreaterThan(20_000_000)
    const estimates = events.flatMap((event) => (event.type === 'step' ? [event.etaSeconds] : []))
    expect(estimates.every((seconds) => seconds !== null && seconds > 0 && seconds < 600)).toBe(true)
    expect(existsSync(view.row.adapter!)).toBe(true)
  })

  test('two pages, one of which comes late, see the same steps without gap or repeat', async () => {
    const run = await startRun(trial, { seed: 6 })
    const early = watchUntil(trial, run, hasEnded)
    await watchUntil(trial, run, atStep(4))
    const late = watchUntil(trial, run, hasEnded)
    const pages = await Promise.all([early, late])
    const written = lines(join(folderOf(run), 'metrics.jsonl'))
    for (const { view } of pages) expect(view.metrics).toEqual(written)
    expect(pages[1].events[0]).toMatchObject({ type: 'view', view: { phase: expect.anything() } })
    // Steps and points that came one by one add up to what the last view says.
    const counted = pages[0].events.filter(({ type }) => type === 'step')
    expect(counted).toHaveLength(written.length)
  })

  test('a run that is not there is an error of the call', async () => {
    const { api, project } = trial
    for (const run of ['20260101-000000-0000', '../..']) {
      await expect(api.runs.watch({ project, run })).rejects.toMatchObject({ code: 'RETORT', data: { code: 'run-missing' } })
      await expect(api.runs.discard({ project, run })).rejects.toMatchObject({ code: 'RETORT', data: { code: 'run-missing' } })
    }
  })
})

describe('disturbing', () => {
  test('paused, stopped, and gone on with, a run ends as the undisturbed one: bit for bit', async () => {
    const { api, project } = trial
    const { trained } = (await previewOf(trial)).preview
    const expected = await startRun(trial, LONGER)
    expect((await watchUntil(trial, expected, hasEnded)).view.row.state).toBe('finished')

    const run = await startRun(trial, LONGER)
    const page = watchUntil(trial, run, ({ view }) => view.row.state === 'finished')
    await watchUntil(trial, run, atStep(3))
    expect(await api.runs.pause({ project, run })).toMatchObject({ id: run, state: 'paused' })
    expect((await rowOf(run))!.state).toBe('paused')
    const still = (await watchUntil(trial, run, () => true)).view.metrics.length
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect((await watchUntil(trial, run, () => true)).view.metrics).toHaveLength(still)
    expect(await api.runs.unpause({ project, run })).toMatchObject({ state: 'training' })
    await watchUntil(trial, run, atStep(9))
    const stopped = await api.runs.stop({ project, run })
    expect(stopped).toMatchObject({ state: 'stopped', adapter: expect.stringContaining(run), error: null })
    expect(stopped.steps.done).toBeLessThan(stopped.steps.total)
    await expect(api.runs.pause({ project, run })).rejects.toMatchObject({ data: { code: 'run-elsewhere' } })
    expect(await api.runs.resume({ project, run })).toMatchObject({ state: 'training' })
    const { view } = await page
    expect(view.metrics).toHaveLength(stopped.steps.total)
    expect(outcomeOf(project, run)).toEqual(outcomeOf(project, expected))
    expect(trained).toBeGreaterThan(0)
    await expect(api.runs.resume({ project, run })).rejects.toMatchObject({ data: { code: 'run-finished' } })
  })

  test('one training at a time: the second is refused, naming the first, which goes on', async () => {
    const { api, project } = trial
    const run = await startRun(trial, LONGER)
    await expect(startRun(trial)).rejects.toMatchObject({ code: 'RETORT', data: { code: 'run-busy', found: `run ${run}` } })
    await expect(api.runs.resume({ project, run: wholeRun })).rejects.toMatchObject({ data: { code: 'run-finished' } })
    expect((await api.runs.stop({ project, run })).state).toBe('stopped')
  })

  test('two starts at once: one is refused while the other is still prepared', async () => {
    const both = await Promise.allSettled([startRun(trial, { maxSteps: 2 }), startRun(trial, { maxSteps: 2 })])
    const made = both.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(made).toHaveLength(1)
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { data: { code: 'run-busy' } } })
    await watchUntil(trial, made[0]!, hasEnded)
  })

  test('discarded while it trains: its files, its row and its adapter are gone, and those who watch hear the end', async () => {
    const { api, project, service } = trial
    const run = await startRun(trial)
    const events: string[] = []
    const watching = (async () => {
      for await (const event of await api.runs.watch({ project, run })) events.push(event.type)
    })()
    await watchUntil(trial, run, atStep(5))
    expect(await api.runs.discard({ project, run })).toEqual({ run })
    await watching
    expect(events).toContain('step')
    expect(events).not.toContain('failed')
    expect(await rowOf(run)).toBeUndefined()
    expect(readdirSync(join(project, 'runs')).filter((name) => name.includes(run))).toEqual([])
    expect(listAdapters(service.world.projects.get(project).store).map(({ runId }) => runId)).not.toContain(run)
  })

  test('discarded at rest; refused while another process trains it', async () => {
    const { api, project, service } = trial
    const run = await startRun(trial, { maxSteps: 1 })
    await watchUntil(trial, run, hasEnded)
    expect(listAdapters(service.world.projects.get(project).store).map(({ runId }) => runId)).toContain(run)
    const lock = await lockRun(folderOf(run), { patienceMs: 0, onWait: () => {}, proceed: async () => 'go' })
    await expect(api.runs.discard({ project, run })).rejects.toMatchObject({ data: { code: 'run-busy' } })
    expect(existsSync(folderOf(run))).toBe(true)
    lock.release()
    await api.runs.discard({ project, run })
    expect(existsSync(folderOf(run))).toBe(false)
    expect(listAdapters(service.world.projects.get(project).store).map(({ runId }) => runId)).not.toContain(run)
  })

  test('a run whose folder is gone is still listed and can be discarded', async () => {
    const { api, project } = trial
    const run = await startRun(trial, { maxSteps: 1 })
    await watchUntil(trial, run, hasEnded)
    renameSync(folderOf(run), join(home, 'elsewhere'))
    expect(await rowOf(run)).toMatchObject({ state: 'finished', adapter: null })
    await api.runs.discard({ project, run })
    expect(await rowOf(run)).toBeUndefined()
  })
})

test('exports are made in the project and listed, newest first', async () => {
  const { api, project } = trial
  const report = await exportOf(trial, { run: wholeRun, to: 'gguf-lora' })
  expect(report.files).toEqual([{ path: join(project, 'exports', `${wholeRun}.gguf`), bytes: expect.any(Number) }])
  const exports = await api.runs.exports({ project })
  expect(exports[0]).toMatchObject({ name: `${wholeRun}.gguf`, bytes: report.files[0]!.bytes })
  expect(exports.map(({ name }) => name)).toContain(`${wholeRun}-masked-jsonl`)
})

test('merged files go on without a page, one after the other; their sizes are known before', async () => {
  const { api, project } = trial
  const { sizes, steps, usual, freeBytes } = await api.runs.exporting.sizes({ project, run: wholeRun })
  expect(sizes.map(({ type }) => type)).toEqual(mergedTypeSchema.options)
  expect([usual, Object.keys(steps).includes(usual), freeBytes > 0]).toEqual(['last', true, true])
  const { id } = await api.runs.exporting.start({ project, run: wholeRun, to: 'merged-gguf', type: 'Q8_0' })
  const behind = await api.runs.exporting.start({ project, run: wholeRun, to: 'merged-gguf', type: 'F32' })
  await api.runs.exporting.cancel({ project, id: behind.id })
  const jobs = await exportsUntil(trial, (known) => known.some((job) => job.id === id && job.state.type === 'done'))
  expect(jobs.map((job) => job.id)).not.toContain(behind.id)
  const job = jobs.find((known) => known.id === id)!
  if (job.state.type !== 'done') throw new Error(job.state.type)
  const { report } = job.state
  const estimate = sizes.find(({ type }) => type === 'Q8_0')!
  expect([job.path, job.type, report.merged?.type, report.merged?.tensors]).toEqual([report.path, 'Q8_0', 'Q8_0', estimate.tensors])
  const more = report.files[0]!.bytes - estimate.bytes
  expect([more >= 0, more < 1500]).toEqual([true, true])
  expect((await api.runs.exports({ project })).map(({ name }) => name).filter((name) => name.includes('merged'))).toEqual([`${wholeRun}-merged-Q8_0.gguf`])
  await api.runs.exporting.dismiss({ project, id })
  expect((await exportsUntil(trial, () => true)).map((known) => known.id)).not.toContain(id)
  await expect(api.runs.exporting.start({ project, run: '../runs', to: 'peft' })).rejects.toMatchObject({ code: 'RETORT' })
})

test('an export that cannot be made says why, until that is put away', async () => {
  const { api, project } = trial
  const { id } = await api.runs.exporting.start({ project, run: wholeRun, to: 'merged-gguf', student: goldenPath('tiny/qwen2.gguf') })
  const [job] = (await exportsUntil(trial, (jobs) => jobs.some((known) => known.id === id && known.state.type === 'failed'))).filter((known) => known.id === id)
  expect(job?.state).toMatchObject({ type: 'failed', error: { code: 'student-changed' } })
  await api.runs.exporting.dismiss({ project, id })
  expect((await exportsUntil(trial, () => true)).map((known) => known.id)).not.toContain(id)
})
