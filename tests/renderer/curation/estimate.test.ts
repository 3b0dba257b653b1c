// The estimate of a judge: it holds the judge, so it ends where nobody waits for it any more, and that is no error.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { defineComponent, nextTick, shallowRef } from 'vue'
import type { Bridge } from '../../../src/renderer/bridge/index.ts'
import { type CurationDesk, useCuration } from '../../../src/renderer/curation/useCuration.ts'
import type { JudgeEstimate } from '../../../src/shared/contract/curating.ts'
import { mountFrame } from '../mountFrame.ts'

const PROJECT = { folder: '/project', name: 'Project' }
type Asked = { readonly signal: AbortSignal; readonly answer: (found: JudgeEstimate) => void }
let asked: Asked[] = []
let desk: CurationDesk
let unmount = (): void => {}

beforeEach(async () => {
  asked = []
  const silent = async (_: unknown, { signal }: { signal: AbortSignal }) =>
    (async function* () {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })()
  const api = {
    app: { info: async () => ({}), settings: { get: async () => ({ project: PROJECT.folder }) }, events: silent },
    projects: { open: async () => PROJECT, info: async () => PROJECT },
    curation: {
      watch: silent,
      latest: async () => ({ curation: null }),
      estimate: (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((answer, refuse) => {
          asked.push({ signal, answer })
          signal.addEventListener('abort', () => refuse(signal.reason as Error))
        }),
    },
  }
  const bridge = { api, epoch: shallowRef(1), state: shallowRef({ type: 'ready' }), shell: null, dispose: () => {} } as unknown as Bridge
  let made: CurationDesk | null = null
  const component = defineComponent({
    setup() {
      made = useCuration()
      return () => null
    },
  })
  const { wrapper } = await mountFrame({ bridge, routes: [{ path: '/', component }], path: '/' })
  unmount = () => wrapper.unmount()
  await vi.waitFor(() => {
    if (!made) throw new Error('no desk')
  }, { timeout: 15_000 })
  desk = made!
})
afterEach(() => {
  unmount()
  localStorage.clear()
})

const found = { requests: 3 } as JudgeEstimate

test('another one, another setting, and leaving end it without an error; the newest is shown', async () => {
  const first = desk.estimate.run()
  const second = desk.estimate.run()
  await first
  expect([asked.map(({ signal }) => signal.aborted), desk.estimate.busy.value]).toEqual([[true, false], true])
  asked[1]!.answer(found)
  await second
  expect([desk.estimated.value, desk.estimate.error.value, desk.estimate.busy.value]).toEqual([found, null, false])

  const third = desk.estimate.run()
  desk.change({ student: '/other.gguf' })
  expect(asked[2]!.signal.aborted).toBe(true)
  await third
  await nextTick()
  expect([desk.estimated.value, desk.estimate.error.value, desk.estimate.busy.value]).toEqual([null, null, false])

  // What is there now is not what it was of.
  const fourth = desk.estimate.run()
  desk.latest.data.value = { curation: { id: 'next' } } as typeof desk.latest.data.value
  expect(asked[3]!.signal.aborted).toBe(true)
  await fourth

  const fifth = desk.estimate.run()
  unmount()
  expect(asked[4]!.signal.aborted).toBe(true)
  await fifth
  expect(desk.estimate.error.value).toBeNull()
})
