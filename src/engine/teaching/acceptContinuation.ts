// A continuation accepted: the correction, the mark of the first error and the preference, as one entry of the journal.
import { randomBytes } from 'node:crypto'
import { type Accepted, type Asked, type Continuation, unacceptable, type Unacceptable } from '../../shared/contract/asking.ts'
import { RetortError } from '../../shared/errors.ts'
import type { CorrectionChange } from '../../shared/records/correction.ts'
import type { Preference } from '../../shared/records/preference.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { appendLine } from '../files/index.ts'
import { correctTrajectories, getTrajectory, type Project, trajectoryRevision, writing } from '../project/index.ts'
import { readAsked, standsOf } from './askings.ts'
import { preferencesInForce, preferencesPath } from './preferences.ts'
import { doesTheSame, replacementChanges } from './replaceTurn.ts'

/** On a trajectory whose first wrong step was replaced: the note says which. */
export const FIRST_ERROR = 'first error'

export type Acceptance = { readonly asked: string; readonly continuation: number; readonly author: string }

/** Throws RetortError `no-asking`, `not-acceptable` (also for what says the same, cannot be read, or is not the first of its asking), `trajectory-changed`. */
export async function acceptContinuation(project: Project, { asked: id, continuation: index, author }: Acceptance): Promise<Accepted> {
  const asked = readAsked(project.folder, id)
  const { turn: after, spans } = acceptable(asked, index)
  const { turn: place, step, recorded, revision, trajectory, teacher, temperature, topP, seed } = asked
  const at = new Date().toISOString()
  const made = await writing(project, () => {
    refuseSecond(project, id)
    const corrected = getTrajectory(project, trajectory)
    // What was changed besides, as a label or a tag, or was undone again, is no matter.
    const seen = standsOf(corrected, place) === asked.stands ? trajectoryRevision(project, trajectory) : revision
    const before = { turn: recorded, spans: corrected.spans[place] ?? [] }
    // What was observed after another action answers that one: what the agent did then is not to be learnt.
    const stale = doesTheSame(before, { turn: after, spans }) ? [] : corrected.trajectory.turns.flatMap(({ role }, turn) => (turn > place && role === 'agent' ? [turn] : []))
    const changes: CorrectionChange[] = [
      ...replacementChanges({ index: place, before: recorded, after, spans }),
      // What stands there now is the teacher's, and is trained.
      { type: 'label', turn: place, label: 'good' },
      ...stale.map((turn) => ({ type: 'label' as const, turn, label: 'stale' as const })),
      { type: 'tags', tags: [...new Set([...corrected.tags, FIRST_ERROR])] },
      { type: 'note', text: [corrected.note, `first error: step ${step + 1} (turn ${place + 1}), replaced by ${teacher}${stale.length > 0 ? `; later steps follow from the old one, and are not trained` : ''}`].filter((line) => line !== '').join('\n').slice(-10_000) },
    ]
    const reason = `continuation ${index} of ${asked.continuations.length} by ${teacher}, asked ${id}`
    const entry = correctTrajectories(project, { title: `Step ${step + 1} by ${teacher}`.slice(0, 300), reason, author, at, revision: seen, changes: changes.map((change) => ({ trajectoryId: trajectory, change })) })
    return { entry, corrected, stale: stale.length }
  })
  const { tools, turns, taskId } = made.corrected.trajectory
  const preference: Preference = {
    id: randomBytes(8).toString('hex'), at, author, trajectoryId: trajectory, taskId, turn: place, step, tools, context: turns.slice(0, place),
    chosen: after, rejected: recorded, entry: made.entry.id,
    provenance: { teacher, asked: id, continuation: index, temperature, topP, seed: seed + index },
  }
  appendLine(preferencesPath(project.folder), JSON.stringify(preference))
  return { entry: made.entry, preference: preference.id, trajectory, turn: place, stale: made.stale }
}

const REFUSALS: { readonly [Why in Exclude<Unacceptable, 'failed'>]: readonly [message: string, expected: string] } = {
  same: ['this continuation says the very same as the recorded step', 'one that says something else'],
  'cut-off': ['this continuation is not whole', 'one that its teacher ended'],
  unreadable: ['in this continuation neither a call nor an answer can be read', 'one whose call or answer can be'],
}

/** Throws RetortError `not-acceptable`. */
function acceptable({ id, continuations }: Asked, index: number): Pick<Continuation, 'spans'> & { readonly turn: Turn } {
  const chosen = continuations.find((each) => each.index === index)
  const refuse = (message: string, found: string, expected: string): Error => new RetortError({ code: 'not-acceptable', message, found, expected, where: id })
  if (!chosen?.turn) {
    const can = continuations.filter((each) => unacceptable(each) === null).map((each) => each.index)
    throw refuse('there is no such continuation', chosen ? `number ${index}, which failed` : String(index), can.length === 0 ? 'none that came can be accepted' : `one of ${can.join(', ')}`)
  }
  const why = unacceptable(chosen)
  if (why === null || why === 'failed') return { turn: chosen.turn, spans: chosen.spans }
  const detail = why === 'unreadable' ? `, ${chosen.problem}` : why === 'cut-off' ? `, ended by ${chosen.end}` : ''
  throw refuse(REFUSALS[why][0], `number ${index}${detail}`, REFUSALS[why][1])
}

/** Of an asking one is accepted: a second would be preferred to what another was preferred to already. */
function refuseSecond(project: Project, id: string): void {
  const accepted = preferencesInForce(project).find(({ provenance }) => provenance.asked === id)
  if (!accepted) return
  throw new RetortError({
    code: 'not-acceptable', message: 'a continuation of this asking was accepted already', found: `number ${accepted.provenance.continuation}`,
    expected: 'an asking of which none is accepted', where: id, advice: 'undo that correction first, or ask anew',
  })
}
