// The desks of evaluations and of ladders: one student is worked at at a time in a project; a job has the id of what it makes.
import { availableParallelism } from 'node:os'
import type { EvaluationProgress, LadderProgress } from '../../shared/contract/evaluating.ts'
import type { Evaluation } from '../../shared/records/evaluation.ts'
import type { Ladder } from '../../shared/records/ladder.ts'
import { createJobDesk, type JobDesk } from './jobDesk.ts'
import type { SettingsFile } from './settingsFile.ts'

export type EvaluationDesk = JobDesk<EvaluationProgress, Evaluation>
export type LadderDesk = JobDesk<LadderProgress, Ladder>

const BUSY = { code: 'evaluation-busy', message: 'a student is at work in this project' }

export const createEvaluationDesk = (): EvaluationDesk =>
  createJobDesk({ busy: BUSY, failed: { code: 'evaluation-failed', message: 'the evaluation could not go on' } })

export const createLadderDesk = (): LadderDesk =>
  createJobDesk({ busy: BUSY, failed: { code: 'ladder-failed', message: 'the ladder could not go on' } })

/** Throws RetortError `evaluation-busy` while the project has an evaluation or a ladder that runs. */
export function requireNobodyAtWork({ evaluations, ladders }: { readonly evaluations: EvaluationDesk; readonly ladders: LadderDesk }, folder: string): void {
  evaluations.requireFree(folder)
  ladders.requireFree(folder)
}

/** Those of the app's settings; else all but one, as in chat, so that the machine can still be worked with. */
export const threadsOf = ({ settings }: { readonly settings: SettingsFile }): number => settings.get().threads ?? Math.max(1, availableParallelism() - 1)
