// Candidates of a curation for tests, from turns in one line each, and a world without student, judge or evaluation sets.
import { curate, type Candidate, type CurationWorld } from '../../src/core/pipeline/curation/index.ts'
import { segmentTrajectory } from '../../src/core/pipeline/segmentation/index.ts'
import { curationSettingsSchema, type CurationFilterName, type CurationSettingsInput } from '../../src/shared/records/curation.ts'
import type { Turn } from '../../src/shared/records/trajectory.ts'
import { agent, environment, trajectoryOf, user } from './turns.ts'

type Made = Partial<Omit<Candidate, 'task' | 'trajectory'>> & Partial<Candidate['trajectory']> & { readonly question?: string }

let made = 0

/** With an id of its own unless one is given; spans as segmentation gives them. */
export function candidate(turns: Turn[], { question = 'What is asked?', spans, labels = new Map(), review = 'new', tags = [], ...extra }: Made = {}): Candidate {
  const id = (made += 1).toString(16).padStart(16, '0')
  const trajectory = trajectoryOf(turns, { id, taskId: Buffer.from(question).toString('hex').padEnd(64, '0').slice(0, 64), ...extra })
  return { task: { id: trajectory.taskId, question }, trajectory, spans: spans ?? segmentTrajectory(trajectory), labels, review, tags }
}

export const success = (detail = 'reward = 1') => ({ success: true, reward: 1, detail })

/** A right ReAct episode: a search for each of `searches`, then the answer. */
export function react(searches: readonly string[], { answer = 'Paris', ...made }: Made & { readonly answer?: string } = {}): Candidate {
  const steps = searches.flatMap((query) => [agent(`Thought: I look for ${query}.\nAction: search[${query}]`), environment(`Observation: a page about ${query}`)])
  return candidate([user(made.question ?? 'What is asked?'), ...steps, agent(`Thought: That is enough.\nAction: finish[${answer}]`)], { outcome: success(), ...made })
}

export const EMPTY_WORLD: CurationWorld = {
  student: null, judge: null, evaluations: [], answers: new Map(), scores: new Map(),
  sameAnswer: (found, right) => (found === right ? 'exact' : null),
}

type Run = { readonly settings?: CurationSettingsInput; readonly world?: Partial<CurationWorld> }

/** The funnel of some filters. */
export const funnel = (filters: readonly CurationFilterName[], candidates: readonly Candidate[], { settings = {}, world = {} }: Run = {}) =>
  curate({
    candidates,
    settings: curationSettingsSchema.parse({ ...settings, order: [...filters] }),
    world: { ...EMPTY_WORLD, ...world },
    breathe: () => undefined,
    now: () => 0,
    onProgress: () => undefined,
  })

/** Reasons of one filter by the number of the candidate, null for what is kept. */
export async function reasons(filter: CurationFilterName, candidates: readonly Candidate[], run: Run = {}): Promise<(string | null)[]> {
  const { rejected } = await funnel([filter], candidates, run)
  return candidates.map(({ trajectory }) => rejected.find(({ id }) => id === trajectory.id)?.reason ?? null)
}
