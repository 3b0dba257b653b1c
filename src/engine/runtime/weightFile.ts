// The student's weights as float32 in one file beside which graphs can be loaded; made once a student and kept.
import { mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readGguf, streamTensorF32, type GgufTensorInfo } from '../../core/formats/gguf/index.ts'
import { expectedTensors, readModelConfig, type ModelConfig } from '../../core/nn/index.ts'
import { openByteSource, removeTemporary, sha256File, writeFileAtomic } from '../files/index.ts'
import type { FrozenPlacement } from './onnxRuntime.ts'

export type StudentWeights = {
  readonly config: ModelConfig
  readonly sha256: string
  readonly path: string
  readonly placements: ReadonlyMap<string, FrozenPlacement>
}

/** Offsets that can be memory-mapped on every system (Windows maps at multiples of 64 KiB). */
const ALIGNMENT = 65536
const FLOAT_BYTES = 4
/** A process that is still writing the weights has written within this time. */
const ABANDONED_MS = 600_000

function placementsOf(config: ModelConfig): Map<string, FrozenPlacement> {
  const placements = new Map<string, FrozenPlacement>()
  let offset = 0
  for (const [name, shape] of expectedTensors(config)) {
    const length = shape.reduce((product, size) => product * size, FLOAT_BYTES)
    placements.set(name, { offset, length })
    offset = Math.ceil((offset + length) / ALIGNMENT) * ALIGNMENT
  }
  return placements
}

/**
 * Opens a student for training: checks its architecture and lays its weights, dequantised, into
 * `<cacheDir>/<sha256>/weights.f32` unless they are there. Throws RetortError for a student that cannot be trained.
 */
export async function openStudentWeights(path: string, cacheDir: string): Promise<StudentWeights> {
  const source = openByteSource(path)
  try {
    const gguf = readGguf(source)
    const config = readModelConfig(gguf)
    const sha256 = await sha256File(path)
    const folder = join(cacheDir, sha256)
    const file = join(folder, 'weights.f32')
    const placements = placementsOf(config)
    const bytes = Math.max(...[...placements.values()].map(({ offset, length }) => offset + length))
    if (statSync(file, { throwIfNoEntry: false })?.size !== bytes) {
      mkdirSync(folder, { recursive: true })
      removeTemporary(folder, { olderThanMs: ABANDONED_MS })
      writeFileAtomic(file, (sink) => {
        let written = 0
        for (const [name, { offset }] of placements) {
          sink(new Uint8Array(offset - written))
          written = offset
          streamTensorF32(source, gguf.tensors.get(name) as GgufTensorInfo, (piece) => {
            sink(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
            written += piece.byteLength
          })
        }
      })
    }
    return { config, sha256, path: file, placements }
  } finally {
    source.close()
  }
}
