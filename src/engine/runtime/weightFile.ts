// The student's weights, as float32 or in codes, in one file beside which graphs can be loaded; made once a student and kept.
import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { readGguf, type Gguf, type GgufTensorInfo } from '../../core/formats/gguf/index.ts'
import { expectedTensors, readModelConfig, type ModelConfig } from '../../core/nn/index.ts'
import type { Base } from '../../core/pipeline/training/index.ts'
import type { ByteSource } from '../../core/ports/index.ts'
import { ensureFolder, openByteSource, removeTemporary, sha256File, writeFileAtomic } from '../files/index.ts'
import type { FrozenPlacement, Stretch } from './onnxRuntime.ts'
import { storedAs, type Piece } from './storedWeight.ts'

export type StudentWeights = {
  readonly config: ModelConfig
  readonly sha256: string
  readonly path: string
  readonly placements: ReadonlyMap<string, FrozenPlacement>
}

/** Counts up whenever the layout of the file or a dequantiser changes: files of another version are not looked at. */
const VERSION = 1
/** Offsets that can be memory-mapped on every system (Windows maps at multiples of 64 KiB). */
const ALIGNMENT = 65536
/** A process that is still writing the weights, or loading a graph, has written within this time. */
const ABANDONED_MS = 600_000
/** Read at once: small enough to be still in the processor's cache when it is summed. */
const PIECE = 1 << 18

/** What lies beside the weights: their size and the CRC-32 of all bytes. */
const checkSchema = z.object({ bytes: z.int(), crc32: z.int() })
type Check = z.infer<typeof checkSchema>

type Layout = { readonly placements: ReadonlyMap<string, FrozenPlacement>; readonly bytes: number; readonly pieces: readonly (Piece & Stretch)[] }

function layoutOf(config: ModelConfig, gguf: Gguf, base: Base): Layout {
  const placements = new Map<string, FrozenPlacement>()
  const pieces: (Piece & Stretch)[] = []
  let [offset, bytes] = [0, 0]
  const put = (piece: Piece): Stretch => {
    const stretch = { offset, length: piece.length }
    pieces.push({ ...piece, ...stretch })
    bytes = offset + piece.length
    offset = Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
    return stretch
  }
  for (const name of expectedTensors(config).keys()) placements.set(name, storedAs(gguf.tensors.get(name) as GgufTensorInfo, base, put))
  return { placements, bytes, pieces }
}

/** The checksum that was written after the weights were whole; null when there is none that can be read. */
function readCheck(path: string): Check | null {
  if (!existsSync(path)) return null
  try {
    return checkSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data ?? null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Whether the file is what was written, all of it: CRC-32 takes about 0.3 s for the 540 MB of a 135M student. */
function isWhole(path: string, check: Check): boolean {
  if (!existsSync(path)) return false
  const file = openSync(path, 'r')
  try {
    if (fstatSync(file).size !== check.bytes) return false
    const piece = new Uint8Array(PIECE)
    let sum = 0
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece)) sum = crc32(piece.subarray(0, count), sum)
    return sum === check.crc32
  } finally {
    closeSync(file)
  }
}

function writeWeights(path: string, { source, pieces }: { source: ByteSource; pieces: Layout['pieces'] }): Check {
  let [sum, written] = [0, 0]
  writeFileAtomic(path, (sink) => {
    const put = (piece: Uint8Array): void => {
      sink(piece)
      sum = crc32(piece, sum)
      written += piece.length
    }
    for (const { offset, write } of pieces) {
      put(new Uint8Array(offset - written))
      write(source, put)
    }
  })
  return { bytes: written, crc32: sum }
}

/**
 * Opens a student for training: checks its architecture and lays its weights, dequantised or in codes, into
 * `<cacheDir>/<sha256>/weights-v1.f32` (or `.quantised`) unless they are there, whole. Throws RetortError for a student that cannot be trained.
 */
export async function openStudentWeights(path: string, cacheDir: string, base: Base = 'f32'): Promise<StudentWeights> {
  const source = openByteSource(path)
  try {
    const gguf = readGguf(source)
    const config = readModelConfig(gguf, source)
    const layout = layoutOf(config, gguf, base)
    const sha256 = await sha256File(path)
    const folder = join(cacheDir, sha256)
    ensureFolder(folder)
    removeTemporary(folder, { olderThanMs: ABANDONED_MS })
    const file = join(folder, `weights-v${VERSION}.${base}`)
    const checkFile = base === 'f32' ? join(folder, `weights-v${VERSION}.json`) : `${file}.json`
    const known = readCheck(checkFile)
    if (known?.bytes !== layout.bytes || !isWhole(file, known)) {
      const check = writeWeights(file, { source, pieces: layout.pieces })
      writeFileAtomic(checkFile, `${JSON.stringify(check)}\n`)
    }
    return { config, sha256, path: file, placements: layout.placements }
  } finally {
    source.close()
  }
}
