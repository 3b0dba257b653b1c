// The kept weights of a student: used while they are whole, made again when they are not; nothing of dead processes stays.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scoringGraph } from '../../../src/core/nn/index.ts'
import { createOnnxRuntime } from '../../../src/engine/runtime/onnxRuntime.ts'
import { openStudentWeights } from '../../../src/engine/runtime/weightFile.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'

const STUDENT = goldenPath('tiny/llama_tied.gguf')

const damages: [string, (path: string) => void][] = [
  ['one bit of a weight changed', (path) => {
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
  }],
  ['the end lost', (path) => truncateSync(path, statSync(path).size - 4)],
  ['the file lost', (path) => rmSync(path)],
  ['the checksum lost', (path) => rmSync(path.replace(/f32$/, 'json'))],
  ['the checksum no JSON', (path) => writeFileSync(path.replace(/f32$/, 'json'), '{"bytes":')],
]

describe('the kept weights', () => {
  test('whole, they are used as they lie', async () => {
    const cache = temporaryFolder()
    const { path } = await openStudentWeights(STUDENT, cache)
    const before = statSync(path)
    expect((await openStudentWeights(STUDENT, cache)).path).toBe(path)
    expect([statSync(path).ino, statSync(path).mtimeMs]).toEqual([before.ino, before.mtimeMs])
  })

  test.each(damages)('%s: they are made again, the same', async (_name, damage) => {
    const cache = temporaryFolder()
    const { path } = await openStudentWeights(STUDENT, cache)
    const [weights, names] = [readFileSync(path), readdirSync(dirname(path)).sort()]
    damage(path)
    await openStudentWeights(STUDENT, cache)
    expect(readFileSync(path).equals(weights)).toBe(true)
    expect(readdirSync(dirname(path)).sort()).toEqual(names)
  })
})

test('a graph leaves no file beside the weights; what dead processes left there goes, what may be in use stays', async () => {
  const cache = temporaryFolder()
  const student = await openStudentWeights(STUDENT, cache)
  const folder = dirname(student.path)
  const names = readdirSync(folder).sort()
  const graph = await createOnnxRuntime({ threads: 1, weights: student }).compile('score', scoringGraph(student.config, null))
  await graph.dispose()
  expect(readdirSync(folder).sort()).toEqual(names)

  const [dead, alive] = [join(folder, '.train-1.onnx.tmp'), join(folder, '.train-2.onnx.tmp')]
  for (const path of [dead, alive]) writeFileSync(path, 'half')
  const hourAgo = Date.now() / 1000 - 3600
  utimesSync(dead, hourAgo, hourAgo)
  await openStudentWeights(STUDENT, cache)
  expect([existsSync(dead), existsSync(alive)]).toEqual([false, true])
})

test('a graph that cannot be loaded leaves no file either', async () => {
  const student = await openStudentWeights(STUDENT, temporaryFolder())
  const folder = dirname(student.path)
  const names = readdirSync(folder).sort()
  const elsewhere = { ...student, path: join(folder, 'none', 'weights.f32') }
  mkdirSync(dirname(elsewhere.path))
  const compiled = createOnnxRuntime({ threads: 1, weights: elsewhere }).compile('score', scoringGraph(student.config, null))
  await expect(compiled).rejects.toThrow()
  expect(readdirSync(dirname(elsewhere.path))).toEqual([])
  expect(readdirSync(folder).sort()).toEqual([...names, 'none'].sort())
})
