// Slips that an expert made on purpose, found by asking it again, and labelled in the project: a mistake, and what mends it.
import { pastSteps, type Problem } from '../../core/suites/index.ts'
import type { CorrectionChange } from '../../shared/records/correction.ts'
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import type { Rollout, RolloutBatch, RolloutSettings } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { correctTrajectories, type Project, writing } from '../project/index.ts'

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

/** Labels the slips and what follows them, as entries of the journal; those that the project had before are left as they are. */
export async function labelSlips(project: Project, { id, settings }: Pick<RolloutBatch, 'id' | 'settings'>, rollouts: readonly Rollout[]): Promise<void> {
  const labelled = rollouts.filter(({ trajectory, slips }) => trajectory?.kept === 'kept' && slips.length > 0)
  for (let from = 0; from < labelled.length; from += AT_ONCE) {
    const changes = labelled.slice(from, from + AT_ONCE).flatMap(({ trajectory, slips, events }) =>
      labelsOf(agentTurns(events, settings), slips).map((change) => ({ trajectoryId: trajectory!.id, change })),
    )
    const edit = { title: `Slips of the expert in ${id}`, reason: 'made on purpose, and mended in the next step', author: 'retort teach', at: new Date().toISOString(), changes }
    await writing(project, () => correctTrajectories(project, edit))
  }
}

function labelsOf(agents: readonly number[], slips: readonly number[]): CorrectionChange[] {
  const slipped = new Set(slips)
  return agents.flatMap((turn, at): CorrectionChange[] => {
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
