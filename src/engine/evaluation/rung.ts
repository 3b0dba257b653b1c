// One rung of a ladder: its data, its training, its evaluations.
import { join } from 'node:path'
import type { LadderProgress } from '../../shared/contract/evaluating.ts'
import { RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { Evaluation, EvaluationSpec, Solver } from '../../shared/records/evaluation.ts'
import type { Ladder, LadderArm, LadderSpec, Rung } from '../../shared/records/ladder.ts'
import { openProject, type Project } from '../project/index.ts'
import { findRun } from '../store/index.ts'
import type { FindTeacher } from '../teaching/index.ts'
import { canGoOn, chooseAdapter, continueRun, createLossSource, createRun, readMetrics, readRunConfig, runFolderOf } from '../training/index.ts'
import { createEvaluation, runEvaluation } from './evaluate.ts'
import { readEvaluation } from './folder.ts'
import { requireFiles } from './ladderFiles.ts'
import { type RungData, rungData } from './rungData.ts'
import { standingOf } from './standing.ts'

export type RungOptions = {
  /** Folder of the project. */
  readonly project: string
  readonly cacheDir: string
  /** Known folders of students. */
  readonly folders: readonly string[]
  readonly sideBySide?: number | undefined
  /** Cores of students that answer; those that train have the threads of their run. */
  readonly threads?: number | undefined
  /** How a teacher behind an endpoint is had, with its key; a GGUF file needs nothing. */
  readonly findTeacher?: FindTeacher | undefined
  /** Aborting stops: what is done stays. */
  readonly signal: AbortSignal
}

/** `part`: the set of tasks, or the weighing of thoughts, where it is not the state alone that says what is done. */
export type Tell = (done: number, total: number, part?: Partial<Pick<LadderProgress, 'tasks' | 'weighing'>>) => void

/** A rung as it stands on its ladder, and how that is changed. */
export type Standing = {
  readonly ladder: () => Ladder
  readonly rung: () => Rung
  readonly put: (change: Partial<Rung>) => void
  readonly tell: Tell
  readonly folder: string
}

/** Taught, trained and evaluated, but for what is done. Throws what stands in the way of it. */
export async function climbRung(arm: LadderArm, at: Standing, options: RungOptions): Promise<void> {
  const { spec } = at.ladder()
  const adapter = arm.train === null ? borrowed(arm, at) : await trained(arm, at, options)
  for (const { name, choice } of spec.tasks) {
    options.signal.throwIfAborted()
    const known = at.rung().evaluations.find(({ tasks }) => tasks === name)
    const evaluation = (known && standingOf(options.project, known.id)) ?? await begin(options.project, at, { arm, adapter, name, choice })
    at.put({ state: 'evaluating' })
    const note = (now: Evaluation): void => at.put({ evaluations: [...at.rung().evaluations.filter(({ tasks }) => tasks !== name), { tasks: name, id: now.id, summary: now.summary }] })
    note(evaluation)
    const { project, sideBySide, threads, signal } = options
    if (evaluation.state !== 'finished') {
      await requireFiles(spec)
      await runEvaluation(evaluation.id, {
        project, sideBySide, threads, signal,
        endpointOf: () => Promise.reject(new Error('a ladder has no endpoints')),
        onProgress: (progress) => at.tell(progress.evaluation.summary.tasks, progress.evaluation.total, { tasks: name }),
      })
    }
    signal.throwIfAborted()
    const ended = readEvaluation(project, evaluation.id)
    note(ended)
    if (ended.error) throw new RetortError(ended.error as RetortErrorParts)
  }
}

type Wanted = { readonly arm: LadderArm; readonly adapter: string | null; readonly name: string; readonly choice: LadderSpec['tasks'][number]['choice'] }

async function begin(project: string, at: Standing, { arm, adapter, choice }: Wanted): Promise<Evaluation> {
  const { id, spec } = at.ladder()
  const { seed, run } = at.rung()
  const solver: Solver = { type: 'local', student: spec.student, adapter: adapter === null ? null : { path: adapter, scale: 1, run } }
  const evaluation: EvaluationSpec = {
    suite: spec.suite, tasks: choice, solver, prompting: arm.prompting, style: spec.style, example: arm.example,
    system: arm.prompting === 'agent' ? spec.system : null, sag: arm.sag, sampling: { temperature: 0, topP: 1, seed },
    limits: spec.limits![arm.prompting]!, context: spec.context,
  }
  return createEvaluation(project, evaluation, { ladder: { id, arm: arm.name, seed } })
}

/** The adapter of the rung that this one is like, trained with the same seed; null: the student as it is. */
function borrowed({ name, like }: LadderArm, at: Standing): string | null {
  if (like === undefined) return null
  const { seed } = at.rung()
  const { rungs } = at.ladder()
  const other = rungs.find((rung) => rung.arm === like && rung.seed === seed)
  if (!other?.run || !other.data || other.state !== 'done') throw new RetortError({ code: 'rung-missing', message: `${name} needs the student of ${like}`, found: other?.state ?? 'no such rung', expected: 'one that is trained' })
  at.put({ run: other.run, data: other.data })
  return adapterIn(join(at.folder, 'data', other.data), other.run)
}

const adapterIn = (project: string, run: string): string => {
  const opened = openProject(project, { create: false })
  try {
    const dir = runFolderOf(opened, run)
    return chooseAdapter(dir, readRunConfig(dir), undefined).path
  } finally {
    opened.dispose()
  }
}

export function standingRun({ store }: Project, run: string | null): string | null {
  const known = run === null ? undefined : findRun(store, run)
  return known?.state === 'failed' && !canGoOn(known) ? null : run
}

const fileOnly: FindTeacher = async (teacher) => {
  if (teacher.type === 'local') return { type: 'local', path: teacher.path }
  throw new RetortError({ code: 'no-such-provider', message: 'the teacher of this ladder cannot be had', found: teacher.type === 'endpoint' ? `${teacher.name} at ${teacher.baseUrl}` : teacher.type, expected: 'its key, or a GGUF file' })
}

async function trained({ train }: LadderArm, at: Standing, options: RungOptions): Promise<string> {
  const { data, settings, plan } = train!
  const { spec } = at.ladder()
  const { seed } = at.rung()
  const { signal, cacheDir, folders } = options
  const { student } = spec
  at.put({ state: 'teaching' })
  const { findTeacher = fileOnly } = options
  const made: RungData = await rungData({ spec, data, seed, folder: at.folder, findTeacher, onTaught: (taught) => at.put({ taught }), onProgress: at.tell, signal })
  const project = openProject(made.project, { create: false })
  try {
    const nothing = { onPrepare: () => undefined, onPrepared: () => undefined }
    at.put({ state: 'training', data: made.key, taught: made.taught })
    // One that was stopped goes on; one that failed would fail again from where it was.
    let run = standingRun(project, at.rung().run)
    if (run === null) {
      const all = { ...spec.settings, ...settings, seed }
      const withPlan = plan && { plan, losses: createLossSource({ student, cacheDir }) }
      run = await createRun(project, { student, settings: all, plan: withPlan }, { ...nothing, signal })
      at.put({ run })
    }
    const summary = await continueRun(project, { run, cacheDir, given: student, folders }, {
      onEvent: (event) => {
        if (event.type === 'step') at.tell(event.metrics.step, event.steps)
      },
      signal,
    })
    signal.throwIfAborted()
    if (summary.state !== 'finished') throw new RetortError({ code: 'rung-stopped', message: 'the training of this rung was stopped', where: made.project, found: run, expected: 'a finished run', advice: 'go on with the ladder' })
    const { trajectories, tokens, tooLong, alike } = made
    const seconds = readMetrics(runFolderOf(project, run)).reduce((sum, step) => sum + step.seconds, 0)
    at.put({ trained: { trajectories, tokens, tooLong, alike, lossTokens: summary.trainedTokens, steps: summary.steps, seconds } })
    return adapterIn(made.project, run)
  } finally {
    project.dispose()
  }
}
