// Suites as a person looks at them: their list, some of their tasks, and their experts at work.
import { drawProblems, expertModel, ofFamilies, type Problem, requireFamilies, runProblem, type Suite, SUITES, suiteNamed, type SuiteTools } from '../../core/suites/index.ts'
import { foldEpisode } from '../../core/agent/index.ts'
import type { Clock } from '../../core/ports/index.ts'
import type { ExpertReport, SuiteList, SuiteTasks } from '../../shared/contract/suites.ts'
import type { AgentEvent } from '../../shared/records/episode.ts'
import type { ExpertSettings, SuiteName, TaskSplit } from '../../shared/records/suite.ts'
import { openSuiteTools } from './tools.ts'

export type TaskQuery = { readonly suite: SuiteName; readonly split: TaskSplit; readonly seed: number; readonly count: number; readonly families?: readonly string[] }

const rowOf = ({ name, title, summary, style, styles, limits, families }: Suite): SuiteList['suites'][number] => ({
  name, title, summary, style, styles: [...styles], steps: limits.steps, families: { train: [...families.train], ood: [...families.ood] },
})

export const listSuites = (): SuiteList => ({ action: 'list', suites: SUITES.map(rowOf) })

/** Throws RetortError `no-family` for a family that the split does not have. */
function problemsOf({ suite: name, split, seed, count, families }: TaskQuery): Iterable<Problem> {
  const suite = suiteNamed(name)
  requireFamilies(suite, { split, families })
  return drawProblems(suite, { split, seed, count, ...ofFamilies(families) })
}

export async function showTasks(query: TaskQuery): Promise<SuiteTasks> {
  const suite = suiteNamed(query.suite)
  const problems = [...problemsOf(query)]
  const { tools, dispose } = openSuiteTools()
  try {
    const kits = problems[0]?.kits(tools) ?? []
    const prompt = suite.studentPrompt(kits.flatMap((kit) => kit.tools.map(({ tool }) => tool)))
    await Promise.all(kits.map((kit) => kit.dispose()))
    return { action: 'show', suite: rowOf(suite), split: query.split, seed: query.seed, prompt, tasks: problems.map(({ task }) => task) }
  } finally {
    await dispose()
  }
}

export type ExpertTrial = TaskQuery & {
  readonly settings: Partial<ExpertSettings>
  readonly onDone: (done: number) => void
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** The expert through the agent loop, one task after the other. */
export async function tryExpert(trial: ExpertTrial): Promise<ExpertReport> {
  const { suite: name, split, seed, signal, clock, onDone } = trial
  const failed: ExpertReport['failed'] = []
  const thoughts: string[] = []
  let sample: ExpertReport['sample'] = null
  let [tasks, steps, calls] = [0, 0, 0]
  const began = clock.now()
  const { tools, dispose } = openSuiteTools()
  try {
    for (const problem of problemsOf(trial)) {
      signal.throwIfAborted()
      const episode = foldEpisode(await eventsOf(problem, trial, tools))
      const { end, outcome, turns, spans } = episode
      tasks += 1
      steps += episode.steps
      calls += episode.calls
      for (const [index, turn] of turns.entries()) {
        if (turn.role === 'agent') thoughts.push(spans[index]!.filter(({ kind }) => kind === 'reason').map((span) => turn.text.slice(span.start, span.end)).join(''))
      }
      if (outcome?.success !== true) failed.push({ id: problem.task.id, end: end?.reason ?? 'aborted', detail: outcome?.detail ?? '' })
      sample ??= { id: problem.task.id, turns: [...turns] }
      onDone(tasks)
    }
  } finally {
    await dispose()
  }
  const each = (sum: number): number => (tasks === 0 ? 0 : sum / tasks)
  return {
    action: 'expert', suite: name, split, seed, tasks, solved: tasks - failed.length, failed, sample,
    steps: each(steps), calls: each(calls), seconds: each((clock.now() - began) / 1000),
    thoughts: { total: thoughts.length, distinct: new Set(thoughts.map((text) => text.replace(/\d+/g, '#'))).size },
  }
}

/** Each task has an expert of its own seed. */
async function eventsOf(problem: Problem, { suite: name, seed, settings, clock, signal }: ExpertTrial, tools: SuiteTools): Promise<AgentEvent[]> {
  const suite = suiteNamed(name)
  const events: AgentEvent[] = []
  const model = (offered: Parameters<typeof expertModel>[0]['tools']): ReturnType<typeof expertModel> =>
    expertModel({ problem, style: suite.style, seed, tools: offered, settings })
  for await (const event of runProblem({ suite, problem, model, tools, clock, signal })) events.push(event)
  return events
}
