// Slips that an expert made on purpose, found by asking it again, and labelled in the project: a mistake, and what mends it.
import { pastSteps, type Problem } from '../../core/suites/index.ts'
import type { CorrectionChange } from '../../shared/records/correction.ts'
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import { type Rollout, ROLLOUT_FORMAT, type RolloutBatch, type RolloutSettings } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { correctTrajectories, getOriginal, pastCorrections, type Project, writing } from '../project/index.ts'

type Played = { readonly problem: Problem; readonly settings: RolloutSettings; readonly seed: number; readonly events: readonly AgentEvent[] }

/** Turns of the episode that its trajectory has not: the teacher's instruction, where the student has none. */
const hiddenIn = ({ turns }: EventOf<'start'>, { prompting, studentPrompt }: Pick<RolloutSettings, 'prompting' | 'studentPrompt'>): number =>
  prompting === 'agent' && studentPrompt === '' ? turns.filter(({ role }) => role === 'system').length : 0

/** Turns of the episode's trajectory; none for a teacher that is a model. */
export function slipsOf({ problem, settings: kept, seed, events }: Played): number[] {
  const { teacher, style } = kept
  if (teacher.type !== 'expert' || !problem.expert) return []
  const settings = Object.fromEntries(Object.entries(teacher.settings).filter(([, share]) => share !== undefined))
  const expert = problem.expert(seed, { ...settings, style })
  const turns: Turn[] = []
  const slips: number[] = []
  let hidden = 0
  for (const event of events) {
    if (event.type === 'start') {
      turns.push(...event.turns)
      hidden = hiddenIn(event, kept)
    }
    if (event.type === 'agent' && expert.next(pastSteps(turns, style)).mistake) slips.push(turns.length - hidden)
    if (event.type === 'agent' || event.type === 'observation') turns.push(event.turn)
  }
  return slips
}

/** Trajectories of an edit at most: undoing it is one step. */
const AT_ONCE = 5000

/**
 * Labels the slips and what follows them, as entries of the journal. A turn whose label or text was changed before, by this or by
 * hand, is left as it is, also when that was undone: so the same episodes can be given again. Resolves to the trajectories it has labelled.
 */
export async function labelSlips(project: Project, { id, settings }: Pick<RolloutBatch, 'id' | 'settings'>, rollouts: readonly Rollout[]): Promise<number> {
  const slipped = new Map(rollouts.flatMap(({ trajectory, slips, events }) => (trajectory && slips.length > 0 ? [[trajectory.id, { trajectory, slips, events }] as const] : [])))
  const all = [...slipped.values()]
  const labelled = new Set<string>()
  for (let from = 0; from < all.length; from += AT_ONCE) {
    await writing(project, () => {
      const changes = all.slice(from, from + AT_ONCE).flatMap(({ trajectory, slips, events }) =>
        isOfTeacher(project, trajectory) ? untouched(project, trajectory.id, labelsOf(agentTurns(events, settings), slips)) : [],
      )
      if (changes.length === 0) return
      for (const { trajectoryId } of changes) labelled.add(trajectoryId)
      correctTrajectories(project, { title: `Slips of the expert in ${id}`, reason: 'made on purpose, and mended in the next step', author: 'retort teach', at: new Date().toISOString(), changes })
    })
  }
  return labelled.size
}

/** One that the project had before may be this batch's own, of a start that was killed before it wrote the episode down; or was imported, and is another's. */
const isOfTeacher = (project: Project, { id, kept }: NonNullable<Rollout['trajectory']>): boolean =>
  kept === 'kept' || getOriginal(project, id).trajectory.source.format === ROLLOUT_FORMAT

function untouched(project: Project, trajectoryId: string, changes: readonly TurnLabel[]): { trajectoryId: string; change: CorrectionChange }[] {
  const touched = new Set(pastCorrections(project, trajectoryId).flat().flatMap(({ change }) => (change.type === 'label' || change.type === 'text' ? [change.turn] : [])))
  return changes.filter(({ turn }) => !touched.has(turn)).map((change) => ({ trajectoryId, change }))
}

type TurnLabel = Extract<CorrectionChange, { type: 'label' }>

function labelsOf(agents: readonly number[], slips: readonly number[]): TurnLabel[] {
  const slipped = new Set(slips)
  return agents.flatMap((turn, at): TurnLabel[] => {
    if (slipped.has(turn)) return [{ type: 'label', turn, label: 'mistake' }]
    return slipped.has(agents[at - 1] ?? -1) ? [{ type: 'label', turn, label: 'recover' }] : []
  })
}

/** Turns of the agent, in the trajectory. */
function agentTurns(events: readonly AgentEvent[], settings: RolloutSettings): number[] {
  const agents: number[] = []
  let turns = 0
  for (const event of events) {
    if (event.type === 'start') turns += event.turns.length - hiddenIn(event, settings)
    if (event.type === 'agent') agents.push(turns)
    if (event.type === 'agent' || event.type === 'observation') turns += 1
  }
  return agents
}
