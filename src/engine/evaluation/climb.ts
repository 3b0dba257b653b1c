// Climbing a ladder: each rung taught, trained and evaluated in its turn; what is done is on the disk and is not done again.
import { join } from 'node:path'
import { scoresOf, secondsLeft } from '../../core/evaluation/index.ts'
import type { LadderProgress } from '../../shared/contract/evaluating.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { Evaluation, EvaluationSpec, Solver } from '../../shared/records/evaluation.ts'
import type { Ladder, LadderArm, LadderSpec, Rung } from '../../shared/records/ladder.ts'
import type { BudgetChange } from '../../shared/records/rollout.ts'
import { asRetortError } from '../files/index.ts'
import { openProject, type Project } from '../project/index.ts'
import { findRun } from '../store/index.ts'
import { canGoOn, chooseAdapter, continueRun, createLossSource, createRun, readMetrics, readRunConfig, runFolderOf } from '../training/index.ts'
import { type BatchRequest, changedBudget, type FindTeacher, trafficOf } from '../teaching/index.ts'
import { createEvaluation, runEvaluation } from './evaluate.ts'
import { readEvaluation } from './folder.ts'
import { makingsOf } from './fingerprint.ts'
import { forecastLadder } from './forecast.ts'
import { frozen, versionsWith } from './frozen.ts'
import { ladderFiles, requireFiles } from './ladderFiles.ts'
import { ladderFolder, lockLadder, readLadder, writeLadder, writeReport } from './ladderFolder.ts'
import { type RungData, rungData } from './rungData.ts'
import { knownLimits, resultsOf, standingOf } from './standing.ts'
import { measureThoughts } from './thoughts.ts'

export type ClimbOptions = {
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
  /** Takes the place of the teacher's budget, limit by limit, from here on. */
  readonly budget?: BudgetChange | undefined
  /** Likewise of how its teacher is asked. */
  readonly traffic?: BatchRequest['traffic'] | undefined
  readonly onProgress: (progress: LadderProgress) => void
  /** Aborting stops: what is done stays. */
  readonly signal: AbortSignal
}

/** Climbs to the end, or until the signal; a rung that fails is passed over, and the ladder says so. Writes the report after each rung. Throws RetortError `files-changed` where its student or data is another file than when it began, `tasks-changed` where its tasks are. */
export async function climb(id: string, options: ClimbOptions): Promise<{ ladder: Ladder; files: string[] }> {
  const { project, signal } = options
  const began = performance.now()
  const files = await ladderFiles(project, readLadder(project, id))
  const before = readLadder(project, id)
  const spec = withTerms({ ...frozen(before.spec, knownLimits(project, before)), files }, options)
  const folder = ladderFolder(project, id)
  const forecast = before.rungs.some(({ state }) => state === 'done') ? null : forecastLadder(project, spec, id)
  const makings = await makingsOf({ ...before, spec }, signal)
  const lock = lockLadder(project, id)
  // Rungs that failed are climbed again.
  const rungs = before.rungs.map((rung): Rung => (rung.state === 'failed' ? { ...rung, state: 'waiting', error: null } : rung))
  let ladder: Ladder = { ...before, ...makings, spec, rungs, versions: versionsWith(before), state: 'running', error: null }
  let unweighed: RetortErrorParts | null = null
  const save = (change: Partial<Ladder>): void => {
    ladder = { ...ladder, ...change, seconds: before.seconds + (performance.now() - began) / 1000 }
    writeLadder(project, ladder)
  }
  const report = (change: Partial<Ladder> = {}): string[] => {
    const results = resultsOf(project, ladder)
    save({ ...change, scores: scoresOf(ladder.spec, results) })
    return writeReport(ladder, { folder: join(folder, 'report'), results })
  }
  const put = (place: number, change: Partial<Rung>): void => save({ rungs: ladder.rungs.map((rung, at) => (at === place ? { ...rung, ...change } : rung)) })
  try {
    save({})
    for (const [place, { arm: name, seed }] of ladder.rungs.entries()) {
      signal.throwIfAborted()
      const state = (): Rung => ladder.rungs[place]!
      const arm = ladder.spec.arms.find((one) => one.name === name)!
      const weighs = state().state !== 'not-applicable' && thoughtsLeft(ladder, state(), arm)
      if (state().state === 'not-applicable' || (state().state === 'done' && !weighs)) continue
      await requireFiles(ladder.spec)
      const [started, spent] = [performance.now(), state().seconds]
      // What an older ladder does not know stays unknown.
      const unknown = state().state === 'done' && spent === 0
      const worked = (): Rung => ({ ...state(), seconds: unknown ? 0 : spent + (performance.now() - started) / 1000 })
      const tell: Tell = (done, total, part) => {
        const left = secondsLeft({ ...ladder, rungs: ladder.rungs.with(place, worked()) })
        options.onProgress({ id, arm: name, seed, state: state().state, tasks: null, weighing: false, ...part, done, total, secondsLeft: left, forecast: left === null ? forecast : null, ladder })
      }
      const at: Standing = { ladder: () => ladder, rung: state, put: (change) => put(place, { seconds: worked().seconds, ...change }), tell, folder }
      try {
        if (state().state !== 'done') {
          await climbRung(arm, at, options)
          at.put({ state: 'done', error: null })
        }
        if (weighs) unweighed = (await weighThoughts(at, options, save)) ?? unweighed
      } catch (error) {
        if (signal.aborted) throw error
        at.put({ state: 'failed', error: errorParts(asRetortError(error, { code: 'rung-failed', message: 'this rung could not be climbed' })) })
      } finally {
        at.put({})
      }
      report()
    }
    const failed = unweighed !== null || ladder.rungs.some(({ state }) => state === 'failed')
    return { files: report({ state: failed ? 'failed' : 'finished', error: unweighed }), ladder }
  } catch (error) {
    const known = asRetortError(error, { code: 'ladder-failed', message: 'the ladder could not go on' })
    save(signal.aborted ? { state: 'stopped' } : { state: 'failed', error: errorParts(known) })
    throw error
  } finally {
    lock.release()
  }
}

/** They decide no answer: what was answered before is in the journal. */
function withTerms(spec: LadderSpec, { budget, traffic = {} }: Pick<ClimbOptions, 'budget' | 'traffic'>): LadderSpec {
  const { teacher } = spec
  if (teacher === null) return spec
  return { ...spec, teacher: { ...teacher, budget: budget === undefined ? teacher.budget : changedBudget(teacher, budget), traffic: trafficOf(traffic, teacher.traffic) } }
}

/** `part`: the set of tasks, or the weighing of thoughts, where it is not the state alone that says what is done. */
type Tell = (done: number, total: number, part?: Partial<Pick<LadderProgress, 'tasks' | 'weighing'>>) => void

type Standing = {
  readonly ladder: () => Ladder
  readonly rung: () => Rung
  readonly put: (change: Partial<Rung>) => void
  readonly tell: Tell
  readonly folder: string
}

async function climbRung(arm: LadderArm, at: Standing, options: ClimbOptions): Promise<void> {
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

/** Of agents that are trained, with the first seed: it asks as much as a whole set of tasks. */
const thoughtsLeft = ({ spec, rationale }: Ladder, { arm, seed }: Rung, { train, prompting }: LadderArm): boolean =>
  train !== null && prompting === 'agent' && seed === spec.seeds[0] && !rationale.some((row) => row.arm === arm && row.seed === seed)

/** On the first set of tasks, where it has an expert. What it fails with fails no rung: it is handed back, and a ladder that goes on weighs again. */
async function weighThoughts(at: Standing, { project, threads, signal }: ClimbOptions, save: (change: Partial<Ladder>) => void): Promise<RetortErrorParts | null> {
  const { arm, seed, evaluations } = at.rung()
  const known = evaluations.find(({ tasks }) => tasks === at.ladder().spec.tasks[0]!.name)
  const evaluation = known && standingOf(project, known.id)
  if (!evaluation) return null
  try {
    const measured = await measureThoughts({ spec: evaluation.spec, threads, onProgress: (done, total) => at.tell(done, total, { weighing: true }), signal })
    if (measured) save({ rationale: [...at.ladder().rationale, { arm, seed, ...measured }] })
    return null
  } catch (error) {
    if (signal.aborted) throw error
    const { message, found } = asRetortError(error, { code: 'unweighed', message: 'the student could not be asked' })
    return {
      code: 'unweighed', message: `the thoughts of ${arm}, seed ${seed}, could not be weighed`, found: [message, found].filter(Boolean).join(': '),
      advice: 'its tasks are evaluated all the same; go on with the ladder to weigh them again',
    }
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

async function trained({ train }: LadderArm, at: Standing, options: ClimbOptions): Promise<string> {
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
