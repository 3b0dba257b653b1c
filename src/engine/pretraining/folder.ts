// The folder of a run from nothing: vocabulary, tokens and settings as it began, metrics and checkpoints as it goes.
import { existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import type { Vocabulary } from '../../core/pipeline/pretraining/index.ts'
import { pretrainSettingsSchema, pretrainStepSchema, preTokeniserSchema, type PretrainStep } from '../../shared/contract/pretraining.ts'
import { RetortError } from '../../shared/errors.ts'
import type { PretrainChange } from './protocol.ts'
import { ensureFolder, openLineSource, sha256, syncFolder, writeFileAtomic } from '../files/index.ts'

const tokensSchema = z.object({ tokens: z.int(), sha256: z.string() })
const configSchema = z.object({
  format: z.literal('retort-pretraining-1'),
  createdAt: z.string(),
  settings: pretrainSettingsSchema,
  text: z.object({ documents: z.int(), heldoutBytes: z.int() }),
  train: tokensSchema,
  heldout: tokensSchema,
  vocabulary: z.object({ pre: preTokeniserSchema, tokens: z.array(z.string()), merges: z.array(z.tuple([z.int(), z.int()])) }),
})
export type PretrainConfig = z.infer<typeof configSchema>

export const pretrainFiles = (dir: string) =>
  ({
    config: join(dir, 'run.json'),
    train: join(dir, 'train.u32'),
    heldout: join(dir, 'heldout.u32'),
    checkpoints: join(dir, 'checkpoints'),
    metrics: join(dir, 'metrics.jsonl'),
    log: join(dir, 'log.txt'),
  }) as const

export type PretrainContent = Pick<PretrainConfig, 'settings' | 'text'> & {
  readonly vocabulary: Vocabulary
  readonly train: Uint32Array
  readonly heldout: Uint32Array
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength)

/** Made under a temporary name and renamed: it is there whole or not at all. */
export function createFolder(dir: string, { settings, text, vocabulary, train, heldout }: PretrainContent): void {
  const temporary = join(dirname(dir), `.${basename(dir)}.tmp`)
  rmSync(temporary, { recursive: true, force: true })
  const files = pretrainFiles(temporary)
  ensureFolder(files.checkpoints)
  const put = (path: string, tokens: Uint32Array) => {
    writeFileAtomic(path, bytesOf(tokens))
    return { tokens: tokens.length, sha256: sha256(bytesOf(tokens)) }
  }
  const config: PretrainConfig = {
    format: 'retort-pretraining-1',
    createdAt: new Date().toISOString(),
    settings,
    text,
    train: put(files.train, train),
    heldout: put(files.heldout, heldout),
    vocabulary: { pre: vocabulary.pre, tokens: [...vocabulary.tokens], merges: vocabulary.merges.map(([left, right]) => [left, right]) },
  }
  writeFileAtomic(files.config, JSON.stringify(config))
  renameSync(temporary, dir)
  syncFolder(dirname(dir))
}

const damaged = (where: string, found: string, expected: string): RetortError =>
  new RetortError({ code: 'run-damaged', message: 'this run cannot be gone on with', where, found, expected })

export function readConfig(dir: string): PretrainConfig {
  const { config } = pretrainFiles(dir)
  if (!existsSync(config)) throw damaged(config, 'nothing', 'what `retort pretrain` wrote when the run began')
  try {
    return configSchema.parse(JSON.parse(readFileSync(config, 'utf8')))
  } catch (error) {
    throw damaged(config, (error as Error).message, 'what `retort pretrain` wrote when the run began')
  }
}

/** The run goes on otherwise. Throws RetortError `bad-settings` where it is past its new end, or a window is none. */
export function changeRun(dir: string, { steps, window }: PretrainChange): void {
  const [config, done] = [readConfig(dir), readSteps(dir).length]
  const { settings } = config
  if (steps !== undefined && steps < done) throw new RetortError({ code: 'bad-settings', message: 'the run is past this step', where: dir, found: `--steps ${steps}`, expected: `${done} or more` })
  const windows = window === undefined ? {} : { window, perStep: Math.max(1, Math.round((settings.perStep * settings.window) / window)) }
  const changed = { ...config, settings: { ...settings, ...windows, ...(steps === undefined ? {} : { steps }) } }
  writeFileAtomic(pretrainFiles(dir).config, JSON.stringify(configSchema.parse(changed)))
}

/** One of the two streams. Throws RetortError `run-damaged` when it is not what was written. */
export function readTokens(path: string, expected: PretrainConfig['train']): Uint32Array {
  const bytes = existsSync(path) ? new Uint8Array(readFileSync(path)) : new Uint8Array()
  const found = sha256(bytes)
  if (found !== expected.sha256) throw damaged(path, `sha256 ${found}`, `${expected.tokens} tokens with sha256 ${expected.sha256}`)
  return new Uint32Array(bytes.buffer, bytes.byteOffset, expected.tokens)
}

/** Whole lines, in order; what follows the first other one is not looked at. */
export function readSteps(dir: string): PretrainStep[] {
  const { metrics } = pretrainFiles(dir)
  const steps: PretrainStep[] = []
  if (!existsSync(metrics)) return steps
  for (const line of openLineSource(metrics).lines()) {
    const step = 'text' in line ? stepOf(line.text) : null
    if (step?.step !== steps.length + 1) break
    steps.push(step)
  }
  return steps
}

function stepOf(text: string): PretrainStep | null {
  try {
    return pretrainStepSchema.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

export const writeSteps = (dir: string, steps: readonly PretrainStep[]): void =>
  writeFileAtomic(pretrainFiles(dir).metrics, steps.map((step) => `${JSON.stringify(step)}\n`).join(''))
