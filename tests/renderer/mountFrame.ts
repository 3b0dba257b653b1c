// Mounts what stands in the app's frame, behind a project that is open, before an engine that a test makes by hand.
import ui from '@nuxt/ui/vue-plugin'
import UApp from '@nuxt/ui/components/App.vue'
import { mount, type VueWrapper } from '@vue/test-utils'
import { defineComponent, h, provide, type VNode } from 'vue'
import { createMemoryHistory, createRouter, type Router, type RouteRecordRaw, RouterView } from 'vue-router'
import { bridgeKey, type Bridge } from '../../src/renderer/bridge/index.ts'
import { createRegistry, type Registry, registryKey } from '../../src/renderer/commands/registry.ts'
import { i18n } from '../../src/renderer/i18n/index.ts'
import { provideSession } from '../../src/renderer/session/session.ts'

export type FrameInput = {
  readonly bridge: Bridge
  readonly routes: readonly RouteRecordRaw[]
  readonly path: string
  /** Provides more, in the frame's setup. */
  readonly setup?: () => void
  /** What stands beside the screen. */
  readonly beside?: () => VNode
}

export async function mountFrame({ bridge, routes, path, setup, beside }: FrameInput): Promise<{ wrapper: VueWrapper; router: Router; registry: Registry }> {
  const router = createRouter({ history: createMemoryHistory(), routes })
  const registry = createRegistry({ mac: false, changed: () => ({}) })
  const Frame = defineComponent({
    setup() {
      const session = provideSession()
      setup?.()
      provide(registryKey, registry)
      return () => h(UApp, null, () => [beside?.() ?? null, session.folder.value === null ? null : h(RouterView)])
    },
  })
  await router.push(path)
  const wrapper: VueWrapper = mount(Frame, { attachTo: document.body, global: { plugins: [i18n, router, ui], provide: { [bridgeKey as symbol]: bridge } } })
  return { wrapper, router, registry }
}
