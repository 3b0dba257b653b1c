// One task put to one student: what it is given to begin with, the episode, and whether it was right.
import type { AgentEvent, AgentLimits, AgentSampling, AgentStyleName } from '../../shared/records/episode.ts'
import type { Prompting } from '../../shared/records/evaluation.ts'
import type { Outcome, Tool, Turn } from '../../shared/records/trajectory.ts'
import { RetortError } from '../../shared/errors.ts'
import { type AgentRun, type ChatModel, createToolbox, type Episode, foldEpisode, type Kit, openingTurns, runAgent, STYLES } from '../agent/index.ts'
import type { Clock } from '../ports/index.ts'
import { type Article, expertModel, type ExpertOptions, type Problem, type Suite, type SuiteTools } from '../suites/index.ts'

export type Asking = {
  readonly suite: Suite
  readonly prompting: Prompting
  readonly style: AgentStyleName
  /** null: the suite's own. */
  readonly system: string | null
}

/** Ways of asking that a suite has: one without answers in words can only be acted in. */
export function promptingsOf(suite: Suite): Prompting[] {
  if (suite.cotPrompt === null) return ['agent']
  const retrieves = suite.problem({ split: 'train', seed: 0, index: 0 }).retrieve !== null
  return retrieves ? ['agent', 'cot', 'cot+retrieval'] : ['agent', 'cot']
}

/** Throws RetortError `no-such-prompting` for what the suite does not have. */
export function requirePrompting({ suite, prompting }: Pick<Asking, 'suite' | 'prompting'>): void {
  const there = promptingsOf(suite)
  if (there.includes(prompting)) return
  throw new RetortError({ code: 'no-such-prompting', message: `tasks of ${suite.name} cannot be asked so`, found: prompting, expected: there.join(' or ') })
}

/** Tools of an episode: a chain of thought has none. */
const kitsOf = ({ prompting, style }: Asking, problem: Problem, tools: SuiteTools): readonly Kit[] =>
  prompting === 'agent' ? problem.kits(tools, style) : []

/** The same turns for training and for evaluation. Agents are shown no passages, whatever the suite could retrieve. */
async function openingOf(asking: Asking, problem: Problem, given: { readonly tools: readonly Tool[]; readonly suiteTools: SuiteTools }): Promise<Turn[]> {
  const { suite, prompting, system } = asking
  if (prompting === 'agent') return openingTurns({ system: system ?? suite.studentPrompt(given.tools), question: problem.task.question })
  const passages = prompting === 'cot' ? [] : ((await problem.retrieve?.(given.suiteTools)) ?? [])
  return openingTurns({ system: system ?? suite.cotPrompt ?? '', question: behindPassages(passages, problem.task.question) })
}

const behindPassages = (passages: readonly Article[], question: string): string =>
  passages.length === 0 ? question : [...passages.map(({ title, text }) => `${title}: ${text}`), `Question: ${question}`].join('\n\n')

/** A chain of thought is one text in one turn; its answer stands behind `Answer:`, as the ReAct style reads it. */
const styleOf = ({ prompting, style }: Asking): AgentStyleName => (prompting === 'agent' ? style : 'react')

export type Attempt = Asking & {
  readonly problem: Problem
  /** Who acts; a function is given the tools of the episode. */
  readonly model: ChatModel | ((tools: readonly Tool[]) => ChatModel)
  readonly suiteTools: SuiteTools
  /** Turns between the system message and the question. */
  readonly example: readonly Turn[]
  readonly sampling: AgentSampling
  readonly limits: AgentLimits
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly policy?: AgentRun['policy']
}

/** The log of the loop, and the outcome behind its `end`. Never throws for what the model or the tools do. */
export async function* attempt(given: Attempt): AsyncGenerator<AgentEvent, void, undefined> {
  const { problem, prompting, clock, signal, sampling, policy } = given
  const toolbox = createToolbox(kitsOf(given, problem, given.suiteTools), clock)
  const { tools } = toolbox
  const opening = await openingOf(given, problem, { tools, suiteTools: given.suiteTools })
  const turns = [...opening.slice(0, -1), ...given.example, ...opening.slice(-1)]
  const model = typeof given.model === 'function' ? given.model(tools) : given.model
  const limits = prompting === 'agent' ? given.limits : { ...given.limits, steps: 1 }
  const events: AgentEvent[] = []
  const run: AgentRun = { model, style: STYLES[styleOf(given)], toolbox, turns, sampling, limits, clock, signal, ...(policy ? { policy } : {}) }
  for await (const event of runAgent(run)) {
    if (event.type !== 'text' && event.type !== 'reasoning') events.push(event)
    yield event
  }
  const episode = foldEpisode(events)
  yield { type: 'outcome', outcome: prompting === 'agent' ? problem.score(episode) : scoreOfAnswer(problem, episode) }
}

function scoreOfAnswer({ scoreAnswer, task }: Problem, { end }: Episode): Outcome {
  const answer = end?.answer ?? null
  const success = answer !== null && scoreAnswer !== null && scoreAnswer(answer)
  const expected = task.answer === null ? '' : `, expected ${task.answer}`
  return { success, reward: success ? 1 : 0, detail: answer === null ? `no answer${expected}` : `answered ${answer}${expected}` }
}

/** The task that examples are made of: of training, and the same for every suite's evaluation. */
const EXAMPLE = { split: 'train', seed: 0, index: 0 } as const

/** A worked task as turns that stand before a question. */
export async function workedExample(asking: Asking, world: WorkedBy): Promise<Turn[]> {
  const { turns } = await workedEpisode(asking, asking.suite.problem(EXAMPLE), { ...world, seed: 0 })
  return turns.filter(({ role }) => role !== 'system')
}

type WorkedBy = Pick<Attempt, 'suiteTools' | 'clock' | 'signal'>

export type Working = WorkedBy & {
  /** Of the expert's words. */
  readonly seed: number
  readonly settings?: Omit<ExpertOptions, 'style'>
}

/** An expert does what it does within its suite's limits; these only end what never ends. */
const WORKED_LIMITS: AgentLimits = { steps: 200, seconds: 600, turnTokens: 4096, turnCharacters: 65_536, calls: 16, callSeconds: 60, observationCharacters: 4000 }

/** `slips`: steps that the expert took wrong on purpose. */
export type WorkedEpisode = Episode & { readonly slips: readonly number[] }

/**
 * A task as its suite's expert works it, in the turns that a student would be given: what the rungs of a ladder train on. Throws
 * RetortError `no-expert` for a task without one, `no-rationale` for one that cannot be solved in words.
 */
export async function workedEpisode(asking: Asking, problem: Problem, { seed, settings = {}, ...world }: Working): Promise<WorkedEpisode> {
  const { prompting, style } = asking
  const slips: number[] = []
  const model = (tools: readonly Tool[]): ChatModel =>
    prompting === 'agent' ? expertModel({ problem: watched(problem, slips), style, seed, tools, settings }) : rationaleModel(problem, seed)
  const events: AgentEvent[] = []
  const run = attempt({ ...asking, ...world, problem, model, example: [], sampling: { temperature: 0, topP: 1, seed: 0 }, limits: WORKED_LIMITS })
  for await (const event of run) events.push(event)
  return { ...foldEpisode(events), slips }
}

/** The problem, whose expert's slips are written down by their steps. */
const watched = (problem: Problem, slips: number[]): Problem => ({
  ...problem,
  expert: problem.expert && ((seed, options) => {
    const expert = problem.expert!(seed, options)
    return {
      next(steps) {
        const move = expert.next(steps)
        if (move.mistake) slips.push(steps.length)
        return move
      },
    }
  }),
})

function rationaleModel({ rationale, task }: Problem, seed: number): ChatModel {
  if (!rationale) throw new RetortError({ code: 'no-rationale', message: 'this task cannot be solved in words alone', found: task.id, expected: 'a suite with worked solutions' })
  return {
    name: `worked solution of ${task.suite}`,
    async *complete() {
      yield { type: 'text', text: rationale(seed) }
      yield { type: 'end', reason: 'stop', tokens: null, promptTokens: null }
    },
  }
}
