// An adapter whose file is written over while its student is open: what answers is the file as it now is.
import { readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openScorer, openStudent } from '../../../src/engine/llama/index.ts'
import { f32, ggufVariant } from '../../support/ggufVariant.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'

const ADAPTER = 'tiny/llama_tied.adapter.gguf'
const IDS = [5, 17, 44, 9, 120, 33, 8]
const bytes = (alpha: number): Uint8Array => ggufVariant(ADAPTER, { metadata: { 'adapter.lora.alpha': f32(alpha) } })
const copies = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('retort-adapter-'))

test('an adapter that is written over, and written back', async () => {
  const path = join(temporaryFolder(), 'adapter.gguf')
  const student = await openStudent({ path: goldenPath('tiny/llama_tied.gguf'), weights: 'loaded' })
  const before = copies()
  /** By the open student, and by one that knows nothing yet. */
  const score = async (from = student): Promise<number[]> => {
    const scorer = await openScorer({ student: from, adapter: { path, scale: 1 }, context: 32, threads: 1 })
    try {
      return [...(await scorer.score(IDS))].map((value) => Number(value)).slice(1)
    } finally {
      await scorer.dispose()
    }
  }
  try {
    const seen: number[][] = []
    for (const alpha of [1, 16, 32]) {
      writeFileSync(path, bytes(alpha))
      const fresh = await openStudent({ path: student.path, weights: 'loaded' })
      seen.push(await score())
      expect(seen.at(-1)).toEqual(await score(fresh))
      expect(await score()).toEqual(seen.at(-1))
      await fresh.dispose()
    }
    expect(new Set(seen.map((values) => values.join())).size).toBe(3)
    expect(copies()).toEqual(before)
  } finally {
    await student.dispose()
  }
})
