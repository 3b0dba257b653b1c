// A curation into the project's reviews, as one entry of the journal; and all that curations have rejected, back again.
import type { CurationApplied } from '../../shared/contract/curating.ts'
import type { CorrectionChange } from '../../shared/records/correction.ts'
import { journalStep, trajectoryStates, type Author, type Edit, type Project, type TrajectoryState } from '../project/index.ts'
import { findMarks, stampOf, trajectoryIds } from '../store/index.ts'
import { flaggedTag, isCurated, isSetAside, rejectedTag, withoutMarks } from './marks.ts'
import { getCuration, markApplied } from './records.ts'

type Change = Edit['changes'][number]

const same = (one: readonly string[], other: readonly string[]): boolean => one.length === other.length && one.every((tag, at) => tag === other[at])

/** From what a trajectory is marked now to what it is to be marked. */
function changesOf({ id, review, tags }: TrajectoryState, wanted: { readonly review: TrajectoryState['review']; readonly tags: readonly string[] }): Change[] {
  const change = (made: CorrectionChange): Change => ({ trajectoryId: id, change: made })
  return [
    ...(review === wanted.review ? [] : [change({ type: 'review', state: wanted.review })]),
    ...(same(tags, wanted.tags) ? [] : [change({ type: 'tags', tags: [...wanted.tags] })]),
  ]
}

/** What it would take to be marked as the curation says; a person's word stands, whatever the curation says. */
const isPersons = (state: TrajectoryState): boolean => state.review === 'accepted' || isSetAside(state)

/**
 * Rejects in review what the curation rejected, takes back what earlier ones had rejected and this one keeps, tags both, and gives the
 * labels that its judge proposed: one entry. What a person accepted or rejected, and what was changed since the curation, is
 * left as it is, and counted.
 */
export async function applyCuration(project: Project, { id, by }: { id: string; by: Author }): Promise<CurationApplied> {
  const curation = getCuration(project, id)
  const rejected = new Map(curation.rejected.map(({ id: one, filter }) => [one, filter]))
  const flagged = new Map<string, string[]>()
  for (const { id: one, filter } of curation.flagged) flagged.set(one, [...new Set([...(flagged.get(one) ?? []), flaggedTag(filter)])])
  const labels = new Map<string, Change[]>()
  for (const { id: one, turn, label } of curation.labels) labels.set(one, [...(labels.get(one) ?? []), { trajectoryId: one, change: { type: 'label', turn, label } }])
  const changes: Change[] = []
  const counts = { rejected: 0, released: 0, flagged: 0, labelled: 0, persons: 0, changed: 0 }
  for (const state of trajectoryStates(project, [...trajectoryIds(project.store)])) {
    const filter = rejected.get(state.id)
    const notes = flagged.get(state.id) ?? []
    const proposed = labels.get(state.id) ?? []
    const left = filter !== undefined || notes.length > 0 || proposed.length > 0 || !same(state.tags, withoutMarks(state.tags))
    if (!left) continue
    if (isPersons(state)) {
      if (filter !== undefined) counts.persons += 1
      continue
    }
    if (hasChanged(project, state.id, curation.stamp)) {
      counts.changed += 1
      continue
    }
    const tags = [...withoutMarks(state.tags), ...(filter === undefined ? [] : [rejectedTag(filter)]), ...notes]
    const wanted = { review: filter === undefined ? (isCurated(state.tags) ? ('new' as const) : state.review) : ('rejected' as const), tags }
    const own = changesOf(state, wanted)
    if (filter !== undefined && state.review !== 'rejected') counts.rejected += 1
    if (filter === undefined && isCurated(state.tags)) counts.released += 1
    if (notes.some((note) => !state.tags.includes(note))) counts.flagged += 1
    if (proposed.length > 0) counts.labelled += 1
    changes.push(...own, ...proposed)
  }
  const entry = await enter(project, { title: `Curate: ${curation.kept} kept, ${curation.rejected.length} rejected`, changes, by })
  if (entry !== null) markApplied(project, curation, { entry, at: by.at })
  return { entry, ...counts }
}

/** Every rejection and note of curations taken back, as one entry: what a person decided stays. */
export async function releaseCurated(project: Project, by: Author): Promise<{ entry: number | null; released: number }> {
  const states = trajectoryStates(project, [...trajectoryIds(project.store)]).filter(({ tags }) => !same(tags, withoutMarks(tags)))
  const changes = states.flatMap((state) => changesOf(state, { review: isCurated(state.tags) && state.review === 'rejected' ? 'new' : state.review, tags: withoutMarks(state.tags) }))
  const released = states.filter(({ tags }) => isCurated(tags)).length
  return { entry: await enter(project, { title: `Take back curation: ${released} trajectories`, changes, by }), released }
}

/** null: there was nothing to change. */
async function enter(project: Project, { title, changes, by }: { title: string; changes: readonly Change[]; by: Author }): Promise<number | null> {
  if (changes.length === 0) return null
  const entry = await journalStep(project, { type: 'edit', edit: { title, reason: 'curation', ...by, changes } })
  return entry!.id
}

/** Content, spans or labels that were changed later than the curation read them: marks alone do not count. */
function hasChanged({ store }: Project, id: string, stamp: number): boolean {
  const now = stampOf(store, id)
  return now !== null && now > stamp && findMarks(store, id).corrections > 0
}
