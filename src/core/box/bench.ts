// Is the box worth it? The same student on the same tasks without it, with it, and with solved examples that are like the task.
import type { BoxArm, BoxBench, BoxParameter } from '../../shared/contract/box.ts'
import type { AgentEvent, AgentLimits } from '../../shared/records/episode.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import { type ChatModel, createToolbox, foldEpisode, type Kit, openingTurns, runAgent, STYLES } from '../agent/index.ts'
import { mean, pairedDifference, wilson } from '../evaluation/index.ts'
import type { Clock } from '../ports/index.ts'
import { expertModel, type Problem, runProblem, type Suite, type SuiteTools } from '../suites/index.ts'
import { ownNumbers } from './numbers.ts'
import { argumentsOf, proceed } from './trial.ts'

export type BenchArm = BoxBench['arms'][number]

export type Benching = {
  readonly suite: Suite
  /** Tasks that neither a tool nor an example was made from. */
  readonly problems: readonly Problem[]
  /** Those the box was made from: examples are taken from them. */
  readonly training: readonly Problem[]
  readonly common: readonly number[]
  /** The box's tools, for one episode. */
  readonly box: () => Kit
  /** The tool that the worked example calls: the first of the box. */
  readonly shown: { readonly name: string; readonly parameters: readonly BoxParameter[] }
  readonly model: ChatModel
  readonly tools: SuiteTools
  readonly arms: readonly BoxArm[]
  /** Turns of an episode at most. */
  readonly steps: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress: (arm: BoxArm, done: number, right: number) => void
}

/** Worked tasks before the question, in every arm: a small student does not find the form of a call by itself. */
const EXAMPLES = 3
const LIMITS: Omit<AgentLimits, 'steps' | 'turnTokens'> = { seconds: 300, turnCharacters: 4000, calls: 2, callSeconds: 20, observationCharacters: 2000 }

type Worked = { readonly right: boolean; readonly steps: number; readonly promptTokens: number | null; readonly used: boolean; readonly seconds: number }

/** The arms differ in the tools, and in which tasks are shown as worked: the first of training, or those nearest to the task. Greedy. */
export async function benchArms(benching: Benching): Promise<BenchArm[]> {
  const rows: BenchArm[] = []
  let first: number[] | null = null
  for (const arm of benching.arms) {
    const worked: Worked[] = []
    for (const problem of benching.problems) {
      proceed(benching.signal)
      worked.push(await workAt(problem, arm, benching))
      benching.onProgress(arm, worked.length, worked.filter(({ right }) => right).length)
    }
    const values = worked.map(({ right }) => (right ? 1 : 0))
    const prompts = worked.map(({ promptTokens }) => promptTokens)
    rows.push({
      arm,
      right: worked.filter(({ right }) => right).length,
      success: wilson(worked.filter(({ right }) => right).length, worked.length),
      gain: first && pairedDifference(first, values, { seed: 0 }),
      steps: mean(worked.map(({ steps }) => steps)),
      promptTokens: prompts.every((tokens) => tokens !== null) ? mean(prompts) : null,
      used: worked.filter(({ used }) => used).length,
      seconds: mean(worked.map(({ seconds }) => seconds)),
    })
    first ??= values
  }
  return rows
}

async function workAt(problem: Problem, arm: BoxArm, benching: Benching): Promise<Worked> {
  const { suite, model, tools, clock, signal } = benching
  const boxKit = arm === 'box' ? [benching.box()] : []
  const toolbox = createToolbox([...boxKit, ...problem.kits(tools, suite.style)], clock)
  const boxNames = new Set(boxKit.flatMap((kit) => kit.tools.map(({ tool }) => tool.name)))
  const examples = await examplesFor({ problem, arm, tools: toolbox.tools }, benching)
  const style = STYLES[suite.style]
  const opening = openingTurns({ system: style.instructions(toolbox.tools), question: problem.task.question })
  const turns = [...opening.slice(0, -1), ...examples, ...opening.slice(-1)]
  const events: AgentEvent[] = []
  const sampling = { temperature: 0, topP: 1, seed: 0 }
  for await (const event of runAgent({ model, style, toolbox, turns, sampling, limits: { ...LIMITS, ...suite.limits, steps: benching.steps }, clock, signal })) {
    if (event.type !== 'text' && event.type !== 'reasoning') events.push(event)
  }
  proceed(signal)
  const episode = foldEpisode(events)
  const prompts = events.flatMap((event) => (event.type === 'agent' ? [event.promptTokens] : []))
  return {
    right: problem.score(episode).success === true,
    steps: episode.steps,
    promptTokens: prompts.reduce<number | null>((sum, tokens) => (sum === null || tokens === null ? null : sum + tokens), 0),
    used: events.some((event) => event.type === 'call' && boxNames.has(event.name)),
    seconds: episode.end?.seconds ?? 0,
  }
}

async function examplesFor({ problem, arm, tools }: { problem: Problem; arm: BoxArm; tools: readonly Tool[] }, benching: Benching): Promise<Turn[]> {
  const shown = arm === 'retrieval' ? nearest(problem, benching) : benching.training.slice(0, EXAMPLES)
  const turns: Turn[] = []
  for (const example of shown) turns.push(...(await (arm === 'box' ? calledTurns(example, benching, tools) : solvedTurns(example, benching))))
  return turns
}

/** As the suite's expert works it, without slips. */
async function solvedTurns(problem: Problem, { suite, tools: suiteTools, clock, signal }: Benching): Promise<Turn[]> {
  const events: AgentEvent[] = []
  const model = (tools: readonly Tool[]): ChatModel => expertModel({ problem, style: suite.style, seed: 0, tools, settings: { recovery: 0, stepwise: 0 } })
  for await (const event of runProblem({ suite, problem, model, tools: suiteTools, clock, signal })) events.push(event)
  return foldEpisode(events).turns.filter(({ role }) => role !== 'system')
}

/** The training tasks that share most numbers with this one; the nearest last, where it is next to the question. */
function nearest(problem: Problem, { training, common }: Benching): Problem[] {
  const numbersOf = ({ task }: Problem): number[] => ownNumbers(task.question, common)
  const wanted = numbersOf(problem)
  const shared = (other: Problem): number => {
    const left = [...wanted]
    return numbersOf(other).filter((number) => left.includes(number) && left.splice(left.indexOf(number), 1).length > 0).length
  }
  return [...training].map((other) => ({ other, score: shared(other) })).sort((a, b) => b.score - a.score).slice(0, EXAMPLES).map(({ other }) => other).reverse()
}

/** A task that is solved by one call of the box. */
async function calledTurns(problem: Problem, { suite, shown, common, box, signal }: Benching, tools: readonly Tool[]): Promise<Turn[]> {
  const style = STYLES[suite.style]
  const { question } = problem.task
  const args = argumentsOf(shown.parameters, question, common) ?? []
  const given = Object.fromEntries(shown.parameters.map(({ name }, place) => [name, args[place]]))
  const kit = box()
  const place = kit.tools.findIndex(({ tool }) => tool.name === shown.name)
  const parsed = kit.tools[place]!.parse(given)
  const { text } = 'value' in parsed ? await kit.run(place, parsed.value, { signal }) : { text: 'bad arguments' }
  await kit.dispose()
  const call = style.turnOf(style.write({ thought: `The tool ${shown.name} works it out from the numbers.`, calls: [{ name: shown.name, arguments: JSON.stringify(given) }] }, tools), 0)
  const end = style.turnOf(style.write({ thought: 'That is the answer.', answer: text }, tools), 1)
  return [...openingTurns({ system: '', question }), call, style.observe(text, call, 0), end]
}
