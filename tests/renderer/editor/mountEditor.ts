// Mounts the Trajectory screen before an engine of a few trajectories that a test makes by hand.
import { DOMWrapper } from '@vue/test-utils'
import { shallowRef } from 'vue'
import type { Bridge } from '../../../src/renderer/bridge/index.ts'
import TrajectoryScreen from '../../../src/renderer/editor/TrajectoryScreen.vue'
import type { MaskView } from '../../../src/shared/contract/masking.ts'
import type { JournalEntry, OpenedTrajectory } from '../../../src/shared/contract/routes/trajectories.ts'
import { RetortError } from '../../../src/shared/errors.ts'
import type { CorrectionChange } from '../../../src/shared/records/correction.ts'
import { mountFrame } from '../mountFrame.ts'
import { openedOf, SMALL } from './records.ts'

const PROJECT = { folder: '/project', name: 'Project' }
const STUDENT = { path: '/models/tiny.gguf', name: 'Tiny', broken: null, notTrainable: null }
type Entry = JournalEntry & { of: { id: string; change: CorrectionChange }[] }

/** A journal over trajectories of one text; `mask` answers for the token view. */
export function fakeEngine(ids: readonly string[] = ['t1', 't2', 't3']) {
  const entries: Entry[] = []
  const undone: Entry[] = []
  const opened = (id: string): OpenedTrajectory =>
    openedOf(SMALL, entries.filter(({ inForce }) => inForce).flatMap(({ of }) => of.filter((one) => one.id === id).map(({ change }) => change)), id)
  const state = () => ({ undo: entries.findLast(({ inForce }) => inForce) ?? null, redo: undone.at(-1) ?? null })
  const keep = (title: string, of: Entry['of']): Entry => {
    const entry: Entry = { id: entries.length + 1, at: '2026-01-02T03:04:05.000Z', author: 'tester', title, reason: '', trajectories: [...new Set(of.map(({ id }) => id))], trajectoryCount: 1, changes: of.length, inForce: true, of }
    entries.push(entry)
    undone.length = 0
    return entry
  }
  const engine = {
    entries,
    mask: null as MaskView | null,
    keep,
    changes: (): CorrectionChange[] => entries.filter(({ inForce }) => inForce).flatMap(({ of }) => of.map(({ change }) => change)),
    trajectories: {
      ids: async () => [...ids],
      open: async ({ id }: { id: string }) => opened(id),
      async correct({ title, changes, revision }: { title: string; changes: { trajectoryId: string; change: CorrectionChange }[]; revision?: string }) {
        const [first] = changes
        if (revision !== undefined && revision !== opened(first!.trajectoryId).revision) throw new RetortError({ code: 'trajectory-changed', message: 'it has changed' })
        const entry = keep(title, changes.map(({ trajectoryId, change }) => ({ id: trajectoryId, change })))
        return { entry, ...state() }
      },
      async undo() {
        const entry = state().undo
        if (entry) {
          entry.inForce = false
          undone.push(entry)
        }
        return { entry, ...state() }
      },
      async redo() {
        const entry = undone.pop() ?? null
        if (entry) Object.assign(entry, { inForce: true })
        return { entry, ...state() }
      },
      journalState: async () => state(),
      journal: async () => ({ total: entries.length, entries: [...entries].reverse() }),
      async mask() {
        if (!engine.mask) throw new RetortError({ code: 'no-template', message: 'the student has no chat template', found: 'none', expected: 'a chat template' })
        return engine.mask
      },
    },
  }
  return engine
}

/** `more`: surfaces of the engine that a test needs besides. */
export async function mountEditor(engine: ReturnType<typeof fakeEngine>, id = 't1', more: object = {}) {
  // happy-dom lays nothing out: rows of lists get a height, everything else is as large as the window.
  for (const side of ['offsetHeight', 'offsetWidth', 'clientHeight', 'clientWidth'] as const) {
    const get = function (this: HTMLElement): number {
      return side === 'offsetHeight' && this.dataset['index'] !== undefined ? 100 : 800
    }
    Object.defineProperty(HTMLElement.prototype, side, { configurable: true, get })
  }
  async function* silent(signal: AbortSignal): AsyncGenerator<never> {
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
  const api = {
    app: {
      info: async () => ({}),
      settings: { get: async () => ({ project: '/project', keys: {}, student: null, recipe: 'sad' }) },
      events: async (_: unknown, { signal }: { signal: AbortSignal }) => silent(signal),
    },
    projects: { open: async () => PROJECT, info: async () => PROJECT, sample: async () => PROJECT },
    models: { list: async () => ({ models: [STUDENT], adapters: [], folders: [] }) },
    trajectories: engine.trajectories,
    ...more,
  }
  const epoch = shallowRef(1)
  const bridge = { api, epoch, state: shallowRef({ type: 'ready' }), shell: null, dispose: () => {} } as unknown as Bridge
  const nothing = { render: () => null }
  const routes = [
    { path: '/trajectories', name: 'trajectories', component: nothing },
    { path: '/trajectories/:id', name: 'trajectory', component: TrajectoryScreen, props: true },
    ...['models', 'teacher', 'settings'].map((name) => ({ path: `/${name}`, name, component: nothing })),
  ]
  const { wrapper, router, registry } = await mountFrame({ bridge, routes, path: `/trajectories/${id}` })
  const all = (selector: string) => [...document.body.querySelectorAll(selector)].map((element) => new DOMWrapper(element))
  return {
    all,
    find: (testId: string): DOMWrapper<Element> => {
      const [found] = all(`[data-testid="${testId}"]`)
      if (!found) throw new Error(`nothing has the test id ${testId}`)
      return found
    },
    has: (testId: string): boolean => all(`[data-testid="${testId}"]`).length > 0,
    /** Kind and text of the pieces of a turn; the current one has a star. */
    pieces: (turn: number): string[] =>
      all(`[data-turn="${turn}"] .piece`).map((piece) => `${piece.classes('current') ? '*' : ''}${piece.attributes('data-span')} ${piece.element.textContent}`),
    text: (): string => document.body.textContent ?? '',
    path: (): string => router.currentRoute.value.path,
    key: (key: string, held: Partial<KeyboardEventInit> = {}): boolean => registry.press(new KeyboardEvent('keydown', { key, ...held })),
    reconnect: (): void => void (epoch.value += 1),
    unmount: (): void => wrapper.unmount(),
  }
}
