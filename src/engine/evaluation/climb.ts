// Climbing a ladder: each rung taught, trained and evaluated in its turn; what is done is on the disk and is not done again.
import { join } from 'node:path'
import { scoresOf, secondsLeft } from '../../core/evaluation/index.ts'
import type { LadderProgress } from '../../shared/contract/evaluating.ts'
import { errorParts, type RetortErrorParts } from '../../shared/errors.ts'
import type { Ladder, LadderSpec, Rung } from '../../shared/records/ladder.ts'
import type { BudgetChange } from '../../shared/records/rollout.ts'
import { asRetortError } from '../files/index.ts'
import { type BatchRequest, changedBudget, trafficOf } from '../teaching/index.ts'
import { makingsOf } from './fingerprint.ts'
import { forecastLadder } from './forecast.ts'
import { frozen, versionsWith } from './frozen.ts'
import { ladderFiles, requireFiles } from './ladderFiles.ts'
import { ladderFolder, lockLadder, readLadder, writeLadder, writeReport } from './ladderFolder.ts'
import { climbRung, type RungOptions, type Standing, type Tell } from './rung.ts'
import { knownLimits, resultsOf } from './standing.ts'
import { thoughtsLeft, weighThoughts } from './weighing.ts'

export type ClimbOptions = RungOptions & {
  /** Takes the place of the teacher's budget, limit by limit, from here on. */
  readonly budget?: BudgetChange | undefined
  /** Likewise of how its teacher is asked. */
  readonly traffic?: BatchRequest['traffic'] | undefined
  readonly onProgress: (progress: LadderProgress) => void
}

/** Climbs to the end, or until the signal; a rung that fails is passed over, and the ladder says so. Writes the report after each rung. Throws RetortError `files-changed` where its student or data is another file than when it began, `tasks-changed` where its tasks are. */
export async function climb(id: string, options: ClimbOptions): Promise<{ ladder: Ladder; files: string[] }> {
  const { project } = options
  readLadder(project, id)
  const lock = lockLadder(project, id)
  try {
    // As it stands now that nobody else works at it.
    return await climbOn(readLadder(project, id), options)
  } finally {
    lock.release()
  }
}

async function climbOn(before: Ladder, options: ClimbOptions): Promise<{ ladder: Ladder; files: string[] }> {
  const { id } = before
  const { project, signal } = options
  const began = performance.now()
  const files = await ladderFiles(project, before)
  const spec = withTerms({ ...frozen(before.spec, knownLimits(project, before)), files }, options)
  const folder = ladderFolder(project, id)
  const forecast = before.rungs.some(({ state }) => state === 'done') ? null : forecastLadder(project, spec, id)
  const makings = await makingsOf({ ...before, spec }, signal)
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
  }
}

/** They decide no answer: what was answered before is in the journal. */
function withTerms(spec: LadderSpec, { budget, traffic = {} }: Pick<ClimbOptions, 'budget' | 'traffic'>): LadderSpec {
  const { teacher } = spec
  if (teacher === null) return spec
  return { ...spec, teacher: { ...teacher, budget: budget === undefined ? teacher.budget : changedBudget(teacher, budget), traffic: trafficOf(traffic, teacher.traffic) } }
}
