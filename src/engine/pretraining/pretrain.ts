// A new run from nothing: text to vocabulary and tokens, to a folder, then the trainer.
import { existsSync, readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname } from 'node:path'
import { encodeUtf8 } from '../../core/formats/utf8.ts'
import { createEncoder, encodeDocument, SHAPES, splitDocuments, streamOf, textsOf, trainBpe, windowsOf } from '../../core/pipeline/pretraining/index.ts'
import { modelShapeSchema, pretrainSettingsSchema, type ModelShape, type PretrainReport, type PretrainSettings } from '../../shared/contract/pretraining.ts'
import type { MergedType } from '../../shared/contract/exporting.ts'
import { RetortError } from '../../shared/errors.ts'
import { ensureFolder } from '../files/index.ts'
import { continuePretraining, type PretrainWatch } from './continue.ts'
import { createFolder, pretrainFiles, readConfig, readSteps } from './folder.ts'
import { readDocuments } from './readText.ts'

/** How long it trains: in steps, in trained tokens, or in passes over the text. */
export type Extent = { readonly of: 'steps' | 'tokens' | 'epochs'; readonly value: number }

export type PretrainRequest = {
  /** Files and folders. */
  readonly text: readonly string[]
  /** `tiny`, `small`, or a JSON file of a shape. */
  readonly shape: string
  readonly extent: Extent
  /** What is not given takes the default. */
  readonly settings: { readonly [K in keyof Omit<PretrainSettings, 'shape' | 'steps' | 'perStep'> | 'batchTokens']?: (K extends keyof PretrainSettings ? PretrainSettings[K] : number) | undefined }
  /** The run's folder. */
  readonly dir: string
  /** The model's file. */
  readonly out: string
  readonly type: MergedType
}

/** Trains a new model. Throws RetortError `run-exists` where the folder is there, and what reading and training throw. */
export async function pretrain(request: PretrainRequest, watch: PretrainWatch): Promise<PretrainReport> {
  createPretraining(request, watch)
  watch.signal.throwIfAborted()
  const { dir, out, type } = request
  return continuePretraining({ dir, out, type }, watch)
}

/** Whether the run in a folder has steps to go. */
const isUnfinished = (dir: string): boolean => existsSync(pretrainFiles(dir).config) && readSteps(dir).length < readConfig(dir).settings.steps

/** The folder of a run that has not begun. */
export function createPretraining(request: PretrainRequest, watch: Pick<PretrainWatch, 'note'>): void {
  const { text, shape, extent, dir } = request
  if (existsSync(dir)) {
    const advice = isUnfinished(dir) ? 'go on with it: --resume; or name another file with --out' : 'name another file with --out: there is no unfinished run'
    throw new RetortError({ code: 'run-exists', message: 'there is a run in this folder', where: dir, found: 'a folder', expected: 'nothing', advice })
  }
  const asked = checked({ ...request.settings, shape: shapeOf(shape), steps: 1, perStep: 1 })
  const { vocabulary: size, pre, window, heldout: share, seed } = asked
  const documents = readDocuments(text)
  const sides = splitDocuments(documents, { share, seed })
  watch.note(`${documents.length} documents; learning a vocabulary of ${size} tokens`)
  const vocabulary = trainBpe(sides.train.flatMap(textsOf), { size, pre })
  if (vocabulary.tokens.length < size) watch.note(`no further pair occurs twice: the vocabulary has ${vocabulary.tokens.length} tokens`)
  const encode = createEncoder(vocabulary)
  const [train, heldout] = [sides.train, sides.heldout].map((side) => streamOf(side.map((document) => encodeDocument(document, encode)))) as [Uint32Array, Uint32Array]
  const windows = windowsOf(train, window).length
  if (windows === 0) throw new RetortError({ code: 'no-text', message: 'there is no text to train on', found: 'no token', expected: 'text' })
  const perStep = Math.max(1, Math.min(windows, Math.round((request.settings.batchTokens ?? BATCH_TOKENS) / window)))
  const steps = stepsOf(extent, { windows, perStep, window })
  const settings = checked({ ...asked, perStep, steps, warmupSteps: request.settings.warmupSteps ?? Math.ceil(steps / 20) })
  ensureFolder(dirname(dir))
  const heldoutBytes = sides.heldout.flatMap(textsOf).reduce((sum, text) => sum + encodeUtf8(text).length, 0)
  createFolder(dir, { settings, text: { documents: documents.length, heldoutBytes }, vocabulary, train, heldout })
  watch.note(`${train.length - 1} tokens to train on, ${heldout.length - 1} held out; ${steps} steps of ${perStep} windows of ${window} tokens`)
}

const BATCH_TOKENS = 4096

const DEFAULTS = {
  vocabulary: 2048, pre: 'gpt-2', start: 'plain', window: 512, lr: 2e-3, warmupSteps: 0, weightDecay: 0.1, clipNorm: 1, seed: 1, recompute: false, heldout: 0.05, heldoutEvery: 0,
  checkpointEvery: 20,
}

function checked(given: Record<string, unknown>): PretrainSettings {
  const set = Object.entries(given).filter(([key, value]) => value !== undefined && key !== 'batchTokens')
  const found = pretrainSettingsSchema.safeParse({ ...DEFAULTS, threads: availableParallelism(), ...Object.fromEntries(set) })
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw new RetortError({ code: 'bad-settings', message: 'these settings cannot be meant', where: issue?.path.join('.') ?? '', found: issue?.message ?? '', expected: 'sizes and rates within their limits' })
}

function shapeOf(name: string): ModelShape {
  if (Object.hasOwn(SHAPES, name)) return SHAPES[name as keyof typeof SHAPES]
  const fail = (found: string): never => {
    throw new RetortError({ code: 'bad-shape', message: 'this is no shape of a model', where: name, found, expected: `${Object.keys(SHAPES).join(', ')}, or a JSON file with ${Object.keys(modelShapeSchema.shape).join(', ')}` })
  }
  if (!existsSync(name)) return fail('no such file')
  const json = ((): unknown => {
    try {
      return JSON.parse(readFileSync(name, 'utf8'))
    } catch (error) {
      return fail((error as Error).message)
    }
  })()
  const read = modelShapeSchema.safeParse(json)
  const [issue] = read.error?.issues ?? []
  return read.success ? read.data : fail(`${issue?.path.join('.')}: ${issue?.message}`)
}

function stepsOf({ of, value }: Extent, { windows, perStep, window }: { windows: number; perStep: number; window: number }): number {
  switch (of) {
    case 'steps':
      return value
    case 'tokens':
      return Math.max(1, Math.ceil(value / (perStep * window)))
    case 'epochs':
      return Math.max(1, Math.ceil((value * windows) / perStep))
  }
}
