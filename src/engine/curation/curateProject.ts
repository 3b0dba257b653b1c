// A project's trajectories through the funnel. Nothing of the project changes; the curation is kept beside it.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { curate, type CurationWorld } from '../../core/pipeline/curation/index.ts'
import { makeTask } from '../../core/pipeline/task/index.ts'
import type { CurateProgress, JudgeEstimate } from '../../shared/contract/curating.ts'
import { RetortError } from '../../shared/errors.ts'
import { asksJudge, curationSettingsSchema, type Curation, type CurationSettingsInput, type FunnelRow } from '../../shared/records/curation.ts'
import { sha256 } from '../files/index.ts'
import { getTrajectory, type CorrectedTrajectory, type Project } from '../project/index.ts'
import { lineMarks, trajectoryIds } from '../store/index.ts'
import { requirePrices } from '../teaching/index.ts'
import { openJudge, type OpenJudge, type WantedJudge } from './judge.ts'
import { isSetAside, scoreOf } from './marks.ts'
import { evaluationFiles, ownSets, readQuestions, suiteSets } from './questions.ts'
import { judgeFolder, keepCuration } from './records.ts'
import { sameAnswer } from './sameAnswer.ts'
import { openStudentPort, type OpenStudentPort } from './student.ts'

export type CurateRequest = {
  readonly project: Project
  readonly settings: CurationSettingsInput
  /** GGUF file; null: filters that need a student are left out. */
  readonly student: string | null
  readonly judge: WantedJudge | null
  /** Files and folders of evaluation questions. */
  readonly against: readonly string[]
  /** Files of questions with right answers. */
  readonly answers: readonly string[]
  readonly cacheDir: string
  readonly onProgress: (progress: CurateProgress) => void
  /** Told what is met on the way: that the judge is asked again, and why. */
  readonly onNotice: (text: string) => void
  readonly signal: AbortSignal
}

/** Others get their turn after so long. */
const SLICE_MS = 15
const TOLD_MS = 100

/** A judge whose budget is reached leaves the rest unjudged, and the curation says so. Throws RetortError for files that cannot be read, and what student or judge fail with. */
export async function curateProject(request: CurateRequest): Promise<Curation> {
  const { curation } = await throughFunnel(request, { dry: false })
  keepCuration(request.project, curation)
  return curation
}

/**
 * What the judge would cost: the funnel without those filters that ask the student, and the judge is asked nothing. What it said in
 * earlier curations it says. Nothing is kept. Throws RetortError `no-judge` where none would be asked.
 */
export async function estimateCuration(request: Omit<CurateRequest, 'student'>): Promise<{ readonly curation: Curation; readonly estimate: JudgeEstimate }> {
  const { curation, estimate } = await throughFunnel({ ...request, student: null }, { dry: true })
  if (estimate) return { curation, estimate }
  throw new RetortError({ code: 'no-judge', message: 'no filter would ask a judge', found: request.judge === null ? 'no judge' : `the filters ${curation.settings.order.join(', ')}`, expected: 'a judge, and the filter judge, outcome with unknown=judge, or critic with ask=yes' })
}

async function throughFunnel(request: CurateRequest, { dry }: { dry: boolean }): Promise<{ curation: Curation; estimate: JudgeEstimate | null }> {
  const { project, signal, onProgress, onNotice } = request
  if (request.judge) requirePrices(request.judge.terms)
  const settings = curationSettingsSchema.parse(request.settings)
  // Before anything is read, so that what changes from here on is known to have changed.
  const { stamp } = lineMarks(project.store)
  const uses = (name: (typeof settings.order)[number]): boolean => settings.order.includes(name)
  const evaluations = uses('contamination') ? [...evaluationFiles(request.against), ...suiteSets(settings.contamination.suiteTasks), ...(await ownSets(project.folder))] : []
  const answers = answersOf(request.answers)
  const breathe = createBreath(signal)
  const rows: FunnelRow[] = []
  let judge: OpenJudge | null = null
  const tell = createTelling((step: Pick<CurateProgress, 'filter' | 'done' | 'total'>) => onProgress({ ...step, rows: [...rows], usage: judge?.judging().usage ?? null }))

  const { candidates, setAside, total } = await readCandidates(project, { breathe, tell })
  const corrected = new Map(candidates.map((candidate) => [candidate.trajectory.id, candidate]))
  let student: OpenStudentPort | null = null
  try {
    if (request.student !== null && (uses('length') || uses('capacity'))) {
      student = await openStudentPort({ path: request.student, cacheDir: request.cacheDir, corrected, signal })
    }
    if (request.judge !== null && asksJudge(settings)) judge = await openJudge(request.judge, { folder: judgeFolder(project), dry, onNotice, signal })
    const world: CurationWorld = { student: student?.port ?? null, judge: judge?.port ?? null, evaluations, answers, scores: scoresOf(candidates), sameAnswer }
    const funnel = await curate({
      candidates, settings, world, breathe,
      now: () => performance.now(),
      onProgress: (step) => tell(step),
      onRow: (row) => void rows.push(row),
    })
    const at = new Date().toISOString()
    const curation: Curation = {
      id: sha256(JSON.stringify([at, settings, funnel.rejected])).slice(0, 16),
      at, settings,
      student: request.student,
      judge: judge?.port.name ?? null,
      judging: judge?.judging() ?? null,
      evaluations: evaluations.map(({ name, questions }) => ({ name, questions: questions.length })),
      trajectories: total,
      setAside,
      kept: funnel.kept.length,
      rows: [...funnel.rows],
      agreement: funnel.agreement,
      rejected: [...funnel.rejected],
      flagged: [...funnel.flagged],
      labels: [...funnel.labels],
      stamp,
    }
    return { curation, estimate: judge?.estimate() ?? null }
  } finally {
    await judge?.dispose()
    await student?.dispose()
  }
}

type Breath = () => Promise<void> | undefined

/** Undefined while the slice lasts. */
function createBreath(signal: AbortSignal): Breath {
  let since = performance.now()
  return () => {
    if (performance.now() - since < SLICE_MS) return undefined
    signal.throwIfAborted()
    return nextTurn().then(() => {
      signal.throwIfAborted()
      since = performance.now()
    })
  }
}

/** Ten times a second at most, and whenever the filter is another one. */
function createTelling<Step extends { readonly filter: unknown }>(tell: (step: Step) => void): (step: Step) => void {
  let told = -Infinity
  let filter: unknown
  return (step) => {
    const now = performance.now()
    if (now - told < TOLD_MS && step.filter === filter) return
    told = now
    filter = step.filter
    tell(step)
  }
}

type Reading = { readonly breathe: Breath; readonly tell: (step: Pick<CurateProgress, 'filter' | 'done' | 'total'>) => void }

async function readCandidates(project: Project, { breathe, tell }: Reading): Promise<{ candidates: CorrectedTrajectory[]; setAside: number; total: number }> {
  const ids = [...trajectoryIds(project.store)]
  const candidates: CorrectedTrajectory[] = []
  let setAside = 0
  for (const [index, id] of ids.entries()) {
    const waiting = breathe()
    if (waiting) {
      tell({ filter: null, done: index, total: ids.length })
      await waiting
    }
    const corrected = getTrajectory(project, id)
    if (isSetAside(corrected)) setAside += 1
    else candidates.push(corrected)
  }
  return { candidates, setAside, total: ids.length }
}

function answersOf(paths: readonly string[]): ReadonlyMap<string, string[]> {
  const answers = new Map<string, string[]>()
  for (const { question, answer } of paths.flatMap(readQuestions)) {
    if (answer === null) continue
    const { id } = makeTask(question, sha256)
    answers.set(id, [...(answers.get(id) ?? []), answer])
  }
  return answers
}

function scoresOf(candidates: readonly CorrectedTrajectory[]): ReadonlyMap<string, number> {
  return new Map(
    candidates.flatMap(({ trajectory, tags }) => {
      const score = scoreOf(tags)
      return score === null ? [] : [[trajectory.id, score] as const]
    }),
  )
}
