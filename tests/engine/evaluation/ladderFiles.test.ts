// A ladder is of one student and of the same data: files that have changed since it began are refused, and nothing is measured with them.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { climb, createLadder, ladderSpecOf, readLadder } from '../../../src/engine/evaluation/index.ts'
import { sha256File } from '../../../src/engine/files/index.ts'
import { openProject } from '../../../src/engine/project/index.ts'
import type { LadderProgress } from '../../../src/shared/contract/evaluating.ts'
import { type Ladder, ladderArmSchema } from '../../../src/shared/records/ladder.ts'
import { familyModel } from '../../support/familyModel.ts'
import { temporaryFolder } from '../../support/folder.ts'

const arm = (name: string, more: object = {}) => ladderArmSchema.parse({ name, title: name, ...more })

/** Another student of the same shape. */
function flip(path: string): void {
  const bytes = readFileSync(path)
  for (let at = bytes.length - 200; at < bytes.length; at++) bytes[at] = bytes[at]! ^ 1
  writeFileSync(path, bytes)
}

async function begun({ data }: { readonly data?: string } = {}) {
  const project = temporaryFolder()
  openProject(project, { create: true }).dispose()
  const student = join(project, 'student.gguf')
  writeFileSync(student, familyModel({ architecture: 'llama', sizes: { context: 2048, layers: 1, width: 32, heads: 2, kvHeads: 1, inner: 32 } }))
  const arms = [arm('first'), arm('second'), ...(data === undefined ? [] : [arm('sft', { train: { data: { form: 'agent', file: data } } })])]
  const { id } = createLadder(project, await ladderSpecOf({ suite: 'arith', student, tokens: 500, tasks: 1, splits: ['held-out'], arms, settings: { rank: 1 } }, { context: 300 }))
  const go = (onProgress: (progress: LadderProgress) => void = () => undefined, signal = new AbortController().signal): Promise<Ladder> =>
    climb(id, { project, cacheDir: join(project, 'cache'), folders: [], threads: 1, onProgress, signal }).then(({ ladder }) => ladder)
  const path = join(project, 'ladders', id, 'ladder.json')
  const change = (by: (json: Ladder) => void): void => {
    const json = JSON.parse(readFileSync(path, 'utf8')) as Ladder
    by(json)
    writeFileSync(path, JSON.stringify(json))
  }
  // What is answered does not matter here.
  change(({ spec }) => Object.assign(spec.limits!.agent!, { steps: 1, turnTokens: 2 }))
  return { student, go, change, read: () => readLadder(project, id) }
}

const states = ({ rungs }: Ladder): string[] => rungs.map(({ state }) => state)

test('a student that changes while a ladder stands is refused, and taken again as it was', async () => {
  const { student, go, read } = await begun()
  const stop = new AbortController()
  await expect(go(({ arm: now }) => now === 'second' && stop.abort(), stop.signal)).rejects.toThrow()
  const before = read()
  expect(states(before)).toEqual(['done', 'evaluating'])
  expect(before.spec.files).toEqual({ student: await sha256File(student), data: {} })
  flip(student)
  const found = (await sha256File(student)).slice(0, 12)
  await expect(go()).rejects.toMatchObject({ code: 'files-changed', where: student, found, expected: before.spec.files!.student.slice(0, 12) })
  expect(read()).toEqual(before)
  flip(student)
  expect(states(await go())).toEqual(['done', 'done'])
})

test('a student that changes while a ladder is climbed ends it before anything else is measured', async () => {
  const { student, go, read } = await begun()
  let flipped = false
  const climbing = go((progress) => {
    if (flipped || progress.done < 1) return
    flipped = true
    flip(student)
  })
  await expect(climbing).rejects.toMatchObject({ code: 'files-changed' })
  expect(read()).toMatchObject({ state: 'failed', error: { code: 'files-changed' }, rungs: [{ state: 'done' }, { state: 'waiting', evaluations: [] }] })
})

test('an older ladder takes its files as they are, unless its rungs were evaluated with another student', async () => {
  const { student, go, change, read } = await begun()
  await go()
  const { files } = read().spec
  change(({ spec, rungs }) => {
    delete spec.files
    Object.assign(rungs[1]!, { state: 'waiting', evaluations: [] })
  })
  flip(student)
  await expect(go()).rejects.toMatchObject({ code: 'files-changed', expected: files!.student.slice(0, 12) })
  flip(student)
  expect(await go()).toMatchObject({ state: 'finished', spec: { files } })
})

test('a file of training data that changes is refused, too', async () => {
  const data = join(temporaryFolder(), 'data.jsonl')
  const line = JSON.stringify({ messages: [{ role: 'user', content: 'How much is 2 + 2?' }, { role: 'assistant', content: 'Action: finish[4]' }] })
  writeFileSync(data, `${line}\n`)
  const { go, read } = await begun({ data })
  const stop = new AbortController()
  await expect(go(() => stop.abort(), stop.signal)).rejects.toThrow()
  expect(read().spec.files!.data).toEqual({ [data]: await sha256File(data) })
  appendFileSync(data, `${line.replaceAll('4', '5')}\n`)
  await expect(go()).rejects.toMatchObject({ code: 'files-changed', where: data })
})
