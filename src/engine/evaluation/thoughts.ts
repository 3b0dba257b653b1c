// A student put behind the steps of an expert's episodes: what it thinks and does there, and what it does behind another thought.
import { type AskedStep, rationaleOf, workedEpisode } from '../../core/evaluation/index.ts'
import { type ChatModel, createToolbox, type Style, STYLES, type Toolbox } from '../../core/agent/index.ts'
import { sideBySide } from '../../core/sideBySide.ts'
import { type Problem, suiteNamed } from '../../core/suites/index.ts'
import type { EvaluationSpec } from '../../shared/records/evaluation.ts'
import type { Rationale } from '../../shared/records/ladder.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { RetortError } from '../../shared/errors.ts'
import { systemClock } from '../agent/index.ts'
import { openStudent } from '../llama/index.ts'
import { type OpenSuiteTools, openSuiteTools } from '../suites/index.ts'
import { openSolver } from './solver.ts'
import { problemsOf } from './spec.ts'

/** Steps that are asked, evenly over the episodes of so many tasks. */
const STEPS = 60
const TASKS = 20

/** What a turn says: all before its first act or answer, and these in a form that is equal for equal ones. */
type Read = { readonly thought: string; readonly action: string }
type Reader = (turn: Turn) => Read
/** A step of an expert's episode: all before it, and what the expert does there. */
type Place = { readonly before: readonly Turn[]; readonly expert: Read; readonly problem: Problem }

export type ThoughtsInput = {
  readonly spec: EvaluationSpec
  /** Cores of the student. */
  readonly threads?: number | undefined
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

/**
 * null where there is nothing to ask: tasks from a file have no expert, and structured calls stand behind no thought in the text. Steps
 * beyond the student's context are left out, and counted. Throws RetortError `context-full` where all are, and what the student fails with.
 */
export async function measureThoughts({ spec, threads, onProgress, signal }: ThoughtsInput): Promise<Omit<Rationale, 'arm' | 'seed'> | null> {
  const style = STYLES[spec.style]
  if (spec.tasks.from === 'file' || spec.prompting !== 'agent' || style.structured) return null
  const tools = openSuiteTools()
  try {
    const problems = (await problemsOf(suiteNamed(spec.suite), spec.tasks)).slice(0, TASKS)
    // The tools are the same for all tasks of a suite, and nothing is run in them.
    const toolbox = createToolbox(problems[0]!.kits(tools.tools, spec.style), systemClock)
    try {
      const reader = readerOf(style, toolbox)
      const places = await expertPlaces(problems, { spec, tools, reader, signal })
      const steps = await askedSteps(places, { spec, style, reader, threads, onProgress, signal })
      if (steps.length === 0 && places.length > 0) throw new RetortError({ code: 'context-full', message: "no step of the expert's leaves room for an answer", found: `${places.length} steps beyond ${spec.context} tokens`, expected: 'at least one within them' })
      return rationaleOf(steps, places.length - steps.length)
    } finally {
      await toolbox.dispose()
    }
  } finally {
    await tools.dispose()
  }
}

const readerOf = (style: Style, toolbox: Toolbox): Reader => (turn) => {
  const { spans, calls, answer } = style.read(turn)
  const start = spans.find(({ kind }) => kind === 'act' || kind === 'final')?.start ?? turn.text.length
  const thought = turn.text.slice(0, start)
  if (answer !== null) return { thought, action: `answer ${answer.trim().toLowerCase()}` }
  const canonical = calls.map((call) => {
    const prepared = toolbox.prepare(call)
    return 'status' in prepared ? `refused ${call.name} ${call.argument}` : `${prepared.name} ${prepared.arguments}`
  })
  return { thought, action: canonical.join('\n') }
}

async function expertPlaces(problems: readonly Problem[], { spec, tools, reader, signal }: { spec: EvaluationSpec; tools: OpenSuiteTools; reader: Reader; signal: AbortSignal }): Promise<Place[]> {
  const asking = { suite: suiteNamed(spec.suite), prompting: spec.prompting, style: spec.style, system: spec.system }
  const places: Place[] = []
  for (const problem of problems) {
    const { turns } = await workedEpisode(asking, problem, { suiteTools: tools.tools, clock: systemClock, signal, seed: 0, settings: { recovery: 0 } })
    for (const [at, turn] of turns.entries()) if (turn.role === 'agent') places.push({ before: turns.slice(0, at), expert: reader(turn), problem })
  }
  const most = Math.min(STEPS, places.length)
  return Array.from({ length: most }, (_, i) => places[Math.floor((i * places.length) / most)]!)
}

type Asking = Omit<ThoughtsInput, 'spec'> & { readonly spec: EvaluationSpec; readonly style: Style; readonly reader: Reader }

/** Of those places whose steps the context has room for. */
async function askedSteps(all: readonly Place[], { spec, style, reader, threads, onProgress, signal }: Asking): Promise<AskedStep[]> {
  const endpointOf = (): Promise<never> => Promise.reject(new Error('only local students are asked'))
  const solver = await openSolver({ spec: { ...spec, sag: null }, endpointOf, threads, signal })
  try {
    let done = 0
    const ask = async (place: Place, prefix: string): Promise<Read | null> => {
      const turn = await written(solver.model(place.problem, []), place.before, { style, prefix, maxTokens: spec.limits.turnTokens, signal })
      onProgress(++done, 2 * all.length)
      return turn && reader(turn)
    }
    const answers = await sideBySide(all, solver.parallel, (place) => ask(place, ''))
    const places = all.filter((_, index) => answers[index] !== null)
    const own = answers.filter((answer) => answer !== null)
    done += all.length - places.length
    const thoughts = own.map((_, index) => otherThought(places, own, index))
    const swapped = await sideBySide(places, solver.parallel, async (place, index) => {
      const thought = thoughts[index] ?? null
      return thought === null ? null : ask(place, thought)
    })
    const texts = own.flatMap(({ thought }, index) => [thought, places[index]!.expert.thought])
    const lengths = await tokenCounts(texts, spec, signal)
    return places.map(({ expert, problem }, index) => ({
      task: problem.task.id,
      thought: own[index]!.thought, expertThought: expert.thought,
      own: own[index]!.action === expert.action, swapped: actionIs(swapped[index] ?? null, expert),
      tokens: { student: lengths[2 * index]!, expert: lengths[2 * index + 1]! },
    }))
  } finally {
    await solver.dispose()
  }
}

const actionIs = (turn: Read | null, expert: Read): boolean | null => turn && turn.action === expert.action

/** The student's thought at a step of another task, about half of all steps away; null: at none of them it thought anything. */
export function otherThought(places: readonly Pick<Place, 'problem'>[], own: readonly Pick<Read, 'thought'>[], index: number): string | null {
  for (let off = 0; off < places.length; off++) {
    const other = (index + Math.floor(places.length / 2) + off) % places.length
    if (places[other]!.problem !== places[index]!.problem && own[other]!.thought !== '') return own[other]!.thought
  }
  return null
}

type Writing = { readonly style: Style; readonly prefix: string; readonly maxTokens: number; readonly signal: AbortSignal }

/** null: the context has no room for it. */
async function written(model: ChatModel, turns: readonly Turn[], { style, prefix, maxTokens, signal }: Writing): Promise<Turn | null> {
  let content = prefix
  for await (const event of model.complete(turns, { tools: [], stop: style.stop, maxTokens, temperature: 0, topP: 1, seed: 0, ...(prefix === '' ? {} : { prefix }), signal })) {
    if (event.type === 'text') content += event.text
    if (event.type !== 'failed') continue
    if (event.error.code === 'context-full') return null
    throw new RetortError(event.error)
  }
  signal.throwIfAborted()
  return style.turnOf({ content, calls: [] }, 0)
}

/** By the student's own tokenizer. */
async function tokenCounts(texts: readonly string[], { solver }: EvaluationSpec, signal: AbortSignal): Promise<number[]> {
  if (solver.type !== 'local') throw new Error('only local students are asked')
  const student = await openStudent({ path: solver.student, weights: 'none', signal })
  try {
    return texts.map((text) => student.tokenizer.encode(text).length)
  } finally {
    await student.dispose()
  }
}
