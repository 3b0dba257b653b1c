// The experts of suites as one voice: a conversation's task is found by its question, and its expert says what comes next.
import { setImmediate as pause } from 'node:timers/promises'
import { createToolbox, type ModelEvent } from '../../core/agent/index.ts'
import { expertModel, type Problem, type Suite, suiteNamed } from '../../core/suites/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { type AgentStyleName, agentStyleSchema } from '../../shared/records/episode.ts'
import { type ExpertSettings, type SuiteName, taskSplitSchema } from '../../shared/records/suite.ts'
import type { Tool, Turn } from '../../shared/records/trajectory.ts'
import { systemClock } from '../agent/index.ts'
import { openSuiteTools } from '../suites/index.ts'

export type ExpertAnswers = {
  /** What may be asked for: a suite's name, with a style behind a colon where it is not the suite's own. */
  readonly models: readonly string[]
  /** Known from here on, without being looked for. */
  readonly know: (problem: Problem) => void
  /** Throws RetortError `no-model`, `no-task`, `not-applicable`. */
  answer(question: ExpertQuestion): Promise<AsyncIterable<ModelEvent>>
  readonly dispose: () => Promise<void>
}

export type ExpertQuestion = {
  readonly model: string
  readonly turns: readonly Turn[]
  /** Tools are offered for structured calls. */
  readonly structured: boolean
  /** Of this request: the episode's seed and the number of the step, as the agent loop sends it. */
  readonly seed: number
}

export type ExpertAnswersOptions = { readonly suites: readonly SuiteName[]; readonly seed: number; readonly settings: Partial<ExpertSettings> }

/** Tasks of each split that are made in search of a question, and how many before others have their turn. */
const MOST_TASKS = 3000
const AT_ONCE = 25

export function openExpertAnswers({ suites: names, seed, settings }: ExpertAnswersOptions): ExpertAnswers {
  const suites = names.map(suiteNamed)
  const opened = openSuiteTools()
  const known = new Map<SuiteName, Map<string, Problem>>(names.map((name) => [name, new Map<string, Problem>()]))
  const made = new Map<SuiteName, number>()
  const offered = new Map<string, readonly Tool[]>()

  async function find(suite: Suite, questions: readonly string[]): Promise<Problem> {
    const own = known.get(suite.name)!
    for (;;) {
      const problem = questions.map((question) => own.get(question)).find((found) => found !== undefined)
      if (problem) return problem
      const from = made.get(suite.name) ?? 0
      if (from >= MOST_TASKS) {
        throw new RetortError({
          code: 'no-task', message: 'no message of the user is a task of this suite', found: JSON.stringify(questions.at(0)?.slice(0, 120) ?? ''),
          expected: `the question of one of the first ${MOST_TASKS} tasks of ${suite.name}, seed ${seed}, as it is`,
        })
      }
      made.set(suite.name, from + AT_ONCE)
      for (let index = from; index < from + AT_ONCE; index++) {
        for (const split of taskSplitSchema.options) if (index < (suite.count?.(split) ?? Infinity)) put(suite.problem({ split, seed, index }))
      }
      await pause()
    }
  }

  function put(problem: Problem): void {
    const own = known.get(problem.task.suite)
    if (own && !own.has(problem.task.question)) own.set(problem.task.question, problem)
  }

  async function toolsOf(problem: Problem, style: AgentStyleName): Promise<readonly Tool[]> {
    const id = `${problem.task.id} ${style}`
    const before = offered.get(id)
    if (before) return before
    const toolbox = createToolbox(problem.kits(opened.tools, style), systemClock)
    offered.set(id, toolbox.tools)
    await toolbox.dispose()
    return toolbox.tools
  }

  return {
    models: suites.flatMap(modelsOf),
    know: put,
    async answer({ model, turns, structured, seed: asked }) {
      const [name, styleName] = model.split(':')
      const suite = suites.find((row) => row.name === name)
      const named = styleName === undefined ? undefined : agentStyleSchema.safeParse(styleName).data
      if (!suite || (styleName !== undefined && (named === undefined || !suite.styles.includes(named)))) {
        throw new RetortError({ code: 'no-model', message: 'there is no such model', found: model, expected: suite ? modelsOf(suite).join(', ') : names.join(', ') })
      }
      if (turns.at(-1)?.role === 'agent') {
        throw new RetortError({ code: 'not-applicable', message: 'a scripted teacher continues no message of its own', found: 'an assistant message at the end', expected: 'a message of the user or a tool there' })
      }
      // The newest first: a worked example may stand before the task.
      const users = turns.filter(({ role }) => role === 'user').map(({ text }) => text.trim()).reverse()
      const problem = await find(suite, users)
      const own = turns.slice(turns.findLastIndex(({ role, text }) => role === 'user' && text.trim() === problem.task.question))
      const style = structured ? 'native' : (named ?? suite.style)
      // The loop adds the number of the step: without it, all steps of an episode have one seed.
      const steps = own.filter(({ role }) => role === 'agent').length
      const episode = (asked - steps + 2 ** 32) % 2 ** 32
      return expertModel({ problem, style, seed: episode, tools: await toolsOf(problem, style), settings }).complete(own, NO_OPTIONS)
    },
    dispose: opened.dispose,
  }
}

const modelsOf = ({ name, styles }: Suite): string[] => [name, ...styles.map((style) => `${name}:${style}`)]

/** A script takes none. */
const NO_OPTIONS = { tools: [], stop: [], maxTokens: 0, temperature: 0, topP: 1, seed: 0, signal: new AbortController().signal }
