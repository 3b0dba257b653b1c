// What a ladder's data and tasks are made of, as hashes of a sample: a ladder that is gone on with tells whether that is still the same.
import { workedEpisode } from '../../core/evaluation/index.ts'
import { createToolbox } from '../../core/agent/index.ts'
import { canonicalJson } from '../../core/pipeline/trajectory/index.ts'
import { drawProblems, ofFamilies, type Problem, type Suite, suiteNamed } from '../../core/suites/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { ArmData, Fingerprint, Ladder, LadderSpec, MakingPart, Rung } from '../../shared/records/ladder.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import { systemClock } from '../agent/index.ts'
import { sha256 } from '../files/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { appVersion } from '../training/index.ts'
import { FIRST_SEED } from './filling.ts'
import { problemsOf } from './spec.ts'
import { thoughtsLeft } from './weighing.ts'

/** Tasks of each sample: the first of those that the rungs are made of. */
const SAMPLE = 6

export type FingerprintInput = { readonly spec: LadderSpec; /** The spec's own where absent. */ readonly suite?: Suite; readonly signal: AbortSignal }

/** The same for the same ladder as long as suites, experts, tools and prompts are. Takes well under a second. */
export async function fingerprintOf({ spec, suite = suiteNamed(spec.suite), signal }: FingerprintInput): Promise<Fingerprint> {
  const sample = [...drawProblems(suite, { split: 'train', seed: FIRST_SEED + spec.seeds[0]!, count: SAMPLE })]
  const suiteTools = openSuiteTools()
  try {
    const tools = await toolsOf(sample[0]!, spec, suiteTools.tools)
    const episodes = await expertEpisodes({ spec, suite, suiteTools: suiteTools.tools, signal })
    const of = (role: Turn['role']): object[] => episodes.map((turns) => turns.filter((turn) => turn.role === role).map(({ text, calls }) => ({ text, calls: calls.map(({ name, arguments: given }) => ({ name, given })) })))
    const prompts = [spec.system ?? suite.studentPrompt(tools), suite.cotPrompt, ...(spec.teacher === null ? [] : [suite.teacherPrompt(tools)])]
    return {
      expert: hashOf(of('agent')), observed: hashOf(of('environment')), tools: hashOf(tools), prompts: hashOf(prompts), training: hashOf(sample.map(questionOf)),
      tasks: hashOf(await tasksOf(suite, spec)),
    }
  } finally {
    await suiteTools.dispose()
  }
}

const hashOf = (value: unknown): string => sha256(canonicalJson(value)).slice(0, 16)

const questionOf = ({ task: { question, answer } }: Problem): object => ({ question, answer })

async function toolsOf(problem: Problem, { style }: LadderSpec, suiteTools: Parameters<Problem['kits']>[0]): Promise<readonly Tool[]> {
  const toolbox = createToolbox(problem.kits(suiteTools, style), systemClock)
  await toolbox.dispose()
  return toolbox.tools
}

/** Of each set that the suite makes; files are known by their content. */
async function tasksOf(suite: Suite, { tasks }: LadderSpec): Promise<object[]> {
  const sets: object[] = []
  for (const { name, choice } of tasks) {
    if (choice.from === 'suite') sets.push({ name, first: (await problemsOf(suite, { ...choice, count: Math.min(SAMPLE, choice.count) })).map(questionOf) })
  }
  return sets
}

type Episodes = Required<Pick<FingerprintInput, 'spec' | 'suite' | 'signal'>> & { readonly suiteTools: Parameters<Problem['kits']>[0] }

/** The first of each kind of data that an expert makes, as the rungs have them; none where a model teaches. */
async function expertEpisodes({ spec, suite, suiteTools, signal }: Episodes): Promise<(readonly Turn[])[]> {
  const [seed] = spec.seeds
  const episodes: (readonly Turn[])[] = []
  for (const { form, families, expert } of spec.teacher === null ? dataOf(spec) : []) {
    const asking = { suite, prompting: form, style: spec.style, system: form === 'agent' ? spec.system : null }
    for (const problem of drawProblems(suite, { split: 'train', seed: FIRST_SEED + seed!, count: SAMPLE, ...ofFamilies(families) })) {
      signal.throwIfAborted()
      const { turns } = await workedEpisode(asking, problem, { suiteTools, clock: systemClock, signal, seed: seed! * 101, settings: expert })
      episodes.push(turns)
    }
  }
  signal.throwIfAborted()
  return episodes
}

/** Each kind once. */
function dataOf({ arms }: LadderSpec): Pick<ArmData, 'form' | 'families' | 'expert'>[] {
  const all = arms.flatMap(({ train, notApplicable }) => (train && train.data.file === undefined && notApplicable === undefined ? [train.data] : []))
  return [...new Map(all.map(({ form, families, expert }) => [canonicalJson({ form, families: families ?? null, expert }), { form, families, expert }])).values()]
}

/** An expert that sees something else does something else: what it sees counts as the tools' where it does the same. */
function changedParts(before: Fingerprint, now: Fingerprint): MakingPart[] {
  const differs = (part: keyof Fingerprint): boolean => before[part] !== now[part]
  const parts: [MakingPart, boolean][] = [
    ['expert', differs('expert')], ['tools', differs('tools') || (differs('observed') && !differs('expert'))], ['prompts', differs('prompts')], ['training', differs('training')],
  ]
  return parts.filter(([, is]) => is).map(([part]) => part)
}

/** Its thoughts are weighed against the expert of today. */
function isToWeigh(ladder: Pick<Ladder, 'spec' | 'rationale'>, rung: Rung): boolean {
  const arm = ladder.spec.arms.find(({ name }) => name === rung.arm)
  return rung.state === 'done' && arm !== undefined && thoughtsLeft(ladder, rung, arm)
}

/**
 * What a ladder keeps of that when it is climbed: what has changed since its first rungs is told with it. Throws RetortError
 * `tasks-changed` where rungs were evaluated on other tasks: there is nothing to compare.
 */
export async function makingsOf(ladder: Pick<Ladder, 'id' | 'spec' | 'rungs' | 'rationale' | 'fingerprint' | 'changes' | 'versions'>, signal: AbortSignal): Promise<Pick<Ladder, 'fingerprint' | 'changes'>> {
  const { id, spec, rungs, fingerprint, changes = [], versions = [] } = ladder
  const now = await fingerprintOf({ spec, signal })
  const begun = rungs.filter(({ data, evaluations }) => data !== null || evaluations.length > 0)
  // An older ladder knows nothing of its beginning.
  if (fingerprint === undefined || begun.length === 0) return { fingerprint: now }
  if (fingerprint.tasks !== now.tasks && rungs.some(({ evaluations }) => evaluations.length > 0)) {
    throw new RetortError({ code: 'tasks-changed', message: 'the tasks of this ladder are other ones than when it began: rungs before and after could not be compared', where: id, found: `those of version ${appVersion()}`, expected: `those of version ${versions.at(-1) ?? 'unknown'}`, advice: 'begin a new ladder' })
  }
  const left = rungs.some(({ state }) => state !== 'done' && state !== 'not-applicable')
  const thoughts = !left && rungs.some((rung) => isToWeigh(ladder, rung))
  // No thought is weighed on a task of training.
  const parts = changedParts(fingerprint, now).filter((part) => left || part !== 'training')
  if (parts.length === 0 || !(left || thoughts)) return {}
  return { fingerprint: now, changes: [...changes, { parts, version: appVersion(), before: begun.map(({ arm, seed }) => `${arm} ${seed}`), ...(thoughts && { thoughts }) }] }
}
