// Records that cannot be read are asked for again with the list beside them: a repaired one does not stay.
import { afterEach, expect, test, vi } from 'vitest'
import { h, shallowRef } from 'vue'
import type { Bridge } from '../../../src/renderer/bridge/index.ts'
import DamagedRows from '../../../src/renderer/components/DamagedRows.vue'
import { mountFrame } from '../mountFrame.ts'

const PROJECT = { folder: '/project', name: 'Project' }
let unmount = (): void => {}
afterEach(() => unmount())

test('a record that was repaired is gone with the next answer of the list; the first answer asks nothing twice', async () => {
  let batches = [{ id: 'a', problem: 'no JSON' }]
  const damaged = vi.fn(async () => ({ evaluations: [], ladders: [], batches }))
  const silent = async (_: unknown, { signal }: { signal: AbortSignal }) =>
    (async function* () {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
    })()
  const api = {
    app: { info: async () => ({}), settings: { get: async () => ({ project: PROJECT.folder }) }, events: silent },
    projects: { open: async () => PROJECT, info: async () => PROJECT, damaged },
  }
  const bridge = { api, epoch: shallowRef(1), state: shallowRef({ type: 'ready' }), shell: null, dispose: () => {} } as unknown as Bridge
  const beside = shallowRef<readonly unknown[] | null>(null)
  const { wrapper } = await mountFrame({ bridge, routes: [{ path: '/', component: { render: () => h(DamagedRows, { kind: 'batches', beside: beside.value }) } }], path: '/' })
  unmount = () => wrapper.unmount()
  const rows = (): number => document.body.querySelectorAll('[data-testid=damaged-row]').length
  await vi.waitFor(() => expect(rows()).toBe(1), { timeout: 15_000 })
  beside.value = []
  await wrapper.vm.$nextTick()
  expect(damaged).toHaveBeenCalledTimes(1)
  batches = []
  beside.value = [{}]
  await vi.waitFor(() => expect(rows()).toBe(0), { timeout: 15_000 })
  expect(damaged).toHaveBeenCalledTimes(2)
})
