// The trainer's side of a teacher that computes while the run trains: its process, and the rows of the next few steps.
import { setTimeout as wait } from 'node:timers/promises'
import type { SharedVocabulary, TeacherDistributions, TeacherRow } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { forkWorker } from '../workers/forkWorker.ts'
import type { LiveCommand, LiveEvent, LiveJob } from './liveProtocol.ts'
import { exampleKey, massOf, rowsIn, type Asked } from './store.ts'

/** Steps whose rows are computed before they are asked for, beside the one that is trained. */
export const AHEAD = 2

type Outcome = 'go' | 'stop'
export type LiveTeacher = TeacherDistributions & {
  /**
   * The rows of the first of these steps are there when it resolves; those of the others are computed meanwhile. Rows of other
   * examples are let go. `onWait` is called when they have to be waited for. 'stop' when `proceed` says so before. Throws
   * RetortError with what the teacher failed with.
   */
  ready(steps: readonly (readonly string[])[], onWait: () => void): Promise<Outcome>
  /** Ends the process; what it has computed stays in its file. */
  close(): void
}

export type LiveTeacherInput = {
  readonly job: LiveJob
  /** All that a step may ask for; `tokens` are those that a distribution is wanted for. */
  readonly examples: readonly Asked[]
  /** Called while waiting; waits while paused. */
  readonly proceed: () => Promise<Outcome>
}

/** How often a wait looks whether it is to end. */
const LOOK_MS = 100

/** When the teacher's weights are there; null: stopped before. */
export async function openLiveTeacher({ job, examples, proceed }: LiveTeacherInput): Promise<LiveTeacher | null> {
  const asked = new Map(examples.flatMap(({ id, ids, tokens }) => (tokens.length > 0 ? [[id, { key: exampleKey(ids), tokens }] as const] : [])))
  const rows = new Map<string, ReadonlyMap<number, TeacherRow>>()
  const told = { tokens: 0, mass: 0 }
  let opened: { readonly label: string; readonly vocabulary: SharedVocabulary | null } | null = null
  let failure: RetortError | null = null
  let wake = (): void => {}
  const nextChange = (): Promise<void> => new Promise((resolve) => (wake = resolve))
  const child = forkWorker('teacher', { output: ['ignore', 'inherit'] })
  const send = (command: LiveCommand): void => {
    if (child.connected) child.send(command, () => {})
  }
  child.on('message', (event: LiveEvent) => {
    switch (event.type) {
      case 'ready':
        opened = event
        break
      case 'rows': {
        const found = new Map(event.rows.flatMap((record) => rowsIn(record, job.k)))
        for (const row of found.values()) {
          told.tokens += 1
          told.mass += massOf(row)
        }
        if (window.has(event.key)) rows.set(event.key, found)
        break
      }
      case 'failed':
        failure ??= new RetortError(event.error)
    }
    wake()
  })
  child.on('error', (cause) => {
    failure ??= new RetortError({ code: 'teacher-died', message: "the teacher's process cannot be started", cause })
    wake()
  })
  child.on('close', (code, signal) => {
    failure ??= died(job, signal ? `signal ${signal}` : `exit code ${code}`)
    wake()
  })
  const close = (): void => send({ type: 'end' })
  /** Until `there`, a failure, or a stop. */
  const until = async (there: () => boolean): Promise<Outcome> => {
    while (!there()) {
      if (failure) throw failure
      await Promise.race([nextChange(), wait(LOOK_MS)])
      if ((await proceed()) === 'stop') return 'stop'
    }
    return 'go'
  }
  let window: ReadonlySet<string> = new Set()
  send({ type: 'start', job })
  try {
    if ((await until(() => opened !== null)) === 'stop') {
      close()
      return null
    }
  } catch (error) {
    close()
    throw error
  }
  const { label, vocabulary } = opened as unknown as { label: string; vocabulary: SharedVocabulary | null }
  const keysOf = (ids: readonly string[]): string[] => ids.flatMap((id) => asked.get(id)?.key ?? [])
  return {
    k: job.k,
    label,
    vocabulary,
    row(example, token) {
      const known = asked.get(example)
      if (!known) return null
      const found = rows.get(known.key)
      if (!found) throw new Error(`the rows of ${example} were not asked for`)
      return found.get(token) ?? null
    },
    coverage: () => {
      const of = examples.reduce((sum, { tokens }) => sum + tokens.length, 0)
      return { tokens: of, of, mass: told.tokens === 0 ? 0 : told.mass / told.tokens }
    },
    async ready([now = [], ...later], onWait) {
      const first = keysOf(now)
      window = new Set([...first, ...later.flatMap(keysOf)])
      for (const key of rows.keys()) if (!window.has(key)) rows.delete(key)
      const missing = [...window].filter((key) => !rows.has(key))
      if (missing.length > 0) send({ type: 'want', keys: missing })
      const there = (): boolean => first.every((key) => rows.has(key))
      if (!there()) onWait()
      return until(there)
    },
    close,
  }
}

const died = ({ teacher }: LiveJob, found: string): RetortError =>
  new RetortError({
    code: 'teacher-died',
    message: "the teacher's process died; the run goes on from its last checkpoint with --resume",
    found,
    where: teacher,
    advice: 'if the memory was full, make a file of distributions first (retort teacher), and train with that',
  })
