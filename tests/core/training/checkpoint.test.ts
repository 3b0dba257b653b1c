// Checkpoints: what is written comes back bit for bit; a file that lost or changed anything is refused.
import { describe, expect, test } from 'vitest'
import { readCheckpoint, writeCheckpoint, type TrainState } from '../../../src/core/pipeline/training/index.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import { bytesSource, collect } from '../../support/bytes.ts'
import { random } from '../../support/random.ts'

const SHAPES = new Map([['blk.0.attn_q.weight.lora_a', [2, 3]], ['blk.0.attn_q.weight.lora_b', [4, 2]]])
const next = random(17)

function matrices(): Map<string, Float32Array> {
  const spread = 10 ** (20 * next() - 10)
  return new Map(
    [...SHAPES].map(([name, [rows = 0, columns = 0]]) => [name, Float32Array.from({ length: rows * columns }, () => spread * (next() - 0.5))]),
  )
}

const state: TrainState = { step: 12, parameters: matrices(), optimiser: { step: 12, first: matrices(), second: matrices() }, guard: { strikes: 1, good: 3, lrFactor: 0.25 } }
// Bit patterns that comparing or printing numbers would lose.
const odd = state.parameters.get('blk.0.attn_q.weight.lora_a') as Float32Array
odd.set([-0, 1e-45, 3.4028234663852886e38])
const bytes = collect((sink) => writeCheckpoint(state, { shapes: SHAPES, sha256, sink }))

const bits = (values: Float32Array | undefined): number[] => [...new Uint32Array((values as Float32Array).slice().buffer)]

describe('round trip', () => {
  test('every value bit for bit, the counts, and the same bytes when written again', () => {
    const found = readCheckpoint(bytesSource(bytes), sha256)
    expect([found.step, found.optimiser.step]).toEqual([12, 12])
    expect(found.guard).toEqual(state.guard)
    const pairs = [
      [state.parameters, found.parameters],
      [state.optimiser.first, found.optimiser.first],
      [state.optimiser.second, found.optimiser.second],
    ] as const
    for (const [written, read] of pairs) {
      expect([...read.keys()].sort()).toEqual([...written.keys()].sort())
      for (const [name, values] of written) expect(bits(read.get(name)), name).toEqual(bits(values))
    }
    expect(collect((sink) => writeCheckpoint(found, { shapes: SHAPES, sha256, sink }))).toEqual(bytes)
  })

  test('the loss scale of a run in half precision; another run has none', () => {
    const half = { ...state, lossScale: { scale: 2 ** 13, calm: 1999 } }
    const written = collect((sink) => writeCheckpoint(half, { shapes: SHAPES, sha256, sink }))
    expect(readCheckpoint(bytesSource(written), sha256).lossScale).toEqual(half.lossScale)
    expect(readCheckpoint(bytesSource(bytes), sha256)).not.toHaveProperty('lossScale')
  })
})

/** The file with other metadata, as versions before this one wrote them. */
function older(change: (metadata: Record<string, string>) => void): Uint8Array {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString()) as { __metadata__: Record<string, string> }
  change(header.__metadata__)
  const text = JSON.stringify(header)
  const json = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8))
  const size = Buffer.alloc(8)
  size.writeBigUInt64LE(BigInt(json.length))
  return Buffer.concat([size, json, bytes.subarray(8 + length)])
}

describe('checkpoints of before', () => {
  test('format 3, without a loss scale', () => {
    const found = readCheckpoint(bytesSource(older((metadata) => (metadata['format'] = 'retort-checkpoint-3'))), sha256)
    expect(found).toEqual(readCheckpoint(bytesSource(bytes), sha256))
  })

  test('a format that is none of them is refused with the one that is expected', () => {
    const unknown = bytesSource(older((metadata) => (metadata['format'] = 'retort-checkpoint-9')))
    expect(() => readCheckpoint(unknown, sha256)).toThrow(expect.objectContaining({ found: 'format "retort-checkpoint-9"', expected: 'retort-checkpoint-4' }))
  })
})

describe('damage', () => {
  const refused = (damaged: Uint8Array): boolean => {
    try {
      readCheckpoint(bytesSource(damaged, 'step-12'), sha256)
      return false
    } catch (error) {
      // Refused as damaged, not by stumbling over something.
      expect(error).toMatchObject({ code: 'bad-checkpoint', where: 'step-12' })
      return true
    }
  }

  test('every truncation, and more bytes than there should be', () => {
    for (let length = 0; length < bytes.length; length++) expect(refused(bytes.subarray(0, length)), `${length} bytes`).toBe(true)
    expect(refused(Uint8Array.from([...bytes, 0]))).toBe(true)
  })

  test('signs of many numbers turned over, which simple sums do not see', () => {
    for (let trial = 0; trial < 50; trial++) {
      const damaged = bytes.slice()
      // The data are the last bytes: 42 numbers of 4 bytes; the sign is the top bit of the last byte.
      const numbers = 3 * 14
      for (let count = 0; count < 2 * (1 + (trial % 7)); count++) {
        const at = damaged.length - 4 * Math.ceil(numbers * next()) + 3
        damaged[at] = (damaged[at] as number) ^ 0x80
      }
      if (damaged.some((byte, i) => byte !== bytes[i])) expect(refused(damaged)).toBe(true)
    }
  })

  test('every single bit turned over', () => {
    const passed: string[] = []
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = bytes.slice()
        damaged[at] = damaged[at]! ^ (1 << bit)
        if (!refused(damaged)) passed.push(`byte ${at}, bit ${bit}: ${JSON.stringify(String.fromCharCode(damaged[at]!))}`)
      }
    }
    expect(passed).toEqual([])
  })

  test('a stretch of zeros, as a file system leaves it after a power loss', () => {
    for (let from = 0; from < bytes.length - 16; from += 16) {
      const stretch = bytes.slice(from, from + 16)
      if (stretch.every((byte) => byte === 0)) continue
      expect(refused(bytes.slice().fill(0, from, from + 16)), `from ${from}`).toBe(true)
    }
    expect(refused(new Uint8Array(bytes.length))).toBe(true)
  })
})
