// A checkpoint: everything a run needs to go on exactly, as one safetensors file with a checksum.
import type { Parameters } from '../../nn/index.ts'
import type { ByteSource } from '../../ports/index.ts'
import { RetortError } from '../../../shared/errors.ts'
import { FormatError } from '../../formats/formatError.ts'
import { readFloats, readSafetensors, TensorAccessError, writeSafetensors } from '../../formats/safetensors/index.ts'
import type { TrainState } from './loop.ts'

const FORMAT = 'retort-checkpoint-1'
const PREFIXES = { parameters: '', first: 'adam.first.', second: 'adam.second.' } as const
type Part = keyof typeof PREFIXES

const partsOf = (state: TrainState): Record<Part, Parameters> => ({
  parameters: state.parameters,
  first: state.optimiser.first,
  second: state.optimiser.second,
})

type Tensor = { readonly name: string; readonly shape: readonly number[]; readonly data: Float32Array }

/** FNV-1a over the counts and over every tensor's name, shape and 32-bit words, in order of name: nothing else is read from the file. */
function checksum(counts: { step: string; updates: string }, tensors: readonly Tensor[]): string {
  let hash = 0x811c9dc5
  const mix = (word: number): void => void (hash = Math.imul(hash ^ word, 0x01000193))
  const mixText = (text: string): void => {
    for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i))
  }
  mixText(`${counts.step}/${counts.updates}`)
  for (const { name, shape, data } of tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    mixText(`/${name}[${shape.join()}]`)
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length)
    for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ (words[i] as number), 0x01000193)
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}

/** Writes the state; `shapes` are those of the parameters [rows, columns] by name. */
export function writeCheckpoint(
  state: TrainState,
  shapes: ReadonlyMap<string, readonly number[]>,
  sink: (bytes: Uint8Array) => void,
): void {
  const tensors = Object.entries(partsOf(state)).flatMap(([part, values]) =>
    [...values].map(([name, data]): Tensor => ({
      name: PREFIXES[part as Part] + name,
      shape: shapes.get(name) as readonly number[],
      data,
    })),
  )
  const counts = { step: String(state.step), updates: String(state.optimiser.step) }
  const metadata = { format: FORMAT, ...counts, checksum: checksum(counts, tensors) }
  writeSafetensors({ tensors, metadata, sink })
}

/** Reads a checkpoint back. Throws RetortError `bad-checkpoint` when it is not whole, and what reading the file throws. */
export function readCheckpoint(source: ByteSource): TrainState {
  const { entry, tensors } = readWhole(source)
  const sum = checksum({ step: entry('step'), updates: entry('updates') }, tensors)
  if (sum !== entry('checksum')) throw notWhole(source, { found: `checksum ${sum}`, expected: entry('checksum') })
  const part = (prefix: string): Map<string, Float32Array> =>
    new Map(
      tensors
        .filter(({ name }) => (prefix === '' ? !name.startsWith('adam.') : name.startsWith(prefix)))
        .map(({ name, data }) => [name.slice(prefix.length), data]),
    )
  return {
    step: Number(entry('step')),
    parameters: part(PREFIXES.parameters),
    optimiser: { step: Number(entry('updates')), first: part(PREFIXES.first), second: part(PREFIXES.second) },
  }
}

function notWhole({ name }: ByteSource, problem: { found: string; expected: string }): RetortError {
  return new RetortError({ code: 'bad-checkpoint', message: 'this checkpoint is not whole', where: name, ...problem })
}

function readWhole(source: ByteSource): { entry: (key: string) => string; tensors: Tensor[] } {
  try {
    const file = readSafetensors(source)
    const entry = (key: string): string => file.metadata.get(key) ?? ''
    if (entry('format') !== FORMAT) throw notWhole(source, { found: `format "${entry('format')}"`, expected: FORMAT })
    const tensors = [...file.tensors.values()].map(({ name, shape }) => ({ name, shape, data: readFloats({ source, file, name }) }))
    return { entry, tensors }
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof TensorAccessError)) throw error
    throw notWhole(source, { found: error.message, expected: 'a checkpoint as Retort wrote it' })
  }
}
