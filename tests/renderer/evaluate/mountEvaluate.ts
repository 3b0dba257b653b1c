// Mounts the Evaluate screen in the frame's place, before an engine that a test makes by hand.
import { DOMWrapper } from '@vue/test-utils'
import { shallowRef } from 'vue'
import type { RouteRecordRaw } from 'vue-router'
import type { Bridge } from '../../../src/renderer/bridge/index.ts'
import EvaluateScreen from '../../../src/renderer/evaluate/EvaluateScreen.vue'
import type { DamagedRecords } from '../../../src/shared/contract/damaged.ts'
import type { LadderForecast, SuiteInfo } from '../../../src/shared/contract/evaluating.ts'
import type { Ladder } from '../../../src/shared/records/ladder.ts'
import { mountFrame } from '../mountFrame.ts'

export type FakeLadders = {
  ladders?: Ladder[]
  suites?: SuiteInfo[]
  models?: object[]
  providers?: object[]
  forecast?: LadderForecast
  damaged?: Partial<DamagedRecords>
  start?: (input: object) => Promise<{ id: string }>
  resume?: (input: object) => Promise<{ id: string }>
}

const PROJECT = { folder: '/project', name: 'Project' }

export async function mountEvaluate(fake: FakeLadders, path: string) {
  type Call = { signal: AbortSignal }
  async function* silent(signal: AbortSignal): AsyncGenerator<never> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
  const watch = async (_: unknown, { signal }: Call) => silent(signal)
  const api = {
    app: { info: async () => ({}), settings: { get: async () => ({ project: PROJECT.folder, keys: {} }) }, events: watch },
    projects: { open: async () => PROJECT, info: async () => PROJECT, sample: async () => PROJECT, damaged: async () => ({ evaluations: [], ladders: [], batches: [], ...fake.damaged }) },
    models: { list: async () => ({ models: fake.models ?? [], adapters: [], folders: [] }) },
    chat: { providers: { list: async () => fake.providers ?? [] } },
    evaluations: {
      suites: async () => fake.suites ?? [],
      list: async () => [],
      watch,
      ladders: {
        list: async () => fake.ladders ?? [],
        read: async ({ id }: { id: string }) => fake.ladders?.find((one) => one.id === id),
        watch,
        forecast: async () => fake.forecast ?? null,
        start: fake.start,
        resume: fake.resume,
      },
    },
  }
  const bridge = { api, epoch: shallowRef(1), state: shallowRef({ type: 'ready' }), shell: null, dispose: () => {} } as unknown as Bridge
  const routes: RouteRecordRaw[] = [
    { path: '/evaluate', name: 'evaluate', component: EvaluateScreen },
    { path: '/evaluate/ladder/:id', name: 'ladder', component: EvaluateScreen, props: ({ params }) => ({ id: params['id'], ladder: true }) },
    { path: '/evaluate/:id', name: 'evaluation', component: EvaluateScreen, props: true },
    { path: '/settings', name: 'settings', component: { render: () => null } },
    { path: '/models', name: 'models', component: { render: () => null } },
  ]
  const { wrapper, router } = await mountFrame({ bridge, routes, path })
  const all = (id: string) => [...document.body.querySelectorAll(`[data-testid="${id}"]`)].map((element) => new DOMWrapper(element))
  return {
    all,
    has: (id: string): boolean => all(id).length > 0,
    find: (id: string): DOMWrapper<Element> => {
      const [found] = all(id)
      if (!found) throw new Error(`nothing has the test id ${id}`)
      return found
    },
    text: (): string => document.body.textContent ?? '',
    path: (): string => router.currentRoute.value.path,
    unmount: (): void => wrapper.unmount(),
  }
}
