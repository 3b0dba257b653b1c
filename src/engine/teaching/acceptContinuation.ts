// A continuation accepted: the correction, the mark of the first error and the preference, as one entry of the journal.
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Accepted } from '../../shared/contract/asking.ts'
import { RetortError } from '../../shared/errors.ts'
import type { CorrectionChange } from '../../shared/records/correction.ts'
import { type Preference, preferenceSchema } from '../../shared/records/preference.ts'
import { appendLine } from '../files/index.ts'
import { correctTrajectories, entryInForce, getTrajectory, type Project, trajectoryRevision, writing } from '../project/index.ts'
import { readAsked, standsOf } from './askings.ts'
import { doesTheSame, replacementChanges } from './replaceTurn.ts'

/** On a trajectory whose first wrong step was replaced: the note says which. */
export const FIRST_ERROR = 'first error'

export type Acceptance = { readonly asked: string; readonly continuation: number; readonly author: string }

const preferencesPath = (project: string): string => join(project, 'preferences.jsonl')

/** Throws RetortError `no-asking`, `not-acceptable` (also for what says the same, or is not the first of its asking), `trajectory-changed`. */
export async function acceptContinuation(project: Project, { asked: id, continuation: index, author }: Acceptance): Promise<Accepted> {
  const asked = readAsked(project.folder, id)
  const chosen = asked.continuations.find((each) => each.index === index)
  if (!chosen?.turn) {
    const can = asked.continuations.filter(({ turn }) => turn !== null).map((each) => each.index)
    throw new RetortError({ code: 'not-acceptable', message: 'there is no such continuation', found: chosen ? `number ${index}, which failed` : String(index), expected: can.length === 0 ? 'none has come' : `one of ${can.join(', ')}`, where: id })
  }
  if (chosen.same) {
    throw new RetortError({ code: 'not-acceptable', message: 'this continuation says the very same as the recorded step', found: `number ${index}`, expected: 'one that says something else', where: id })
  }
  const { turn: place, step, recorded, revision, trajectory, teacher, temperature, topP, seed } = asked
  const at = new Date().toISOString()
  const after = chosen.turn
  const made = await writing(project, () => {
    refuseSecond(project, id)
    const corrected = getTrajectory(project, trajectory)
    // What was changed besides, as a label or a tag, or was undone again, is no matter.
    const seen = standsOf(corrected, place) === asked.stands ? trajectoryRevision(project, trajectory) : revision
    const before = { turn: recorded, spans: corrected.spans[place] ?? [] }
    // What was observed after another action answers that one: what the agent did then is not to be learnt.
    const stale = doesTheSame(before, { turn: after, spans: chosen.spans }) ? [] : corrected.trajectory.turns.flatMap(({ role }, turn) => (turn > place && role === 'agent' ? [turn] : []))
    const changes: CorrectionChange[] = [
      ...replacementChanges({ index: place, before: recorded, after, spans: chosen.spans }),
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

/** Of an asking one is accepted: a second would be preferred to what another was preferred to already. */
function refuseSecond(project: Project, id: string): void {
  const accepted = listPreferences(project).find(({ provenance }) => provenance.asked === id)
  if (!accepted) return
  throw new RetortError({
    code: 'not-acceptable', message: 'a continuation of this asking was accepted already', found: `number ${accepted.provenance.continuation}`,
    expected: 'an asking of which none is accepted', where: id, advice: 'undo that correction first, or ask anew',
  })
}

/** Those whose correction is in force, oldest first. Throws RetortError `preferences-damaged`. */
export function listPreferences(project: Project): Preference[] {
  const path = preferencesPath(project.folder)
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.flatMap((line, index): Preference[] => {
    if (line === '') return []
    try {
      const preference = preferenceSchema.parse(JSON.parse(line))
      return entryInForce(project, preference.entry) ? [preference] : []
    } catch (error) {
      // What a machine that died left of the last line: its correction is there, its preference is not.
      if (index === lines.length - 1) return []
      throw new RetortError({ code: 'preferences-damaged', message: 'a preference cannot be read', where: `${path}, line ${index + 1}`, found: error instanceof Error ? error.message.slice(0, 200) : String(error), expected: 'a preference as JSON', advice: 'take the line out' })
    }
  })
}
