// Working at an evaluation's tasks, several at a time; each episode is on the disk before it counts.
import { join } from 'node:path'
import { attempt, hasResult, resultOf, summarise, workedExample } from '../../core/evaluation/index.ts'
import { selfConsistent } from '../../core/agent/index.ts'
import { type Problem, suiteNamed } from '../../core/suites/index.ts'
import type { EvaluationProgress, EvaluationReport } from '../../shared/contract/evaluating.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { AgentEvent } from '../../shared/records/episode.ts'
import type { Evaluation, EvaluationSpec, EvaluationTerms, TaskResult } from '../../shared/records/evaluation.ts'
import type { BudgetChange, Traffic } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { systemClock } from '../agent/index.ts'
import { asRetortError } from '../files/index.ts'
import type { Endpoint } from '../providers/index.ts'
import { type BatchRequest, changedBudget, requirePrices, type TeacherTerms, trafficOf } from '../teaching/index.ts'
import { openSuiteTools } from '../suites/index.ts'
import { appendEpisode, evaluationFolder, lockEvaluation, makeId, readEpisodes, readEvaluation, writeEvaluation } from './folder.ts'
import { openSolver, type OpenSolver } from './solver.ts'
import { problemsOf } from './spec.ts'

export type EvaluateOptions = {
  /** Folder of the project. */
  readonly project: string
  readonly endpointOf: (provider: string) => Promise<Endpoint>
  readonly sideBySide?: number | undefined
  /** Cores of a student of this machine. */
  readonly threads?: number | undefined
  /** Of an endpoint: they take the place of what it was begun with, limit by limit. */
  readonly again?: { readonly budget?: BudgetChange | undefined; readonly traffic?: BatchRequest['traffic'] | undefined } | undefined
  /** Told what an endpoint is doing: asked again, over its limits. */
  readonly onNotice?: ((text: string) => void) | undefined
  readonly onProgress: (progress: EvaluationProgress) => void
  /** Aborting stops: what is done stays. */
  readonly signal: AbortSignal
}

/** Makes an evaluation in the project; it is not begun. Throws RetortError `no-prices`. */
export async function createEvaluation(project: string, spec: EvaluationSpec, { ladder = null, terms = null }: { readonly ladder?: Evaluation['ladder']; readonly terms?: TeacherTerms | null } = {}): Promise<Evaluation> {
  if (terms) requirePrices(terms)
  const problems = await problemsOf(suiteNamed(spec.suite), spec.tasks)
  const now = new Date()
  const evaluation: Evaluation = {
    id: makeId(now), createdAt: now.toISOString(), spec, model: '', files: null, state: 'stopped',
    total: problems.length, summary: summarise([], 0), seconds: 0, error: null, terms: terms && { ...terms, traffic: rates(trafficOf(terms.traffic)) }, usage: null, ladder,
  }
  writeEvaluation(project, evaluation)
  return evaluation
}

/** Tasks in a row whose model failed: the next ones would fail, too. */
const MOST_FAILURES = 5

/**
 * Works at the tasks that are not done yet, to the end or until the signal. Where the model failed at a task there is no result; the
 * evaluation then ends `failed`, at once after five in a row, and says why; those tasks are worked at again. Throws RetortError for a solver that cannot be had, and
 * `files-changed` where the student or its adapter is another one than before; the evaluation then says so, too.
 */
export async function runEvaluation(id: string, options: EvaluateOptions): Promise<EvaluationReport> {
  const { project, signal } = options
  withTerms(readEvaluation(project, id), options)
  const lock = lockEvaluation(project, id)
  try {
    // As it stands now that nobody else works at it.
    return await work(withTerms(readEvaluation(project, id), options), options)
  } catch (error) {
    const state = signal.aborted ? 'stopped' : 'failed'
    const known = asRetortError(error, { code: 'evaluation-failed', message: 'the evaluation could not go on' })
    writeEvaluation(project, { ...readEvaluation(project, id), state, error: state === 'failed' ? errorParts(known) : null })
    throw error
  } finally {
    lock.release()
  }
}

/** How many are asked at a time is the evaluation's own matter. */
const rates = ({ concurrency: _, ...traffic }: Traffic): EvaluationTerms['traffic'] => traffic

/** Throws RetortError `no-prices`. */
function withTerms(before: Evaluation, { again = {} }: EvaluateOptions): Evaluation {
  const { budget, traffic } = again
  if (budget === undefined && traffic === undefined) return before
  const usual = trafficOf({})
  const terms = before.terms ?? { prices: null, budget: { cost: null, tokens: null }, traffic: rates(usual) }
  return { ...before, terms: { ...terms, budget: budget ? changedBudget(terms, budget) : terms.budget, traffic: rates(trafficOf(traffic ?? {}, { ...usual, ...terms.traffic })) } }
}

async function work(before: Evaluation, options: EvaluateOptions): Promise<EvaluationReport> {
  const { project, signal } = options
  const { id, spec } = before
  const suite = suiteNamed(spec.suite)
  const problems = await problemsOf(suite, spec.tasks)
  const results = new Map<number, TaskResult>(readEpisodes(project, id).flatMap(({ place, result }) => (hasResult(result) ? [[place, result] as const] : [])))
  const began = performance.now()
  let usage = (): Evaluation['usage'] => before.usage ?? null
  const sorted = (): TaskResult[] => [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
  const standing = (state: Evaluation['state']): Evaluation => {
    const lost = sorted().filter((result) => !hasResult(result))
    const error = state === 'failed' && lost.length > 0 ? withoutResults(lost, problems.length) : null
    const seconds = before.seconds + (performance.now() - began) / 1000
    evaluation = { ...evaluation, state, summary: summarise(sorted(), seconds), seconds, error, usage: usage() }
    return evaluation
  }
  let evaluation: Evaluation = { ...before, total: problems.length }
  const left = problems.flatMap((problem, place) => (results.has(place) ? [] : [{ problem, place }]))
  const report = (rate: EvaluationReport['rate']): EvaluationReport =>
    ({ ...evaluation, folder: evaluationFolder(project, id), tasks: sorted(), rate })
  if (left.length === 0) {
    writeEvaluation(project, standing('finished'))
    return report(null)
  }

  const watch = watcher(options, () => standing('running'))
  watch.tell('loading')
  const asked = { folder: join(evaluationFolder(project, id), 'asked'), terms: before.terms ?? null, onNotice: options.onNotice ?? (() => undefined) }
  const solver = await openSolver({ spec, endpointOf: options.endpointOf, asked, sideBySide: options.sideBySide, threads: options.threads, signal })
  usage = solver.usage
  const tools = openSuiteTools()
  try {
    requireSame(before, solver)
    evaluation = { ...evaluation, model: solver.name, files: solver.files }
    writeEvaluation(project, standing('running'))
    const asking = { suite, prompting: spec.prompting, style: spec.style, system: spec.system }
    const givenUp = new AbortController()
    const world = { suiteTools: tools.tools, clock: systemClock, signal: AbortSignal.any([signal, givenUp.signal, ...(solver.ended ? [solver.ended] : [])]) }
    let failures = 0
    const example = spec.example ? await workedExample(asking, world) : []
    watch.begin(solver)
    const queue = left.values()
    const worker = async (): Promise<void> => {
      for (const { problem, place } of queue) {
        if (world.signal.aborted) return
        const events = await episodeOf({ spec, problem, place, example, solver, world, onStep: (step) => watch.step(problem, step) })
        // An episode that was cut off has no result.
        if (world.signal.aborted) return
        const result = resultOf(problem.task, events)
        appendEpisode(project, id, { place, result, events })
        results.set(place, result)
        writeEvaluation(project, standing('running'))
        watch.ended(result)
        failures = hasResult(result) ? 0 : failures + 1
        if (failures >= MOST_FAILURES) givenUp.abort()
      }
    }
    const ended = await Promise.allSettled(Array.from({ length: Math.min(solver.parallel, left.length) }, worker))
    const failure = ended.find((outcome) => outcome.status === 'rejected')
    if (failure) throw failure.reason
    if (solver.ended?.aborted && !signal.aborted) {
      const error = errorParts(asRetortError(solver.ended.reason, { code: 'evaluation-failed', message: 'the evaluation could not go on' }))
      evaluation = { ...standing('failed'), error }
      writeEvaluation(project, evaluation)
    } else writeEvaluation(project, standing(signal.aborted ? 'stopped' : sorted().every(hasResult) ? 'finished' : 'failed'))
    return report(rateOf(solver, (performance.now() - watch.begun()) / 1000))
  } finally {
    await tools.dispose()
    await solver.dispose()
  }
}

/** In the words of the last of them. */
function withoutResults(lost: readonly TaskResult[], of: number): RetortErrorParts {
  const { detail, error } = lost.at(-1)!
  const advice = error?.advice === undefined ? '' : `${error.advice}; then `
  return { code: 'no-result', message: `the model failed at ${lost.length} of ${of} tasks: they have no result`, found: error ? [error.message, error.found].filter(Boolean).join(': ') : detail, advice: `${advice}go on: these tasks are worked at again` }
}

type EpisodeInput = {
  readonly spec: EvaluationSpec
  readonly problem: Problem
  readonly place: number
  readonly example: readonly Turn[]
  readonly solver: OpenSolver
  readonly world: Pick<Parameters<typeof attempt>[0], 'suiteTools' | 'clock' | 'signal'>
  readonly onStep: (step: number) => void
}

/** Seeds of the tasks are apart, so that steps of two tasks do not draw alike. */
const SEEDS_OF_A_TASK = 1009

async function episodeOf({ spec, problem, place, example, solver, world, onStep }: EpisodeInput): Promise<AgentEvent[]> {
  const { sag, prompting, style, system, limits } = spec
  const events: AgentEvent[] = []
  const episode = attempt({
    suite: suiteNamed(spec.suite), prompting, style, system, problem, example, limits, ...world,
    model: (tools) => solver.model(problem, tools),
    sampling: { ...spec.sampling, seed: (spec.sampling.seed + place * SEEDS_OF_A_TASK) % 2 ** 32 },
    ...(sag ? { policy: selfConsistent(sag) } : {}),
  })
  for await (const event of episode) {
    if (event.type === 'step') onStep(event.step)
    if (event.type !== 'text' && event.type !== 'reasoning') events.push(event)
  }
  return events
}

function requireSame({ files, id }: Evaluation, solver: OpenSolver): void {
  if (files === null || solver.files === null) return
  if (files.student === solver.files.student && files.adapter === solver.files.adapter) return
  throw new RetortError({ code: 'files-changed', message: 'the student or its adapter is another one than when this evaluation was begun', where: id, expected: 'the same files', advice: 'begin a new evaluation' })
}

function rateOf(solver: OpenSolver, seconds: number): EvaluationReport['rate'] {
  const counts = solver.counts()
  return counts && { tokensPerSecond: (counts.evaluated + counts.written) / seconds, sideBySide: solver.parallel, promptTokens: counts.evaluated, reusedTokens: counts.shared }
}

const LATEST = 20

/** What is told of it while it goes on. */
function watcher({ onProgress }: EvaluateOptions, standing: () => Evaluation) {
  const working = new Map<string, EvaluationProgress['working'][number]>()
  const latest: EvaluationProgress['latest'] = []
  let solver: OpenSolver | null = null
  let began = performance.now()
  let done = 0
  const tell = (phase: EvaluationProgress['phase']): void => {
    const evaluation = standing()
    const seconds = (performance.now() - began) / 1000
    const counts = solver?.counts() ?? null
    const left = evaluation.total - evaluation.summary.tasks - evaluation.summary.withoutResult
    onProgress({
      id: evaluation.id, phase, evaluation, working: [...working.values()], latest: [...latest],
      tokensPerSecond: counts === null || seconds === 0 ? null : (counts.evaluated + counts.written) / seconds,
      etaSeconds: done === 0 ? null : (seconds / done) * left,
    })
  }
  return {
    tell,
    begin(opened: OpenSolver): void {
      solver = opened
      began = performance.now()
      tell('working')
    },
    begun: () => began,
    step({ task }: Problem, step: number): void {
      working.set(task.id, { task: task.id, question: task.question, step })
      tell('working')
    },
    ended({ task, success, answer, end }: TaskResult): void {
      done += 1
      working.delete(task.id)
      latest.push({ task: task.id, question: task.question, success, answer, end })
      if (latest.length > LATEST) latest.shift()
      tell('working')
    },
  }
}
