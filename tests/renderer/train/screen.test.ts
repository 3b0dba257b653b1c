// The Train screen against an engine made by hand: mask first, start, watch, pause, discard.
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RunEvent, RunPreview } from '../../../src/shared/contract/routes/runs.ts'
import { planSchema } from '../../../src/shared/records/plan.ts'
import { pointOf, rowOf, stepOf, viewOf } from './fixtures.ts'
import { mountTrain, type FakeRuns } from './mountTrain.ts'

const preview = (change: Partial<RunPreview> = {}): RunPreview => ({
  settings: rowOf().settings,
  recipe: 'plain SFT',
  trajectories: { train: 2, heldout: 1, rejected: 1 },
  left: [{ trajectoryId: 't9', reason: 'a reviewer rejected it', why: 'rejected', task: 'the ninth task' }],
  tokens: 100,
  counts: { reason: 60, observe: 40 },
  trainedCounts: { reason: 60 },
  trained: 60,
  straddling: 0,
  heldoutTokens: 20,
  steps: 4,
  stepTokens: { total: 100, trained: 60 },
  memory: { base: 'quantised', bytes: 1.234e9, recomputedBytes: 1e9, passTokens: 256, availableBytes: 8e9, of: 'machine' },
  firstBatch: [
    {
      id: 't1', trajectoryId: 't1', task: 'a task',
      tokens: [
        { id: 1, text: 'user', kind: 'context', step: -1, ce: 0, kl: 0 },
        { id: 2, text: 'think', kind: 'reason', step: 0, ce: 1.5, kl: 0 },
      ],
    },
  ],
  blocked: null,
  ...change,
})

/** A machine that also does other work may take its time. */
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })

let mounted: Awaited<ReturnType<typeof mountTrain>> | null = null
const mount = async (fake: FakeRuns, path = '/train') => (mounted = await mountTrain(fake, path))
/** The page asks nobody but the engine, not even for an icon. Icons look for it when they are first imported. */
const asked = vi.hoisted(() => {
  const fetch = vi.fn((what: unknown) => Promise.reject(new Error(`no network for ${String(what)}`)))
  vi.stubGlobal('fetch', fetch)
  return fetch
})
afterEach(() => {
  mounted?.unmount()
  mounted = null
  localStorage.clear()
  expect(asked.mock.calls).toEqual([])
})

describe('a new run', () => {
  test('shows the mask, then can be started with what the form says', async () => {
    const start = vi.fn(async () => ({ run: 'made' }))
    const page = await mount({ preview: () => preview(), start })
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
    expect(page.find('mask-trained').text()).toContain('60')
    expect(page.find('mask-left').text()).toContain('of 4 trajectories; rejected by a reviewer: 1')
    expect(page.find('left-rejected').text()).toContain('the ninth task')
    expect(page.find('run-cost').text()).toContain('Held-out: 1 trajectory, 20 tokens, measured before and after.')
    expect(page.find('run-cost').text()).toContain('measured after the first steps')
    expect(page.find('run-cost').text()).toContain('At most about 1.23 GB of memory, of 8.00 GB that are free; weights: Quantised.')
    expect(page.find('student').element.closest('label')?.textContent).toContain('tiny')
    expect(page.findAll('tokens [data-weight="1.5"]').map((token) => token.text())).toEqual(['think'])
    expect(page.find('start-promise').text()).toContain('60 tokens in 4 steps')
    await page.find('setting-maxSteps').setValue('7')
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
    await page.find('run-start').trigger('click')
    await soon(() => expect(page.path()).toBe('/train/made'))
    expect(start).toHaveBeenCalledWith(expect.objectContaining({ student: '/models/tiny.gguf', settings: expect.objectContaining({ maxSteps: 7, recipe: 'sad' }) }))
  })
  test('by a saved plan is looked at and started with it', async () => {
    const plan = planSchema.parse({ version: 1, name: 'mine', stages: [{ name: 'easy' }, { name: 'hard' }] })
    const start = vi.fn(async () => ({ run: 'made' }))
    const looked = vi.fn(() => preview())
    const page = await mount({ plans: [plan], preview: looked, start }, '/train?new=1&plan=mine')
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
    expect(page.find('run-plan').text()).toContain('mine (2 stages)')
    expect(looked).toHaveBeenCalledWith(expect.objectContaining({ plan }))
    await page.find('run-start').trigger('click')
    await soon(() => expect(start).toHaveBeenCalledWith(expect.objectContaining({ plan })))
  })
  test('is refused with the reason when no token would be trained', async () => {
    const blocked = { code: 'no-trained-tokens', message: 'no token has a loss weight', found: '0 of 100 tokens' }
    const page = await mount({ preview: () => preview({ trained: 0, trainedCounts: {}, stepTokens: { total: 100, trained: 0 }, blocked }) })
    await soon(() => expect(page.find('mask-blocked').text()).toContain('0 of 100 tokens'))
    expect(page.find('run-start').attributes('disabled')).toBeDefined()
    expect(page.find('start-promise').text()).toBe('no token has a loss weight')
  })
  test('is refused at 0 trained tokens even when the engine gives no reason', async () => {
    const page = await mount({ preview: () => preview({ trained: 0, trainedCounts: {} }) })
    await soon(() => expect(page.find('start-promise').text()).toContain('Not a single token'))
    expect(page.find('run-start').attributes('disabled')).toBeDefined()
  })
  test('waits while a setting is wrong, and says what is wrong with it', async () => {
    const page = await mount({ preview: () => preview() })
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
    await page.find('setting-rank').setValue('4096')
    expect(page.find('run-start').attributes('disabled')).toBeDefined()
    expect(page.text()).toContain('Must be 1024 or less')
    expect(page.find('mask-stale').text()).toContain('last valid settings')
    expect(page.find('start-promise').text()).toContain('LoRA rank: must be 1024 or less.')
    expect(page.find('mask-stale').text()).toContain('LoRA rank: must be 1024 or less.')
    expect(page.find('go-to-setting').exists()).toBe(true)
    await page.find('reset-rank').trigger('click')
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
  })
  test('warns of an unlikely setting, and can be started with it all the same', async () => {
    const page = await mount({ preview: () => preview() })
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
    // Four steps, all of them warm-up by default.
    await soon(() => expect(page.find('more-unlikely').text()).toBe('1 unlikely'))
    await page.find('more-settings').trigger('click')
    await soon(() => expect(page.find('warning-warmupSteps').text()).toContain('All 4 steps'))
    await page.find('setting-lr').setValue('2')
    await soon(() => expect(page.find('warning-lr').text()).toContain('above 0.005'))
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
  })
  test('gives way to the run that trains, and masks nothing, unless it is asked for', async () => {
    const row = rowOf({ id: 'r1' })
    const looked = vi.fn(() => preview())
    const page = await mount({ rows: [row], watch: { r1: [{ type: 'view', view: viewOf({ row }) }] }, preview: looked })
    await soon(() => expect(page.path()).toBe('/train/r1'))
    expect(looked).not.toHaveBeenCalled()
    await page.find('new-run').trigger('click')
    await soon(() => expect(page.has('run-start')).toBe(true))
    expect(page.path()).toBe('/train')
  })
  test('leaves long examples out at a click, and looks again', async () => {
    const asked: unknown[] = []
    const page = await mount({
      preview: ({ settings }) => {
        asked.push(settings.tooLong)
        return settings.tooLong === 'drop' ? preview() : preview({ blocked: { code: 'too-long', message: '3 examples are longer', advice: '--too-long drop' } })
      },
    })
    await soon(() => expect(page.has('too-long-drop')).toBe(true))
    expect(page.text()).not.toContain('--too-long')
    await page.find('too-long-drop').trigger('click')
    await soon(() => expect(page.find('run-start').attributes('disabled')).toBeUndefined())
    expect(asked).toEqual(['refuse', 'drop'])
  })
})

describe('a run', () => {
  const live = rowOf({ id: 'r1', steps: { done: 1, total: 20 }, loss: { first: 2, last: 2 } })
  const view: RunEvent = { type: 'view', view: viewOf({ row: live, metrics: [stepOf(1)], heldout: [pointOf(0, 3)] }) }

  test('that trains is shown as it goes, in its pane, in the list and on the badge', async () => {
    const page = await mount({ rows: [live], watch: { r1: [view] } }, '/train/r1')
    await soon(() => expect(page.find('run-steps').text()).toBe('step 1 of 20'))
    page.send('r1', { type: 'step', metrics: stepOf(2), row: { ...live, steps: { done: 2, total: 20 } }, etaSeconds: 75 })
    await soon(() => expect(page.find('run-steps').text()).toBe('step 2 of 20'))
    expect(page.find('figure-eta').text()).toContain('1 min 15 s')
    expect(page.find('run-row').text()).toContain('step 2 of 20')
    expect(page.find('training-badge').text()).toContain('2 / 20')
  })
  test('is watched again after the connection was lost, and shows what came meanwhile', async () => {
    const page = await mount({ rows: [live], watch: { r1: [view] } }, '/train/r1')
    await soon(() => expect(page.find('run-steps').text()).toBe('step 1 of 20'))
    const later = { ...live, steps: { done: 9, total: 20 } }
    page.fake.watch = { r1: [{ type: 'view', view: viewOf({ row: later, metrics: Array.from({ length: 9 }, (_, at) => stepOf(at + 1)) }) }] }
    page.reconnect()
    await soon(() => expect(page.find('run-steps').text()).toBe('step 9 of 20'))
  })
  test('is paused by its button and by its key, and says so only when it is', async () => {
    const pause = vi.fn(async () => live)
    const page = await mount({ rows: [live], watch: { r1: [view] }, pause }, '/train/r1')
    await soon(() => expect(page.has('run-pause')).toBe(true))
    page.key('p')
    await soon(() => expect(pause).toHaveBeenCalledTimes(1))
    expect(page.find('run-state').attributes('data-state')).toBe('training')
    page.send('r1', { type: 'state', row: { ...live, state: 'paused' } })
    await soon(() => expect(page.has('run-unpause')).toBe(true))
    expect(page.has('run-pause')).toBe(false)
  })
  test('that is paused says where it was', async () => {
    const row = { ...live, state: 'paused' as const }
    const page = await mount({ rows: [row], watch: { r1: [{ type: 'view', view: viewOf({ row, phase: { phase: 'heldout-before', done: 30, total: 72 } }) }] } }, '/train/r1')
    await soon(() => expect(page.find('run-phase').text()).toBe('Paused at: Measuring held-out before the first step: 30 of 72'))
    expect(page.has('paused-hint')).toBe(true)
  })
  test('that failed shows why with its parts, and offers to go on', async () => {
    const row = rowOf({ id: 'r1', state: 'failed', error: 'the trainer died' })
    const page = await mount({ rows: [row], watch: { r1: [view, { type: 'failed', row, error: { code: 'trainer-died', message: 'the trainer died', found: 'signal SIGKILL' } }] } }, '/train/r1')
    await soon(() => expect(page.text()).toContain('signal SIGKILL'))
    expect(page.has('run-resume')).toBe(true)
    expect(page.find('run-hint').text()).toContain('Its trainer died')
    expect(page.has('run-pause')).toBe(false)
  })
  test('that was interrupted says why, and goes on from its checkpoint', async () => {
    const row = rowOf({ id: 'r1', state: 'interrupted', steps: { done: 13, total: 20 } })
    const resume = vi.fn(async () => row)
    const page = await mount({ rows: [row], watch: { r1: [{ type: 'view', view: viewOf({ row }) }] }, resume }, '/train/r1')
    await soon(() => expect(page.find('run-hint').text()).toContain('13 of 20'))
    await page.find('run-resume').trigger('click')
    await soon(() => expect(resume).toHaveBeenCalledWith(expect.objectContaining({ run: 'r1' })))
  })
  test('is discarded only after what is lost was said', async () => {
    const row = rowOf({ id: 'r1', state: 'stopped', steps: { done: 13, total: 20 }, trainedTokens: 5200, adapter: '/runs/r1/adapter.gguf' })
    const discard = vi.fn(async () => ({ run: 'r1' }))
    const page = await mount({ rows: [row], watch: { r1: [{ type: 'view', view: viewOf({ row }) }] }, discard }, '/train/r1')
    await soon(() => expect(page.has('run-discard')).toBe(true))
    await page.find('run-discard').trigger('click')
    await soon(() => expect(page.find('discard-lost').text()).toContain('13 of 20 steps, with 5,200 trained tokens'))
    expect(page.find('discard-lost').text()).toContain('/runs/r1/adapter.gguf')
    expect(discard).not.toHaveBeenCalled()
    await page.find('discard-confirm').trigger('click')
    await soon(() => expect(page.path()).toBe('/train'))
    expect(discard).toHaveBeenCalledTimes(1)
  })
  test('is exported, and the path stays on the screen', async () => {
    const row = rowOf({ id: 'r1', state: 'finished', adapter: '/a.gguf' })
    const page = await mount({ rows: [row], watch: { r1: [{ type: 'view', view: viewOf({ row }) }] } }, '/train/r1')
    await soon(() => expect(page.has('run-export')).toBe(true))
    await page.exportTo('peft')
    await soon(() => expect(page.find('export-path').text()).toBe('/exports/r1-peft'))
  })
  test('beside another one is a line of its own, and their differing settings are listed', async () => {
    const other = rowOf({ id: 'r2', state: 'finished', settings: { ...live.settings, lr: 0.01 } })
    const page = await mount({ rows: [live, other], watch: { r1: [view], r2: [{ type: 'view', view: viewOf({ row: other, metrics: [stepOf(1)] }) }] } }, '/train/r1')
    await soon(() => expect(page.all('run-compare')).toHaveLength(2))
    await page.all('run-compare')[1]!.trigger('click')
    await soon(() => expect(page.find('compare-table').text()).toContain('0.01'))
    expect(page.all('run-compare')).toHaveLength(2)
  })
})
