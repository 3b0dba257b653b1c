// Whether a run fits into memory, before it starts: what its largest pass will need, how frozen weights shall lie, and what to do when it does not fit.
import { readGguf } from '../../core/formats/gguf/index.ts'
import { loraOf, readModelConfig } from '../../core/nn/index.ts'
import { estimateMemory, weightBytes, type Base } from '../../core/pipeline/training/index.ts'
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import { RetortError } from '../../shared/errors.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import { openByteSource } from '../files/index.ts'
import type { SplitExample } from './runFolder.ts'
import type { MemoryEstimate } from './simulation.ts'

/** The largest pass of a run: its tokens, and how many of them have a loss. */
export type LargestPass = { readonly passTokens: number; readonly supervisedRows: number }

type Fit = {
  /** With `base` settled. */
  readonly settings: TrainSettings
  readonly memory: NonNullable<RunPreview['memory']>
  /** Why it does not fit, with advice; null: it does. */
  readonly blocked: RetortError | null
}

/** Examples are packed into passes of `microTokens`; a longer one is a pass of its own. */
export function largestPass(examples: readonly SplitExample[], { microTokens }: TrainSettings): LargestPass {
  const train = examples.filter(({ split }) => split === 'train')
  const trainedOf = ({ ce, kl }: SplitExample): number => ce.reduce((sum, weight, token) => (weight > 0 || kl[token]! > 0 ? sum + 1 : sum), 0)
  const [longest] = train.toSorted((a, b) => b.ids.length - a.ids.length)
  const tokens = train.reduce((sum, { ids }) => sum + ids.length, 0)
  if (!longest || longest.ids.length >= microTokens) return { passTokens: longest?.ids.length ?? 0, supervisedRows: longest ? trainedOf(longest) : 0 }
  const passTokens = Math.min(microTokens, tokens)
  const trained = train.reduce((sum, example) => sum + trainedOf(example), 0)
  return { passTokens, supervisedRows: Math.ceil((passTokens * trained) / tokens) }
}

/** Estimates of a student's runs, in bytes; `settings.base` 'auto' counts as float32. Throws RetortError for one that cannot be trained. */
export function memoryOfStudent(path: string): (settings: TrainSettings, pass: LargestPass) => number {
  const source = openByteSource(path)
  try {
    const gguf = readGguf(source)
    const [config, weights] = [readModelConfig(gguf, source), weightBytes(gguf)]
    return (settings, pass) =>
      estimateMemory({ config, weights, lora: loraOf(settings), recompute: settings.recompute, base: baseOf(settings), ...pass })
  } finally {
    source.close()
  }
}

/** For plans, whose passes are known by their tokens alone: all of them count as trained. null for a student that cannot be trained. */
export function planMemory(student: string): MemoryEstimate {
  let needs: ReturnType<typeof memoryOfStudent> | null = null
  return ({ passTokens }, settings) => {
    try {
      needs ??= memoryOfStudent(student)
    } catch (error) {
      if (error instanceof RetortError) return null
      throw error
    }
    const pass = { passTokens, supervisedRows: passTokens }
    const plain = needs({ ...settings, base: baseOf(settings) }, pass)
    if (settings.base !== 'auto' || plain <= process.availableMemory()) return plain
    return Math.min(plain, needs({ ...settings, base: 'quantised' }, pass))
  }
}

/** What a run's weights are opened as. */
export const baseOf = ({ base }: Pick<TrainSettings, 'base'>): Base => (base === 'quantised' ? 'quantised' : 'f32')

/** Settles how weights lie: as asked for, or float32 where it fits and the provider is not the processor, else quantised. */
export function fitMemory(student: string, { settings, pass, availableBytes }: { settings: TrainSettings; pass: LargestPass; availableBytes: number }): Fit {
  const needs = memoryOfStudent(student)
  const plain: TrainSettings = { ...settings, base: baseOf(settings) }
  const quantised: TrainSettings = { ...settings, base: 'quantised' }
  // A graphics card has memory of its own, and lacks kernels for codes.
  const onProcessor = settings.provider === 'cpu'
  if (settings.base === 'quantised' && !onProcessor) throw quantisedElsewhere(settings)
  const fits = (wanted: TrainSettings): boolean => needs(wanted, pass) <= availableBytes
  const chosen = settings.base === 'auto' && onProcessor && !fits(plain) && needs(quantised, pass) < needs(plain, pass) ? quantised : plain
  const bytes = needs(chosen, pass)
  const memory = { base: baseOf(chosen), bytes, availableBytes }
  if (bytes <= availableBytes || !onProcessor) return { settings: chosen, memory, blocked: null }
  const ways: { readonly way: string; readonly settings: TrainSettings }[] = [
    { way: '--recompute', settings: { ...chosen, recompute: true } },
    { way: '--base quantised', settings: quantised },
    { way: '--base quantised --recompute', settings: { ...quantised, recompute: true } },
  ]
  const way = ways.find((one) => fits(one.settings))
  const least = ways.at(-1) as (typeof ways)[number]
  const advice = way
    ? `${way.way} needs about ${gigabytes(needs(way.settings, pass))}`
    : `even ${least.way} needs about ${gigabytes(needs(least.settings, pass))}: leave long examples out (--context, --too-long drop), close other programs, or take a smaller student`
  return { settings: chosen, memory, blocked: tooLarge({ bytes, availableBytes, pass, advice }) }
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`

type TooLarge = { readonly bytes: number; readonly availableBytes: number; readonly pass: LargestPass; readonly advice: string }

const tooLarge = ({ bytes, availableBytes, pass, advice }: TooLarge): RetortError =>
  new RetortError({
    code: 'out-of-memory',
    message: 'this run does not fit into memory',
    where: `its largest pass, of ${pass.passTokens} tokens`,
    found: `an estimated peak of ${gigabytes(bytes)}`,
    expected: `at most the ${gigabytes(availableBytes)} that are free`,
    advice,
  })

const quantisedElsewhere = ({ provider }: TrainSettings): RetortError =>
  new RetortError({
    code: 'bad-settings',
    message: 'quantised weights are decoded on the processor only',
    where: 'base',
    found: `provider ${provider}`,
    expected: 'cpu',
    advice: 'leave out --base quantised or --provider',
  })
