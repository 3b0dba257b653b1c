// A run folder for the tiny student, made of random examples, and a trainer process over it that a test can watch and disturb.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { createRunFolder, runFiles } from '../../src/engine/training/runFolder.ts'
import { readStudentModel } from '../../src/engine/training/runStudent.ts'
import { startTrainer, type TrainerProcess } from '../../src/engine/training/trainerProcess.ts'
import type { TrainerEvent } from '../../src/engine/training/protocol.ts'
import { describeError } from '../../src/shared/errors.ts'
import type { TrainedOn, TrainSummary } from '../../src/shared/contract/training.ts'
import type { StagedPlan } from '../../src/engine/training/stagedPlan.ts'
import type { MaskedExample } from '../../src/shared/records/example.ts'
import type { Plan } from '../../src/shared/records/plan.ts'
import type { TrainSettings } from '../../src/shared/records/run.ts'
import { goldenPath } from './golden.ts'
import { random } from './random.ts'
import { madeExamples } from './tinyModel.ts'

export const TINY_STUDENT = goldenPath('tiny/llama_tied.gguf')
const VOCABULARY = 300

const SETTINGS: TrainSettings = {
  recipe: 'smartad', rank: 4, alpha: 8, targets: 'all', rsLora: false, dropout: 0, lr: 5e-3, schedule: 'cosine', warmupSteps: 2, epochs: 8, batchTokens: 150,
  microTokens: 60, recompute: false,
  weightDecay: 0.01, clipNorm: 1, kl: 'forward', klBeta: 0.5, temperature: 1, stayClose: 0, learnSpanWeights: false, projectGradients: false, seed: 7, heldout: 0.1, threads: 2, provider: 'cpu', compute: 'f32', base: 'f32', context: 128, tooLong: 'refuse',
  checkpointEvery: 3, heldoutEvery: 0, heldoutTokens: 0,
  earlyStop: 'off', patience: 3, minGain: 0, samplesEvery: 0, samplePrompts: 3,
}

/** A folder outside of any test's life; remove it when done. */
export const scratch = (): string => mkdtempSync(join(tmpdir(), 'retort-run-'))

/** A plan over the tiny run's 36 training examples, applied. */
export type TinyPlan = { readonly plan: Plan; readonly staged: StagedPlan }

/** Gives the examples the weights that a teacher's run has, and says what of it is covered. */
export type TinyTeaching = (examples: readonly MaskedExample[]) => { examples: readonly MaskedExample[]; teacher: NonNullable<TrainedOn['teacher']> }

export type TinyParts = Partial<TinyPlan> & { readonly teaching?: TinyTeaching }

/** Makes a run under `folder`; all runs of the same settings and parts are alike. */
export function makeTinyRun(folder: string, settings: Partial<TrainSettings> = {}, { plan, staged, teaching }: TinyParts = {}): string {
  mkdirSync(folder, { recursive: true })
  const next = random(33)
  const lengths = Array.from({ length: 40 }, () => 8 + Math.floor(40 * next()))
  const made = madeExamples(lengths, { vocabulary: VOCABULARY, seed: 34 })
  const { examples, teacher } = teaching?.(made) ?? { examples: made, teacher: null }
  const dir = join(folder, 'run')
  const bytes = readFileSync(TINY_STUDENT)
  const config = {
    id: 'run',
    createdAt: '2026-01-01T00:00:00.000Z',
    student: { path: TINY_STUDENT, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, architecture: 'llama' },
    model: readStudentModel(TINY_STUDENT),
    datasetRevision: 'none',
    plannedSteps: null,
    settings: { ...SETTINGS, ...settings },
    trainedOn: { recipe: 'made', ...(teacher && { teacher }), counts: {}, straddling: 0, left: [] },
    ...(plan && { plan }),
  }
  const split = examples.map((example, i) => ({ ...example, split: i < 4 ? 'heldout' as const : 'train' as const }))
  createRunFolder(dir, { config, examples: split, staged: staged ?? null })
  return dir
}

export type Attempt = { readonly ended: 'finished' | 'stopped' | 'died' | 'failed'; readonly summary: TrainSummary | null; readonly events: TrainerEvent[]; readonly error: string | null; readonly code: string | null }

/** Runs a trainer on the run to its end; `disturb` gets the process at its start and each event. */
export async function attempt(
  dir: string,
  disturb: (trainer: TrainerProcess, event: TrainerEvent | null) => void = () => {},
): Promise<Attempt> {
  const events: TrainerEvent[] = []
  const cacheDir = join(dir, '..', '..', 'cache')
  const trainer: TrainerProcess = startTrainer({ kind: 'train', runDir: dir, student: TINY_STUDENT, cacheDir, provider: 'cpu' }, runFiles(dir).log, (event) => {
    events.push(event)
    disturb(trainer, event)
  })
  disturb(trainer, null)
  try {
    const summary = await trainer.ended
    return { ended: summary.state, summary, events, code: null, error: null }
  } catch (error) {
    const { code } = error as { code: string }
    return { ended: code === 'trainer-died' ? 'died' : 'failed', summary: null, events, code, error: describeError(error).join('\n') }
  }
}

export type Outcome = {
  /** Lines of metrics.jsonl without what depends on the clock. */
  readonly series: Record<string, unknown>[]
  readonly heldout: string
  readonly adapter: string
  readonly checkpoints: string[]
  /** Names in the run's folder and below it. */
  readonly files: string[]
}

const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')

/** All that must be the same however a run came to its end. */
export function outcomeOf(dir: string): Outcome {
  const files = runFiles(dir)
  const series = readFileSync(files.metrics, 'utf8').trimEnd().split('\n').map((line) => {
    const { seconds: _, ...rest } = JSON.parse(line) as Record<string, unknown>
    return rest
  })
  return {
    series,
    heldout: readFileSync(files.heldout, 'utf8'),
    adapter: hash(files.adapter),
    checkpoints: readdirSync(files.checkpoints).sort(),
    files: readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((path) => basename(path)).sort(),
  }
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true })
