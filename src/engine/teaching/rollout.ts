// One episode of a teacher on a task: asked, judged, and kept in the project with the student's short prompt where it is good.
import { askFirstThought, type ChatModel, distilledEpisode, foldEpisode, verdictOf, wantsFirstThought } from '../../core/agent/index.ts'
import { attempt } from '../../core/evaluation/index.ts'
import { type Problem, runProblem, type Suite, type SuiteTools } from '../../core/suites/index.ts'
import type { RetortErrorParts } from '../../shared/errors.ts'
import type { AgentEvent } from '../../shared/records/episode.ts'
import { type Rollout, ROLLOUT_FORMAT, type RolloutSettings } from '../../shared/records/rollout.ts'
import { keepEpisode, type Project } from '../project/index.ts'
import { systemClock } from '../agent/index.ts'
import type { AnswerToken } from '../providers/index.ts'
import { type Paying, paidModel } from './paidModel.ts'
import { slipsOf } from './slips.ts'

export type RolloutJob = {
  readonly project: Project
  readonly suite: Suite
  readonly problem: Problem
  /** Number of the episode of its task. */
  readonly turn: number
  readonly settings: RolloutSettings
  readonly tools: SuiteTools
  readonly paying: Omit<Paying, 'onAnswer'>
  /** The teacher is asked for the turn of this step. */
  readonly onStep: (step: number) => void
  readonly signal: AbortSignal
}

/** `tokens`: the log-probabilities of each answer of the episode, in order; null for an answer without. */
export type MadeRollout = { readonly rollout: Rollout; readonly tokens: readonly (readonly AnswerToken[] | null)[] }

/** `stopped`: it is not over, and its requests are in the journal: the same call goes on from there. */
export type Unfinished = { readonly stopped: RetortErrorParts | null }

/** Steps of an episode have seeds of their own, so that two episodes share none. */
const SEEDS_APART = 1009

/** The seed of an episode: the same in every start of the batch. */
export const episodeSeed = ({ seed }: Pick<RolloutSettings, 'seed'>, index: number, turn: number): number =>
  (seed + SEEDS_APART * (index * 64 + turn)) % 2 ** 32

export async function makeRollout(job: RolloutJob): Promise<MadeRollout | Unfinished> {
  const { problem, turn, settings, paying } = job
  const { task } = problem
  const seed = episodeSeed(settings, task.index, turn)
  const answers: { tokens: readonly AnswerToken[] | null; written: number | null; read: number | null }[] = []
  const model = paidModel({
    ...paying,
    onAnswer({ events, tokens }) {
      const end = events.findLast((event) => event.type === 'end')
      answers.push({ tokens, written: end?.tokens ?? null, read: end?.promptTokens ?? null })
    },
  })
  const asked = wantsFirstThought(settings.firstThought, task.family) ? await thoughtOf(job) : null
  if (asked && 'failure' in asked) return isEnd(asked.failure) ? { stopped: asked.failure } : { rollout: withoutEpisode({ task, turn, seed }, asked.failure), tokens: [] }
  const thought = asked === null || asked.prefix === '' ? null : asked
  const events: AgentEvent[] = []
  for await (const event of runOf(job, { model, seed, prefix: thought?.prefix })) {
    if (event.type === 'step') job.onStep(event.step)
    if (event.type !== 'text' && event.type !== 'reasoning') events.push(event)
  }
  const end = events.findLast((event) => event.type === 'end')
  // The schema leaves out what is absent; its type only says that it may.
  const error = (end?.error ?? null) as RetortErrorParts | null
  if (!end || end.reason === 'aborted' || (error && isEnd(error))) return { stopped: error }
  const verdict = verdictOf(events)
  const trajectory = verdict.rejected === null ? await kept(job, events) : null
  const covered = answers.filter(({ tokens }) => tokens !== null)
  return {
    tokens: answers.map(({ tokens }) => tokens),
    rollout: {
      task,
      turn,
      seed,
      ...verdict,
      outcome: events.findLast((event) => event.type === 'outcome')?.outcome ?? null,
      trajectory,
      slips: trajectory === null ? [] : slipsOf({ problem, settings, seed, events }),
      firstThought: thought && model.prefixes ? { text: thought.prefix, way: model.prefixes } : null,
      coverage: paying.logprobs === 0 ? null : {
        tokens: covered.reduce((sum, { tokens }) => sum + (tokens?.length ?? 0), 0),
        of: answers.reduce((sum, { tokens, written }) => sum + (written ?? tokens?.length ?? 0), 0),
      },
      steps: end.steps,
      calls: end.calls,
      promptTokens: summed(answers.map(({ read }) => read)),
      tokens: end.tokens,
      seconds: end.seconds,
      error,
      events,
    },
  }
}

/** A teacher that has twice said nothing will say no more: what it thinks is paid for. */
const MOST_BLANK = 2

/** As an agent behind the teacher's long prompt, or in words alone, as the student is asked for them. */
function runOf({ suite, problem, settings, tools, signal }: RolloutJob, { model, seed, prefix }: { model: ChatModel; seed: number; prefix: string | undefined }): AsyncIterable<AgentEvent> {
  const { style, prompting, temperature, topP } = settings
  const limits = { ...settings.limits, blanks: MOST_BLANK }
  const sampling = { temperature, topP, seed }
  const shared = { suite, problem, model, style, limits, sampling, signal, clock: systemClock }
  return prompting === 'agent'
    ? runProblem({ ...shared, tools, prompt: 'teacher', ...(prefix === undefined ? {} : { prefix }) })
    : attempt({ ...shared, prompting, system: null, suiteTools: tools, example: [] })
}

/** What is wrong for every other episode, too, or comes of being stopped. */
const ENDS: ReadonlySet<string> = new Set(['budget-reached', 'stopped', 'disk-full', 'read-only', 'no-access'])
const isEnd = ({ code }: RetortErrorParts): boolean => ENDS.has(code)

/** An episode that could not begin. */
const withoutEpisode = (of: Pick<Rollout, 'task' | 'turn' | 'seed'>, error: RetortErrorParts): Rollout => ({
  ...of,
  rejected: 'model-failed', detail: [error.message, error.found].filter(Boolean).join(': '), error,
  outcome: null, trajectory: null, firstThought: null, slips: [], coverage: null, steps: 0, calls: 0, promptTokens: null, tokens: null, seconds: 0, events: [],
})

/** Words that ask for a chain of thought where a suite has none of its own. */
const THINK = 'Answer the question. Think step by step in plain words, then give the answer in a last line "Answer: ...".'

/** Plain chain of thought, greedily, and so one for all episodes of a task: the journal has it after the first. '' where it has no words. */
function thoughtOf({ suite, problem, settings, paying, signal }: RolloutJob): ReturnType<typeof askFirstThought> {
  const model = paidModel({ ...paying, logprobs: 0 })
  const seed = episodeSeed(settings, problem.task.index, 0)
  return askFirstThought({ model, system: suite.cotPrompt ?? THINK, question: problem.task.question, maxTokens: settings.limits.turnTokens, seed, signal })
}

/** With the student's short system message where the teacher's long one was; a chain of thought is asked for in the same words from both. */
async function kept({ project, suite, problem, settings, paying }: RolloutJob, events: readonly AgentEvent[]): Promise<Rollout['trajectory']> {
  const { task } = problem
  const { prompting, studentPrompt } = settings
  const episode = prompting === 'agent' ? distilledEpisode(events, (tools) => studentPrompt ?? suite.studentPrompt(tools)) : foldEpisode(events)
  const source = { format: ROLLOUT_FORMAT, file: `${paying.source.name} | ${task.suite}/${task.split}/${settings.seed}`, index: task.index }
  return keepEpisode(project, episode, source)
}

const summed = (counts: readonly (number | null)[]): number | null =>
  counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0)
