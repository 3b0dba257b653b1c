// A checkpoint: everything a run needs to go on exactly, as one safetensors file with a checksum.
import type { Parameters } from '../../nn/index.ts'
import type { ByteSource } from '../../ports/index.ts'
import { RetortError } from '../../../shared/errors.ts'
import { readFloats, readSafetensors, writeSafetensors } from '../../formats/safetensors/index.ts'
import type { TrainState } from './loop.ts'

const FORMAT = 'retort-checkpoint-1'
const PREFIXES = { parameters: '', first: 'adam.first.', second: 'adam.second.' } as const
type Part = keyof typeof PREFIXES

const partsOf = (state: TrainState): Record<Part, Parameters> => ({
  parameters: state.parameters,
  first: state.optimiser.first,
  second: state.optimiser.second,
})

/** FNV-1a over the 32-bit words of all arrays, in order of their names. */
function checksum(tensors: ReadonlyMap<string, Float32Array>): string {
  let hash = 0x811c9dc5
  for (const name of [...tensors.keys()].sort()) {
    const values = tensors.get(name) as Float32Array
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
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
  const tensors = new Map<string, Float32Array>()
  const inputs = Object.entries(partsOf(state)).flatMap(([part, values]) =>
    [...values].map(([name, data]) => {
      const key = PREFIXES[part as Part] + name
      tensors.set(key, data)
      return { name: key, shape: shapes.get(name) as readonly number[], data }
    }),
  )
  const metadata = { format: FORMAT, step: String(state.step), updates: String(state.optimiser.step), checksum: checksum(tensors) }
  writeSafetensors({ tensors: inputs, metadata, sink })
}

/** Reads a checkpoint back. Throws FormatError or RetortError `bad-checkpoint` when it is not whole. */
export function readCheckpoint(source: ByteSource): TrainState {
  const file = readSafetensors(source)
  const wrong = (found: string, expected: string): RetortError =>
    new RetortError({ code: 'bad-checkpoint', message: 'this checkpoint is not whole', where: source.name, found, expected })
  const entry = (key: string): string => file.metadata.get(key) ?? ''
  if (entry('format') !== FORMAT) throw wrong(`format "${entry('format')}"`, FORMAT)
  const tensors = new Map([...file.tensors.keys()].map((name) => [name, readFloats({ source, file, name })]))
  const sum = checksum(tensors)
  if (sum !== entry('checksum')) throw wrong(`checksum ${sum}`, entry('checksum'))
  const part = (prefix: string): Map<string, Float32Array> =>
    new Map(
      [...tensors]
        .filter(([name]) => (prefix === '' ? !name.startsWith('adam.') : name.startsWith(prefix)))
        .map(([name, values]) => [name.slice(prefix.length), values]),
    )
  return {
    step: Number(entry('step')),
    parameters: part(PREFIXES.parameters),
    optimiser: { step: Number(entry('updates')), first: part(PREFIXES.first), second: part(PREFIXES.second) },
  }
}
