// Files on which llama.cpp would end the process are refused before it sees them, and the process goes on.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openStudent } from '../../../src/engine/llama/index.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ggufVariant } from '../../support/ggufVariant.ts'
import { goldenPath } from '../../support/golden.ts'
import { malformedModels, TINY_GGUF } from '../../support/malformedModels.ts'

test.each(malformedModels)('%s', async (_name, variant, found) => {
  const path = join(temporaryFolder(), 'student.gguf')
  writeFileSync(path, ggufVariant(TINY_GGUF, variant))
  await expect(openStudent({ path, weights: 'loaded' })).rejects.toMatchObject({
    code: 'student-not-loaded',
    where: path,
    found: expect.stringContaining(found) as string,
  })
})

test('a file cut short, and a sound one afterwards', async () => {
  const path = join(temporaryFolder(), 'student.gguf')
  const bytes = ggufVariant(TINY_GGUF, {})
  writeFileSync(path, bytes.subarray(0, bytes.length - 1000))
  await expect(openStudent({ path, weights: 'none' })).rejects.toMatchObject({ code: 'student-not-loaded', where: path })
  const student = await openStudent({ path: goldenPath(TINY_GGUF), weights: 'none' })
  expect(student.tokenizer.vocabularySize).toBe(300)
  await student.dispose()
})
