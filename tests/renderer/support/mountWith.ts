// A composable in a component that lives as long as a test needs it, before an engine made by hand.
import { createApp, shallowRef, type ShallowRef, type VNode } from 'vue'
import { bridgeKey, type Bridge, type ConnectionState } from '../../../src/renderer/bridge/index.ts'
import { i18n } from '../../../src/renderer/i18n/index.ts'

export type Mounted<Result> = {
  readonly result: Result
  readonly epoch: ShallowRef<number>
  readonly state: ShallowRef<ConnectionState>
  unmount(): void
}

/** `api`: only the calls that are made; any other one fails the test. `shows`: what is in the component. */
export function mountWith<Result>(api: object, setup: () => Result, shows: () => VNode | null = () => null): Mounted<Result> {
  const epoch = shallowRef(1)
  const state = shallowRef<ConnectionState>({ type: 'ready' })
  const bridge = { api, epoch, state, shell: null, dispose: () => {} } as unknown as Bridge
  let result: Result | undefined
  const app = createApp({
    setup() {
      result = setup()
      return shows
    },
  })
  app.provide(bridgeKey, bridge).use(i18n).mount(document.createElement('div'))
  return { result: result as Result, epoch, state, unmount: () => app.unmount() }
}
