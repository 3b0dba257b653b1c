// What is shown of exports: how far one is, how long it still takes, and what a merged file of each type comes to.
import type { ExportJob, MergedSizes, MergedType } from '../../shared/contract/exporting.ts'

export type ExportProgress = { readonly share: number; readonly perSecond: number; readonly secondsLeft: number }

/** Time that has to pass before it says anything. */
const LEAST_SECONDS = 1

/** null: nothing is known yet. */
export function progressOf({ state, seconds }: ExportJob): ExportProgress | null {
  if (state.type !== 'running' || state.total <= 0) return null
  const share = Math.min(1, state.done / state.total)
  if (seconds < LEAST_SECONDS || state.done <= 0) return { share, perSecond: 0, secondsLeft: Infinity }
  const perSecond = state.done / seconds
  return { share, perSecond, secondsLeft: (state.total - state.done) / perSecond }
}

export const isUnderWay = ({ state }: ExportJob): boolean => state.type === 'waiting' || state.type === 'running'

/** Those that were under way before and have been written since. */
export function finishedSince(before: readonly ExportJob[], now: readonly ExportJob[]): ExportJob[] {
  const open = new Set(before.filter(isUnderWay).map(({ id }) => id))
  return now.filter(({ id, state }) => open.has(id) && state.type === 'done')
}

export type TypeRow = {
  readonly type: MergedType
  readonly bytes: number
  /** Tensors that have the type. */
  readonly own: number
  /** Matrices that get another type than the file's, the most frequent first; vectors, which stay F32, are not told. */
  readonly others: readonly { readonly type: string; readonly count: number }[]
  /** There is not so much room. */
  readonly tooLarge: boolean
}

export function typeRows({ sizes, freeBytes }: Pick<MergedSizes, 'sizes' | 'freeBytes'>): TypeRow[] {
  return sizes.map(({ type, bytes, tensors }) => {
    const others = Object.entries(tensors).filter(([other]) => other !== type && other !== 'F32').map(([other, count]) => ({ type: other, count }))
    return { type, bytes, own: tensors[type] ?? 0, others: others.sort((a, b) => b.count - a.count), tooLarge: bytes > freeBytes }
  })
}
