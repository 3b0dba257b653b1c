// A checkpoint: everything a run needs to go on exactly, as one safetensors file with a checksum.
import type { Parameters } from '../../nn/index.ts'
import type { ByteSink, ByteSource, Sha256 } from '../../ports/index.ts'
import { RetortError } from '../../../shared/errors.ts'
import { FormatError } from '../../formats/formatError.ts'
import { readFloats, readSafetensors, TensorAccessError, writeSafetensors } from '../../formats/safetensors/index.ts'
import { CALM, type GuardState } from './guard.ts'
import type { TrainState } from './loop.ts'
import type { LossScale } from './lossScale.ts'

const FORMAT = 'retort-checkpoint-4'
/** Of before the loss scale was kept; read as one without. */
const WITHOUT_SCALE = 'retort-checkpoint-3'
/** Of before there was a guard. */
const WITHOUT_GUARD = 'retort-checkpoint-2'
const READ: readonly string[] = [FORMAT, WITHOUT_SCALE, WITHOUT_GUARD]
/** The learned weights of span kinds, where a run has them. */
const SPAN_WEIGHTS = 'span.weights'
const PREFIXES = { parameters: '', first: 'adam.first.', second: 'adam.second.' } as const
type Part = keyof typeof PREFIXES

const partsOf = (state: TrainState): Record<Part, Parameters> => ({
  parameters: state.parameters,
  first: state.optimiser.first,
  second: state.optimiser.second,
})

type Tensor = { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }

/** `scale`: only of a run in half precision. */
type Counts = { readonly step: string; readonly updates: string; readonly guard?: string; readonly scale?: string }

/** sha256 over the counts and over every tensor's name, shape and bytes, in order of name: nothing else is read from the file. */
function checksum({ step, updates, guard, scale }: Counts, tensors: readonly Tensor[], sha256: Sha256): string {
  const lines = tensors
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, shape, data }) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      return `${name} [${shape.join()}] ${sha256(bytes)}`
    })
  return sha256([[step, updates, guard, scale].filter((count) => count !== undefined).join(' '), ...lines].join('\n'))
}

export type CheckpointOptions = {
  /** Of the parameters, by name. */
  readonly shapes: ReadonlyMap<string, readonly number[]>
  readonly sha256: Sha256
  readonly sink: ByteSink
}

/** Writes the state as it is. */
export function writeCheckpoint(state: TrainState, { shapes, sha256, sink }: CheckpointOptions): void {
  const learned: Tensor[] = state.spanWeights ? [{ name: SPAN_WEIGHTS, shape: [state.spanWeights.length], data: state.spanWeights }] : []
  const matrices = Object.entries(partsOf(state)).flatMap(([part, values]) =>
    [...values].map(([name, data]): Tensor => ({
      name: PREFIXES[part as Part] + name,
      shape: shapes.get(name) as readonly number[],
      data,
    })),
  )
  const tensors = [...matrices, ...learned]
  const { guard: { strikes, good, lrFactor }, lossScale } = state
  const counts: Counts = {
    step: String(state.step),
    updates: String(state.optimiser.step),
    guard: `${strikes} ${good} ${lrFactor}`,
    ...(lossScale && { scale: `${lossScale.scale} ${lossScale.calm}` }),
  }
  const metadata = { format: FORMAT, ...counts, checksum: checksum(counts, tensors, sha256) }
  writeSafetensors({ tensors, metadata, sink })
}

/** Reads a checkpoint back. Throws RetortError `bad-checkpoint` when it is not whole, and what reading the file throws. */
export function readCheckpoint(source: ByteSource, sha256: Sha256): TrainState {
  const { entry, tensors } = readWhole(source)
  const format = entry('format')
  const guarded = format !== WITHOUT_GUARD
  const scale = format === FORMAT ? entry('scale') : ''
  const counts = { step: entry('step'), updates: entry('updates'), ...(guarded && { guard: entry('guard') }), ...(scale !== '' && { scale }) }
  const sum = checksum(counts, tensors, sha256)
  if (sum !== entry('checksum')) throw notWhole(source, { found: `checksum ${sum}`, expected: entry('checksum') })
  const part = (prefix: string): Map<string, Float32Array> =>
    new Map(
      tensors
        .filter(({ name }) => (prefix === '' ? !name.startsWith('adam.') && name !== SPAN_WEIGHTS : name.startsWith(prefix)))
        .map(({ name, data }) => [name.slice(prefix.length), data]),
    )
  const spanWeights = tensors.find(({ name }) => name === SPAN_WEIGHTS)?.data
  return {
    ...(spanWeights && { spanWeights }),
    step: Number(entry('step')),
    parameters: part(PREFIXES.parameters),
    optimiser: { step: Number(entry('updates')), first: part(PREFIXES.first), second: part(PREFIXES.second) },
    guard: guarded ? guardOf(entry('guard')) : CALM,
    ...(scale !== '' && { lossScale: lossScaleOf(scale) }),
  }
}

function guardOf(text: string): GuardState {
  const [strikes = 0, good = 0, lrFactor = 1] = text.split(' ').map(Number)
  return { strikes, good, lrFactor }
}

function lossScaleOf(text: string): LossScale {
  const [scale = 1, calm = 0] = text.split(' ').map(Number)
  return { scale, calm }
}

function notWhole({ name }: ByteSource, problem: { found: string; expected: string }): RetortError {
  return new RetortError({ code: 'bad-checkpoint', message: 'this checkpoint is not whole', where: name, ...problem })
}

function readWhole(source: ByteSource): { entry: (key: string) => string; tensors: Tensor[] } {
  try {
    const file = readSafetensors(source)
    const entry = (key: string): string => file.metadata.get(key) ?? ''
    if (!READ.includes(entry('format'))) throw notWhole(source, { found: `format "${entry('format')}"`, expected: FORMAT })
    const tensors = [...file.tensors.values()].map(({ name, shape }) => ({ name, shape, data: readFloats({ source, file, name }) }))
    return { entry, tensors }
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof TensorAccessError)) throw error
    throw notWhole(source, { found: error.message, expected: 'a checkpoint as Retort wrote it' })
  }
}
