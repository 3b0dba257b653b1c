// A run's folder: everything the run was made of and everything it made, each file whole at any moment.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { plainRope, type ModelConfig } from '../../core/nn/index.ts'
import { heldoutPointSchema, heldoutSchema, metricsLineSchema, type HeldoutPoint, type MetricsLine } from '../../shared/contract/metrics.ts'
import { trainedOnSchema, trainSummarySchema, type TrainSummary } from '../../shared/contract/training.ts'
import { RetortError } from '../../shared/errors.ts'
import { maskedExampleSchema, type MaskedExample } from '../../shared/records/example.ts'
import { runSchema } from '../../shared/records/run.ts'
import { ensureFolder, fingerprintLines, openLineSource, removeTemporary, sha256, syncFolder, writeFileAtomic, writeJsonLines } from '../files/index.ts'
import { lessonSchema, type Lesson } from '../teacher/index.ts'
import type { StagedPlan } from './stagedPlan.ts'

/** An example with the side of the split it lies on. */
export type SplitExample = MaskedExample & { readonly split: 'train' | 'heldout' }
const splitExampleSchema = maskedExampleSchema.extend({ split: z.enum(['train', 'heldout']) })

const ropeSchema = z.object({ frequencies: z.array(z.number()), magnitude: z.number() })
const modelSchema: z.ZodType<ModelConfig> = z.preprocess(withoutFamilies, z.object({
  architecture: z.string(),
  layers: z.int(),
  width: z.int(),
  heads: z.int(),
  kvHeads: z.int(),
  headSize: z.int(),
  inner: z.int(),
  vocabulary: z.int(),
  epsilon: z.number(),
  scoreScale: z.number(),
  rope: ropeSchema,
  window: z.object({ size: z.int(), period: z.int(), rope: ropeSchema }).nullable(),
  biases: z.array(z.string()),
  tied: z.boolean(),
  context: z.int(),
}))

/** A model as runs wrote it down when llama was the only family. */
const llamaOnlySchema = z.object({ ropeBase: z.number(), headSize: z.int() })

function withoutFamilies(model: unknown): unknown {
  const { data } = llamaOnlySchema.safeParse(model)
  if (!data) return model
  const { ropeBase, headSize } = data
  const rope = plainRope({ size: headSize, base: ropeBase })
  return { ...(model as object), rope, scoreScale: 1 / Math.sqrt(headSize), window: null, biases: [] }
}

/** What a run is, fixed when it is made: all that resuming and exporting it need beside its checkpoints. */
const runConfigSchema = runSchema.omit({ state: true, result: true, error: true }).extend({
  student: runSchema.shape.student.extend({ bytes: z.int() }),
  /** The student's dimensions, so that exports do without its file. */
  model: modelSchema,
  trainedOn: trainedOnSchema,
  /** Of the file of the examples: a line that is lost or changed would train another model. */
  examples: z.object({ sha256: z.string(), lines: z.int() }),
  /** Of the file that says which of them each stage of the plan takes; absent without a plan. */
  staged: z.object({ sha256: z.string() }).optional(),
  /** Of the file of what its teacher reads, where that is a model. */
  lessons: z.object({ sha256: z.string(), lines: z.int() }).optional(),
  /** The run that it repeats. */
  like: z.string().optional(),
})
export type RunConfig = z.infer<typeof runConfigSchema>

const heldoutFileSchema = z.object({
  before: heldoutSchema.optional(),
  after: heldoutSchema.optional(),
  /** The curve; absent where nothing is measured in between. */
  series: z.array(heldoutPointSchema).optional(),
})
export type HeldoutFile = z.infer<typeof heldoutFileSchema>

/** The held-out curve; that of a run without one is made of its two ends. `steps` were done at the end. */
export const heldoutPoints = ({ before, after, series }: HeldoutFile, steps: number): HeldoutPoint[] =>
  series ?? [
    ...(before ? [{ step: 0, result: before, whole: true }] : []),
    ...(after ? [{ step: steps, result: after, whole: true }] : []),
  ]

export const runFiles = (dir: string) =>
  ({
    config: join(dir, 'run.json'),
    examples: join(dir, 'examples.jsonl'),
    checkpoints: join(dir, 'checkpoints'),
    metrics: join(dir, 'metrics.jsonl'),
    /** Which examples each stage of the plan takes, and what its gates decided. */
    staged: join(dir, 'plan.json'),
    gates: join(dir, 'gates.json'),
    heldout: join(dir, 'heldout.json'),
    /** Alerts, in the order they came. */
    alerts: join(dir, 'events.jsonl'),
    samples: join(dir, 'samples.jsonl'),
    environment: join(dir, 'environment.json'),
    /** What a teacher that is a model reads, and what it has said so far. */
    lessons: join(dir, 'lessons.jsonl'),
    taught: join(dir, 'teacher.topk'),
    adapter: join(dir, 'adapter.gguf'),
    /** Of the best step, where that is not the last. */
    bestAdapter: join(dir, 'adapter-best.gguf'),
    result: join(dir, 'result.json'),
    log: join(dir, 'log.txt'),
  }) as const

export type RunContent = {
  readonly config: Omit<RunConfig, 'examples' | 'staged' | 'lessons'>
  readonly examples: readonly SplitExample[]
  /** Of a run by a plan. */
  readonly staged?: StagedPlan | null
  /** Of a run whose teacher is a model. */
  readonly lessons?: readonly Lesson[] | undefined
}

/** A process that is still making a run's folder has written to it within this time. */
const ABANDONED_MS = 3_600_000

/** Makes the folder under a temporary name and renames it: a run exists whole or not at all. */
export function createRunFolder(dir: string, content: RunContent): RunConfig {
  const temporary = join(dirname(dir), `.${basename(dir)}.tmp`)
  rmSync(temporary, { recursive: true, force: true })
  removeTemporary(dirname(dir), { olderThanMs: ABANDONED_MS })
  const files = runFiles(temporary)
  let config: RunConfig
  try {
    ensureFolder(files.checkpoints)
    config = { ...content.config, examples: writeJsonLines(files.examples, content.examples), ...(content.lessons && { lessons: writeJsonLines(files.lessons, content.lessons) }) }
    if (content.staged) {
      const text = `${JSON.stringify(content.staged)}\n`
      writeFileAtomic(files.staged, text)
      config = { ...config, staged: { sha256: sha256(text) } }
    }
    writeFileAtomic(files.config, `${JSON.stringify(config, null, 2)}\n`)
    renameSync(temporary, dir)
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true })
    throw error
  }
  syncFolder(dirname(dir))
  return config
}

/** Throws RetortError `run-damaged`. */
export function readJson<T>(path: string, schema: z.ZodType<T>): T {
  const broken = (found: string): RetortError =>
    new RetortError({ code: 'run-damaged', message: 'a file of this run cannot be read', where: path, found, expected: 'the file as Retort wrote it' })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw broken(cause instanceof Error ? cause.message : String(cause))
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw broken(z.prettifyError(parsed.error))
  return parsed.data
}

/** Throws RetortError `run-missing` when there is no such run, `run-copied` for a copy under another name. */
export function readRunConfig(dir: string): RunConfig {
  const { config } = runFiles(dir)
  if (!existsSync(config)) {
    throw new RetortError({ code: 'run-missing', message: `there is no run ${basename(dir)}`, where: dirname(dir), expected: 'the id of a run of this project' })
  }
  const found = readJson(config, runConfigSchema)
  if (found.id === basename(dir)) return found
  throw new RetortError({
    code: 'run-copied',
    message: 'this folder holds another run than its name says',
    where: dir,
    found: `run ${found.id}`,
    expected: `run ${basename(dir)}`,
    advice: `a run cannot be copied: go on with ${found.id} itself, or copy its project as a whole`,
  })
}

/** The lines of a file as values, null for one that cannot be read. */
export function* readLines<T>(path: string, schema: z.ZodType<T>): Generator<T | null> {
  for (const line of openLineSource(path).lines()) {
    let value: unknown = null
    try {
      if ('text' in line) value = JSON.parse(line.text)
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
    yield schema.safeParse(value).data ?? null
  }
}

/** The examples, each byte as it was written. Throws RetortError `run-damaged`. */
export function readExamples(dir: string, expected: RunConfig['examples']): SplitExample[] {
  const path = runFiles(dir).examples
  const damaged = (found: string, wanted: string, line?: number): RetortError => {
    const where = line === undefined ? path : `${path}, line ${line}`
    return new RetortError({ code: 'run-damaged', message: 'the examples of this run are not what they were', where, found, expected: wanted })
  }
  const say = ({ lines, sha256 }: RunConfig['examples']): string => `${lines} lines with sha256 ${sha256}`
  if (!existsSync(path)) throw damaged('no such file', say(expected))
  const found = fingerprintLines(path)
  if (found.sha256 !== expected.sha256 || found.lines !== expected.lines) throw damaged(say(found), say(expected))
  return [...readLines(path, splitExampleSchema)].map((example, index) => {
    if (example) return example
    throw damaged('a line that cannot be read', 'an example as Retort wrote it', index + 1)
  })
}

/** What the run's teacher reads, for another run with the same examples; a line that cannot be read makes the file another one. */
export const readLessons = (dir: string): Lesson[] => [...readLines(runFiles(dir).lessons, lessonSchema)].flatMap((lesson) => lesson ?? [])

/** Steps 1, 2, 3 ... up to the first line that is missing or damaged, as the end of the file is after a power loss. */
export function readMetrics(dir: string): MetricsLine[] {
  const path = runFiles(dir).metrics
  const whole: MetricsLine[] = []
  if (!existsSync(path)) return whole
  for (const line of readLines(path, metricsLineSchema)) {
    if (line?.step !== whole.length + 1) break
    whole.push(line)
  }
  return whole
}
export const writeMetrics = (dir: string, lines: readonly MetricsLine[]): void =>
  void writeJsonLines(runFiles(dir).metrics, lines)

export const readHeldout = (dir: string): HeldoutFile =>
  existsSync(runFiles(dir).heldout) ? readJson(runFiles(dir).heldout, heldoutFileSchema) : {}
export const writeHeldout = (dir: string, heldout: HeldoutFile): void =>
  writeFileAtomic(runFiles(dir).heldout, `${JSON.stringify(heldout, null, 2)}\n`)

/** Its paths are those of the folder as it lies now: projects are moved and copied. */
export function readResult(dir: string): TrainSummary | null {
  const { result, adapter, bestAdapter, metrics } = runFiles(dir)
  if (!existsSync(result)) return null
  const found = readJson(result, trainSummarySchema)
  return { ...found, adapter, metrics, bestAdapter: found.bestAdapter === null ? null : bestAdapter }
}
export const writeResult = (dir: string, result: TrainSummary): void =>
  writeFileAtomic(runFiles(dir).result, `${JSON.stringify(result, null, 2)}\n`)
