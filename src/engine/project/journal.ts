// The journal of a project: corrections made, undone and redone as whole entries, across trajectories.
import { isMark } from '../../shared/records/correction.ts'
import { marksOf } from '../../core/pipeline/annotation/index.ts'
import type { JournalEntry, JournalState } from '../../shared/contract/routes/trajectories.ts'
import { RetortError } from '../../shared/errors.ts'
import type { Correction, CorrectionChange } from '../../shared/records/correction.ts'
import {
  countEntries, type Entry, eventsOf, entryTrajectories, figuresOf, findEntry, findEveryCorrection, findMarks, insertCorrection, insertEdit,
  insertUndoRedo, listEntries, nextRedo, nextUndo, reindex, searchText, seqOf, stampOf, updateLine,
} from '../store/index.ts'
import { getOriginal, getTrajectory } from './corrected.ts'
import type { Project } from './project.ts'

export type Edit = {
  readonly title: string
  readonly reason: string
  readonly author: string
  /** ISO 8601. */
  readonly at: string
  readonly changes: readonly { readonly trajectoryId: string; readonly change: CorrectionChange }[]
  /** Of the first change's trajectory as it was seen (`trajectoryRevision`): the edit is refused when it has changed since. */
  readonly revision?: string | undefined
}

/** Changes with every correction, undo and redo of the trajectory: two of equal revision are equal. */
export function trajectoryRevision(project: Project, trajectoryId: string): string {
  const stamp = stampOf(project.store, trajectoryId)
  // Throws that there is none.
  if (stamp === null) getOriginal(project, trajectoryId)
  return `${trajectoryId}:${stamp}`
}

/**
 * Lays changes over trajectories, as one entry of the journal, or throws and keeps nothing: `trajectory-changed` when the
 * revision is not the one that was seen, `correction` when a change does not fit its trajectory as corrected so far.
 */
export function correctTrajectories(project: Project, edit: Edit): JournalEntry {
  const { store } = project
  const { title, reason, author, at, changes } = edit
  const byTrajectory = new Map<string, CorrectionChange[]>()
  for (const { trajectoryId, change } of changes) {
    const own = byTrajectory.get(trajectoryId)
    if (own) own.push(change)
    else byTrajectory.set(trajectoryId, [change])
  }
  return store.transaction(() => {
    requireRevision(project, edit)
    const id = insertEdit(store, { title, reason, author, at, trajectories: byTrajectory.size, changes: changes.length })
    for (const [trajectoryId, own] of byTrajectory) {
      // Throws that there is none, before the database refuses a correction of nothing.
      trajectoryRevision(project, trajectoryId)
      for (const change of own) insertCorrection(store, { trajectoryId, change, reason, author, at }, id)
      refresh(project, trajectoryId, own.some((change) => 'turn' in change))
    }
    return entryView(project, findEntry(store, id)!)
  })
}

function requireRevision(project: Project, { revision, changes }: Edit): void {
  const first = changes[0]?.trajectoryId
  if (revision === undefined || first === undefined) return
  const found = trajectoryRevision(project, first)
  if (found === revision) return
  throw new RetortError({
    code: 'trajectory-changed',
    message: 'the trajectory has changed since it was opened',
    found: `revision ${found}`,
    expected: revision,
    where: `trajectory ${first}`,
    advice: 'open it again, then make the change on what it is now; nothing of it was kept',
  })
}

/** Brings line and search index to what is in force now. `turns`: texts, spans or labels may differ, not marks alone. */
function refresh(project: Project, trajectoryId: string, turns: boolean): void {
  const { store } = project
  if (!turns) {
    const { changes, corrections } = findMarks(store, trajectoryId)
    return updateLine(store, trajectoryId, { marks: marksOf(changes), corrections })
  }
  const corrected = getTrajectory(project, trajectoryId)
  const figures = figuresOf(corrected.trajectory, corrected.spans)
  updateLine(store, trajectoryId, { figures, marks: corrected, corrections: corrected.corrections.filter(({ change }) => !isMark(change)).length })
  reindex(store, seqOf(store, trajectoryId), searchText(corrected.trajectory))
}

export type Author = { readonly author: string; /** ISO 8601. */ readonly at: string }

/** `wanted`: id of the entry that is meant; nothing is done and `journal-changed` thrown when another is next. */
export type Turning = Author & { readonly wanted?: number | undefined }

/** Takes back the newest edit in force, as a whole; null when there is none. */
export const undo = (project: Project, by: Turning): JournalEntry | null => turn(project, 'undo', by)

/** Brings back what was undone last, unless something was edited since; null when there is nothing. */
export const redo = (project: Project, by: Turning): JournalEntry | null => turn(project, 'redo', by)

function turn(project: Project, kind: 'undo' | 'redo', { author, at, wanted }: Turning): JournalEntry | null {
  const { store } = project
  return store.transaction(() => {
    const entry = kind === 'undo' ? nextUndo(store) : nextRedo(store)
    if (wanted !== undefined && wanted !== entry?.id) throw journalChanged(kind, wanted, entry)
    if (!entry) return null
    insertUndoRedo(store, kind, { entry, author, at })
    for (const { id, turns } of entryTrajectories(store, entry.id)) refresh(project, id, turns)
    return entryView(project, findEntry(store, entry.id)!)
  })
}

const journalChanged = (kind: 'undo' | 'redo', wanted: number, next: Entry | null): RetortError =>
  new RetortError({
    code: 'journal-changed',
    message: `something else would be ${kind === 'undo' ? 'undone' : 'done again'} now`,
    found: next ? `“${next.title}” (${[`entry ${next.id}`, next.author].filter(Boolean).join(', ')})` : 'nothing that is left',
    expected: `entry ${wanted}`,
    advice: next ? `nothing was changed; ${kind} once more if that is what you want` : 'nothing was changed',
  })

/**
 * Every list of corrections that was in force for a trajectory at some time, from now back to none: after each edit, undo
 * and redo of it.
 */
export function pastCorrections({ store }: Project, trajectoryId: string): Correction[][] {
  const every = findEveryCorrection(store, trajectoryId)
  const inForce = new Set<number>()
  const past: Correction[][] = [[]]
  for (const { kind, entry } of eventsOf(store, trajectoryId)) {
    if (kind === 'undo') inForce.delete(entry)
    else inForce.add(entry)
    past.push(every.filter((made) => inForce.has(made.entry)).map(({ correction }) => correction))
  }
  return past.reverse()
}

/** Of an entry that touches many, the view names the first of them. */
const NAMED = 20

/** An entry as the contract shows it. */
const entryView = ({ store }: Project, { in_force, trajectories, ...entry }: Entry): JournalEntry => ({
  ...entry,
  trajectories: entryTrajectories(store, entry.id, NAMED).map(({ id }) => id),
  trajectoryCount: trajectories,
  inForce: in_force,
})

/** What undo and redo would do. */
export function journalState(project: Project): JournalState {
  const view = (entry: Entry | null): JournalEntry | null => entry && entryView(project, entry)
  return { undo: view(nextUndo(project.store)), redo: view(nextRedo(project.store)) }
}

/** Whether an edit was made and is not undone. */
export const entryInForce = ({ store }: Project, id: number): boolean => findEntry(store, id)?.in_force ?? false

/** Entries, newest first. */
export const journalPage = (project: Project, page: { offset: number; limit: number }) => ({
  total: countEntries(project.store),
  entries: listEntries(project.store, page).map((entry) => entryView(project, entry)),
})
