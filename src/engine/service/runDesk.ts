// The desk of training runs: those that train for this process, those of others and those at rest, for every page.
import { setTimeout as wait } from 'node:timers/promises'
import type { AppEvent } from '../../shared/contract/routes/app.ts'
import type { LiveRunState, RunEvent, RunRow, RunView } from '../../shared/contract/routes/runs.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Run } from '../../shared/records/run.ts'
import { appFolders, studentFolders, type Machine } from '../paths.ts'
import type { Project } from '../project/index.ts'
import { findRun, listRuns } from '../store/index.ts'
import {
  createPreparationProcess, createRunFiles, currentRun, runFolderOf, type Preparation, type RunRequest,
} from '../training/index.ts'
import type { Broadcast } from './broadcast.ts'
import { discardRun } from './discardRun.ts'
import { beginLiveRun, type LiveRun } from './liveRun.ts'
import { watchRun } from './runWatch.ts'

export type RunDesk = {
  readonly preparation: Preparation
  /** Newest first. */
  list(project: Project): RunRow[]
  view(project: Project, run: string): RunView
  watch(project: Project, run: string, signal: AbortSignal | undefined): AsyncGenerator<RunEvent, void, undefined>
  /** Makes a run and starts its trainer; throws RetortError `run-busy` while one trains. */
  start(project: Project, request: Omit<RunRequest, 'project' | 'cacheDir'>): Promise<string>
  resume(project: Project, run: string, student: string | undefined): Promise<RunRow>
  pause(project: Project, run: string): Promise<RunRow>
  unpause(project: Project, run: string): Promise<RunRow>
  stop(project: Project, run: string): Promise<RunRow>
  discard(project: Project, run: string): Promise<void>
  /** Whether something trains here, or is about to. */
  busy(): boolean
  /** Stops and saves what trains. */
  dispose(): Promise<void>
}

const ACTIVE: readonly LiveRunState[] = ['preparing', 'training', 'paused']
const AGAIN_MS = 3000

/** Training begins although an answer is still being written after this time. */
const ROOM_MS = 15_000

export type RunDeskInput = {
  readonly machine: Machine
  readonly changed: Broadcast<AppEvent>
  /** Frees the memory of students that answered before, for the trainer; they are loaded again when they are asked. */
  readonly makeRoom: () => Promise<void>
}

export function createRunDesk({ machine, changed, makeRoom }: RunDeskInput): RunDesk {
  const preparation = createPreparationProcess()
  const files = createRunFiles()
  /** Ends what is being prepared; then, when trainings have saved, the streams. */
  const [closing, closed] = [new AbortController(), new AbortController()]
  /** Wakes those who watch a run at rest. */
  const wakers = new Set<() => void>()
  let again: NodeJS.Timeout | undefined
  let live: LiveRun | null = null
  /** Settles when there is memory for the run that begins. */
  let room: Promise<void> = Promise.resolve()
  /** Taken from the moment a run is asked for, so that two cannot begin at once. */
  let taken: { project: Project; run: string | null } | null = null

  const tell = (project: Project): void => changed.send({ type: 'runs', project: project.folder })
  /** What other processes do nobody tells: while a list shows them, it is asked to look again. */
  const lookAgain = (project: Project): void => {
    clearTimeout(again)
    again = setTimeout(() => tell(project), AGAIN_MS)
    again.unref()
  }
  const liveOf = (project: Project, run: string): LiveRun | null =>
    live?.run === run && live.project.folder === project.folder ? live : null

  const find = (project: Project, run: string): Run => {
    const found = findRun(project.store, run)
    if (found) return found
    // Also for what is no id at all.
    runFolderOf(project, run)
    throw new RetortError({
      code: 'run-missing',
      message: `there is no run ${run}`,
      where: project.folder,
      expected: 'the id of a run of this project',
    })
  }
  const stateOf = (project: Project, run: Run): { run: Run; state: LiveRunState } => {
    // Made a moment ago, and about to train here.
    if (run.state === 'preparing' && taken?.project.folder === project.folder) return { run, state: run.state }
    return currentRun(project, run)
  }
  const rowOf = (project: Project, record: Run): RunRow => {
    const now = liveOf(project, record.id)
    if (now) return now.row()
    const { run, state } = stateOf(project, record)
    return files.row(project, run, state)
  }
  const view = (project: Project, id: string): RunView => {
    const now = liveOf(project, id)
    if (now) return now.view()
    const { run, state } = stateOf(project, find(project, id))
    return files.view(project, run, state)
  }

  const take = (project: Project, run: string | null): void => {
    if (taken) throw busy(taken)
    taken = { project, run }
  }
  const begin = async (project: Project, id: string, student: string | undefined): Promise<void> => {
    taken = { project, run: id }
    room = Promise.race([makeRoom().catch(warn), wait(ROOM_MS, undefined, { ref: false, signal: closing.signal })])
    await room
    closing.signal.throwIfAborted()
    const run = find(project, id)
    const begun = beginLiveRun({
      project,
      run,
      planned: files.planned(project, run),
      cacheDir: appFolders(machine).cache,
      folders: studentFolders(machine),
      given: student,
      onChange: () => tell(project),
      now: () => new Date(),
    })
    live = begun
    void begun.ended.then(() => {
      if (live === begun) live = taken = null
    })
    for (const wake of wakers) wake()
    await begun.started
  }
  const here = (project: Project, run: string): LiveRun => {
    const now = liveOf(project, run)
    if (now) return now
    const { state } = stateOf(project, find(project, run))
    throw new RetortError({
      code: 'run-elsewhere',
      message: 'this run is not trained by this process',
      where: run,
      found: state === 'training' || state === 'paused' ? 'another process that trains it' : `a run that is ${state}`,
      expected: 'a run that trains here',
      advice: state === 'training' || state === 'paused' ? 'stop it where it was started' : 'go on with it first',
    })
  }
  const after = async (project: Project, run: string, change: (now: LiveRun) => Promise<void>): Promise<RunRow> => {
    if (taken?.run === run) await room.catch(() => {})
    await change(here(project, run))
    return rowOf(project, find(project, run))
  }

  return {
    preparation,
    list: (project) => {
      const rows = listRuns(project.store).map((run) => rowOf(project, run))
      const elsewhere = rows.some(({ id, state }) => ACTIVE.includes(state) && !liveOf(project, id))
      if (elsewhere) lookAgain(project)
      return rows
    },
    view,
    watch: (project, run, signal) =>
      watchRun({
        live: () => liveOf(project, run),
        view: () => (findRun(project.store, run) || liveOf(project, run) ? view(project, run) : null),
        wakers,
        signal: AbortSignal.any(signal ? [signal, closed.signal] : [closed.signal]),
      }),
    start: async (project, request) => {
      take(project, null)
      let run: string
      try {
        const { signal } = closing
        const cacheDir = appFolders(machine).cache
        run = await preparation.create({ ...request, project: project.folder, cacheDir }, { onProgress: () => {}, signal })
      } catch (error) {
        taken = null
        throw error
      }
      await release(begin(project, run, undefined))
      return run
    },
    resume: async (project, run, student) => {
      const { state } = stateOf(project, find(project, run))
      if (state === 'finished') throw finished(run)
      take(project, run)
      await release(begin(project, run, student))
      return rowOf(project, find(project, run))
    },
    pause: (project, run) => after(project, run, (now) => now.pause()),
    unpause: (project, run) => after(project, run, (now) => now.unpause()),
    stop: (project, run) => after(project, run, (now) => now.stop()),
    discard: async (project, run) => {
      find(project, run)
      await liveOf(project, run)?.kill()
      await discardRun(project, run)
      tell(project)
      for (const wake of wakers) wake()
    },
    busy: () => taken !== null,
    dispose: async () => {
      clearTimeout(again)
      closing.abort()
      await live?.stop()
      closed.abort()
      await preparation.dispose()
    },
  }

  /** A run that could not begin leaves the place free. */
  async function release(begun: Promise<void>): Promise<void> {
    try {
      await begun
    } catch (error) {
      if (!live) taken = null
      throw error
    }
  }
}

/** What does not keep a run from training is still to be seen. */
const warn = (error: unknown): void => process.emitWarning(error instanceof Error ? error : String(error))

const busy = ({ project, run }: { project: Project; run: string | null }): RetortError =>
  new RetortError({
    code: 'run-busy',
    message: 'another run trains at the moment',
    where: project.folder,
    found: run === null ? 'a run that is being prepared' : `run ${run}`,
    expected: 'one training at a time',
    advice: 'wait for its end, or stop it: it saves and can go on later',
  })

const finished = (run: string): RetortError =>
  new RetortError({
    code: 'run-finished',
    message: 'this run has come to its end',
    where: run,
    expected: 'a run with steps left',
    advice: 'start a new run',
  })
