// Mounts the Train screen in the frame's place, before an engine that a test makes by hand.
import { DOMWrapper } from '@vue/test-utils'
import { vi } from 'vitest'
import { h, provide, shallowRef } from 'vue'
import type { Bridge } from '../../../src/renderer/bridge/index.ts'
import { createPicker, pickerKey } from '../../../src/renderer/components/picker.ts'
import TrainingBadge from '../../../src/renderer/train/TrainingBadge.vue'
import TrainScreen from '../../../src/renderer/train/TrainScreen.vue'
import type { RunEvent, RunPreview, RunRow } from '../../../src/shared/contract/routes/runs.ts'
import type { Plan } from '../../../src/shared/records/plan.ts'
import type { TrainSettings } from '../../../src/shared/records/run.ts'
import { mountFrame } from '../mountFrame.ts'
import { DEFAULTS } from './fixtures.ts'

type Wanted = { student: string; settings: Partial<TrainSettings>; plan?: Plan }
type Named = { project: string; run: string }
export type FakeRuns = {
  rows?: RunRow[]
  /** Events of each run, from the beginning. */
  watch?: Record<string, RunEvent[]>
  /** Saved plans; a plan's file has its name. */
  plans?: Plan[]
  preview?: (input: Wanted) => RunPreview
  start?: (input: Wanted) => Promise<{ run: string }>
  pause?: (input: Named) => Promise<RunRow>
  resume?: (input: Named) => Promise<RunRow>
  discard?: (input: Named) => Promise<{ run: string }>
}

const STUDENT = {
  path: '/models/tiny.gguf', name: 'Tiny', bytes: 1e6, origin: 'folder', architecture: 'llama', parameters: 1e6, quantisation: 'F32', layers: 1, width: 8,
  vocabulary: 300, context: 2048, chatTemplate: true, licence: null, notTrainable: null, broken: null,
}
const PROJECT = { folder: '/project', name: 'Project' }

/** A stream that a test feeds; it ends with its signal. */
function streams() {
  const open = new Map<string, Set<(event: RunEvent) => void>>()
  return {
    send: (run: string, event: RunEvent) => open.get(run)?.forEach((take) => take(event)),
    async *watch(run: string, first: readonly RunEvent[], signal: AbortSignal): AsyncGenerator<RunEvent> {
      const waiting = structuredClone([...first])
      let wake: () => void = () => {}
      const take = (event: RunEvent): void => {
        waiting.push(structuredClone(event))
        wake()
      }
      open.set(run, (open.get(run) ?? new Set()).add(take))
      signal.addEventListener('abort', () => wake())
      while (!signal.aborted) {
        const event = waiting.shift()
        if (event) yield event
        else await new Promise<void>((resolve) => (wake = resolve))
      }
      open.get(run)?.delete(take)
    },
  }
}

export async function mountTrain(fake: FakeRuns, path: string) {
  const feed = streams()
  async function* preview(input: Wanted) {
    yield { type: 'progress', done: 0, total: 1 }
    if (fake.preview) yield { type: 'preview', preview: fake.preview(input) }
  }
  async function* silent(signal: AbortSignal): AsyncGenerator<never> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
  type Call = { signal: AbortSignal }
  let jobs: object[] = []
  const tellers = new Set<() => void>()
  async function* exportsOf(signal: AbortSignal): AsyncGenerator<{ jobs: object[] }> {
    while (!signal.aborted) {
      yield { jobs }
      await new Promise<void>((resolve) => {
        tellers.add(resolve)
        signal.addEventListener('abort', () => resolve())
      })
    }
  }
  const api = {
    app: { folder: async () => ({ entries: [] }), providers: { examine: async () => ({ fastest: 'cpu', providers: [] }) }, info: async () => ({}), settings: { get: async () => ({ project: '/project', keys: {} }) }, events: async (_: unknown, { signal }: Call) => silent(signal) },
    projects: { open: async () => PROJECT, info: async () => PROJECT, sample: async () => PROJECT },
    curriculum: {
      plans: {
        list: async () => (fake.plans ?? []).map(({ name, stages }) => ({ id: name, name, stages: stages.length, modified: '2026-01-01T10:00:00.000Z', problem: null })),
        load: async ({ id }: { id: string }) => ({ id, plan: fake.plans?.find(({ name }) => name === id), revision: 'r' }),
      },
    },
    teachers: { list: async () => [], watch: async (_: unknown, { signal }: Call) => silent(signal) },
    models: { list: async () => ({ models: [STUDENT], adapters: [], folders: [] }) },
    runs: {
      defaults: async () => DEFAULTS,
      list: async () => fake.rows ?? [],
      preview: async (input: Wanted) => preview(input),
      start: fake.start,
      pause: fake.pause,
      resume: fake.resume,
      discard: fake.discard,
      watch: async ({ run }: Named, { signal }: Call) => feed.watch(run, fake.watch?.[run] ?? [], signal),
      exporting: {
        start: async ({ run, to }: Named & { to: string }) => {
          const report = { run, which: 'last', step: 1, to, path: `/exports/${run}-${to}`, files: [{ path: 'a', bytes: 12 }] }
          jobs = [...jobs, { id: 'e', run, to, path: report.path, seconds: 1, state: { type: 'done', report } }]
          for (const tell of tellers) tell()
          return { id: 'e' }
        },
        watch: async (_: unknown, { signal }: Call) => exportsOf(signal),
      },
    },
  }
  const epoch = shallowRef(1)
  const bridge = { api, epoch, state: shallowRef({ type: 'ready' }), shell: null, dispose: () => {} } as unknown as Bridge
  const routes = [
    { path: '/train', name: 'train', component: TrainScreen },
    { path: '/train/:run', name: 'run', component: TrainScreen, props: true },
    { path: '/:rest(.*)*', name: 'rest', component: { render: () => null } },
    { path: '/trajectories/:id', name: 'trajectory', component: { render: () => null } },
    { path: '/chat', name: 'chat', component: { render: () => null } },
    { path: '/curriculum', name: 'curriculum', component: { render: () => null } },
    { path: '/models', name: 'models', component: { render: () => null } },
  ]
  const { wrapper, router, registry } = await mountFrame({ bridge, routes, path, setup: () => provide(pickerKey, createPicker(null)), beside: () => h(TrainingBadge, { collapsed: false }) })
  const all = (id: string) => [...document.body.querySelectorAll(`[data-testid="${id}"]`)].map((element) => new DOMWrapper(element))
  return {
    fake,
    send: (run: string, event: RunEvent): void => feed.send(run, event),
    all,
    has: (id: string): boolean => all(id).length > 0,
    find: (id: string): DOMWrapper<Element> => {
      const [found] = all(id)
      if (!found) throw new Error(`nothing has the test id ${id}`)
      return found
    },
    /** By a test id and a selector below it. */
    findAll: (below: string) => {
      const [id, ...rest] = below.split(' ')
      return [...document.body.querySelectorAll(`[data-testid="${id}"] ${rest.join(' ')}`)].map((element) => new DOMWrapper(element))
    },
    text: (): string => document.body.textContent ?? '',
    path: (): string => router.currentRoute.value.path,
    key: (key: string): boolean => registry.press(new KeyboardEvent('keydown', { key })),
    /** As after the engine was started again. */
    reconnect: (): void => void (epoch.value += 1),
    exportTo: async (to: string): Promise<void> => {
      const [button] = all('run-export')
      await button?.trigger('click')
      await vi.waitFor(() => {
        if (!all(`export-${to}`)[0]) throw new Error(`the menu of exports has no ${to}`)
      }, { timeout: 15_000 })
      await all(`export-${to}`)[0]!.trigger('click')
    },
    unmount: (): void => wrapper.unmount(),
  }
}
