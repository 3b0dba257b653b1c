// The session: which project is open, and that nobody is moved to another one unasked.
import { afterEach, expect, test, vi } from 'vitest'
import { provideSession, type Session } from '../../../src/renderer/session/session.ts'
import type { AppEvent } from '../../../src/shared/contract/routes/app.ts'
import { RetortError } from '../../../src/shared/errors.ts'
import { mountWith, type Mounted } from '../support/mountWith.ts'

let mounted: Mounted<Session> | null = null
afterEach(() => mounted?.unmount())

const info = (folder: string) => ({ folder, name: folder, trajectories: 1, corrected: 0, guessed: 0, runs: 0, sample: folder === '/sample' })

function engine(last: string | null, open: (folder: string) => object) {
  let emit: (event: AppEvent) => void = () => {}
  const asked: string[] = []
  const api = {
    app: {
      info: async () => ({ version: '1' }),
      settings: { get: async () => ({ project: last, theme: 'system' }) },
      events: async () =>
        (async function* () {
          for (;;) yield await new Promise<AppEvent>((resolve) => (emit = resolve))
        })(),
    },
    projects: {
      sample: async () => (asked.push('sample'), info('/sample')),
      open: async ({ folder }: { folder: string }) => (asked.push(`open ${folder}`), open(folder)),
      info: async ({ project }: { project: string }) => info(project),
    },
  }
  return { api, asked, emit: (event: AppEvent) => emit(event) }
}

test('the first time it is the sample', async () => {
  const { api, asked } = engine(null, info)
  mounted = mountWith(api, provideSession)
  await vi.waitFor(() => expect(mounted!.result.folder.value).toBe('/sample'), { timeout: 15_000 })
  expect(asked).toEqual(['sample'])
})

test('later it is the project of last time', async () => {
  const { api, asked } = engine('/mine', info)
  mounted = mountWith(api, provideSession)
  await vi.waitFor(() => expect(mounted!.result.folder.value).toBe('/mine'), { timeout: 15_000 })
  expect(asked).toEqual(['open /mine'])
})

test('one that cannot be opened is said to be, and the sample is not opened in its place', async () => {
  const { api, asked } = engine('/gone', () => {
    throw new RetortError({ code: 'project-missing', message: 'this is not a Retort project', where: '/gone' })
  })
  mounted = mountWith(api, provideSession)
  await vi.waitFor(() => expect(mounted!.result.projectError.value?.code).toBe('project-missing'), { timeout: 15_000 })
  expect(mounted.result.folder.value).toBeNull()
  expect(asked).toEqual(['open /gone'])
})

test('a connection that breaks while it is opened is no failure: it is asked again with the next one', async () => {
  let broken = true
  const { api, asked } = engine('/mine', (folder) => {
    if (!broken) return info(folder)
    mounted!.state.value = { type: 'lost', why: 'the engine ended', attempt: 1 }
    throw new Error('socket closed')
  })
  mounted = mountWith(api, provideSession)
  await vi.waitFor(() => expect(asked).toEqual(['open /mine']), { timeout: 15_000 })
  expect(mounted.result.projectError.value).toBeNull()
  broken = false
  mounted.state.value = { type: 'ready' }
  mounted.epoch.value += 1
  await vi.waitFor(() => expect(mounted!.result.folder.value).toBe('/mine'), { timeout: 15_000 })
})

test('changes of this project are counted, others are not; a new engine is a restart', async () => {
  const { api, emit } = engine('/mine', info)
  mounted = mountWith(api, provideSession)
  const { result } = mounted
  await vi.waitFor(() => expect(result.folder.value).toBe('/mine'), { timeout: 15_000 })
  const tell = async (event: AppEvent) => {
    emit(event)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await tell({ type: 'engine', engineId: 'a' })
  await tell({ type: 'trajectories', project: '/mine' })
  await tell({ type: 'trajectories', project: '/other' })
  await tell({ type: 'engine', engineId: 'b' })
  expect([result.changes.trajectories.value, result.changes.runs.value, result.restarts.value]).toEqual([1, 0, 1])
})
