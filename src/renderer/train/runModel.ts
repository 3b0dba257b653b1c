// What the Train screen knows of runs: how events change a view, what may be done with a run, and their order in the list.
import type { LiveRunState, RunEvent, RunRow, RunView } from '../../shared/contract/routes/runs.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import { fileName } from '../components/paths.ts'

/** A run that is watched. */
export type Watched = {
  readonly view: RunView | null
  /** What the run failed with. */
  readonly error: RetortErrorParts | null
  /** It was discarded. */
  readonly gone: boolean
}

export const UNWATCHED: Watched = { view: null, error: null, gone: false }

/** The view's arrays grow in place, since a run may have very many steps; the view itself is a new object each time. */
export function applyRunEvent(before: Watched, event: RunEvent): Watched {
  if (event.type === 'view') return { view: event.view, error: failureOf(event.view.row, before.error), gone: false }
  const { view } = before
  if (view === null) return before
  const after = (change: Partial<RunView>): Watched => ({ ...before, view: { ...view, ...change } })
  switch (event.type) {
    case 'step':
      view.metrics.push(event.metrics)
      return after({ row: event.row, etaSeconds: event.etaSeconds, phase: trainingPhase(event.row) })
    case 'heldout':
      view.heldout.push(event.point)
      return after({ row: event.row })
    case 'phase':
      return after({ phase: event.phase })
    case 'state':
      return after({ row: event.row })
    case 'memory':
      return after({ memory: event.memory })
    case 'gate':
      return after({ gates: [...(view.gates ?? []).filter(({ stage, step }) => stage !== event.decision.stage || step !== event.decision.step), event.decision] })
    case 'notice':
      return after({ notices: [...view.notices, event.notice] })
    case 'alert':
      return after({ alerts: [...view.alerts, event.alert] })
    case 'samples':
      return after({ samples: [...view.samples, ...event.samples] })
    case 'failed':
      return { ...after({ row: event.row, phase: null }), error: event.error }
  }
}

const trainingPhase = ({ steps }: RunRow): RunView['phase'] => ({ phase: 'training', done: steps.done, total: steps.total })

/** The error with its parts, while it is the one that the row tells of. */
function failureOf(row: RunRow, known: RetortErrorParts | null): RetortErrorParts | null {
  if (row.state !== 'failed') return null
  if (known && (row.error === null || row.error === known.message || row.error === `${known.code}: ${known.message}`)) return known
  if (row.error === null) return null
  const [, code, message] = /^([a-z][a-z-]+): ([^]*)$/.exec(row.error) ?? []
  return code === undefined || message === undefined ? { code: 'run-failed', message: row.error } : { code, message }
}

/** Its trainer died: the checkpoints are there, and going on may well work. */
export const hasDied = (row: RunRow, error: { readonly code: string } | null): boolean =>
  row.state === 'failed' && (error?.code === DIED || row.error?.startsWith(DIED) === true)
const DIED = 'trainer-died'

export const isLive = (state: LiveRunState): boolean => state === 'preparing' || state === 'training' || state === 'paused'

/** What may be done with a run in its state. */
export const allowed = {
  pause: (state: LiveRunState): boolean => state === 'training',
  unpause: (state: LiveRunState): boolean => state === 'paused',
  stop: (state: LiveRunState): boolean => state === 'training' || state === 'paused',
  resume: (state: LiveRunState): boolean => state === 'stopped' || state === 'interrupted' || state === 'failed',
} as const

export type SortKey = 'date' | 'loss' | 'heldout' | 'speed' | 'steps'
export const SORT_KEYS: readonly SortKey[] = ['date', 'loss', 'heldout', 'speed', 'steps']

/** Best first: newest, lowest loss, lowest held-out loss, fastest, longest. Runs without the figure come last. */
export function sortRuns(rows: readonly RunRow[], key: SortKey): RunRow[] {
  const newest = (a: RunRow, b: RunRow): number => b.createdAt.localeCompare(a.createdAt)
  const figure = (row: RunRow): number | null => {
    switch (key) {
      case 'date':
        return 0
      case 'loss':
        return row.loss.last
      case 'heldout':
        return row.heldout.last
      case 'speed':
        return row.tokensPerSecond === null ? null : -row.tokensPerSecond
      case 'steps':
        return -row.steps.done
    }
  }
  return [...rows].sort((a, b) => (figure(a) ?? Infinity) - (figure(b) ?? Infinity) || newest(a, b))
}

/** Share of the steps that are done, 0 to 1. */
export const progressOf = ({ steps }: RunRow): number => (steps.total > 0 ? Math.min(1, steps.done / steps.total) : 0)

/** Name of a student file without its ending. */
export const studentName = (row: RunRow): string => fileName(row.student.name)

/** The end of a run's id, which tells it from the others of a list. */
export const shortRun = (id: string): string => id.slice(id.lastIndexOf('-') + 1)

/** What to call runs beside each other, briefly: by plan or recipe, by student where there are several, and by their short name. */
export function runNames(rows: readonly RunRow[], recipeName: (recipe: RunRow['settings']['recipe']) => string): string[] {
  const several = new Set(rows.map(studentName)).size > 1
  return rows.map((row) => [...(several ? [studentName(row)] : []), row.plan?.name ?? recipeName(row.settings.recipe), ...(rows.length > 1 ? [shortRun(row.id)] : [])].join(' · '))
}

/** Settings that are not the same in all runs, as text a run. */
export function differingSettings(rows: readonly RunRow[]): { readonly key: keyof RunRow['settings']; readonly values: string[] }[] {
  const [first] = rows
  if (!first) return []
  const keys = [...new Set(rows.flatMap(({ settings }) => Object.keys(settings)))] as (keyof RunRow['settings'])[]
  return keys
    .map((key) => ({ key, values: rows.map(({ settings }) => (settings[key] === undefined ? '–' : String(settings[key]))) }))
    .filter(({ values }) => new Set(values).size > 1)
}
