// The models surface: what the folders hold, what was added, what is in a file, and every way to be of no use.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readGguf } from '../../../src/core/formats/gguf/index.ts'
import { openProject } from '../../../src/engine/project/index.ts'
import { insertDatasetRevision, insertRun, putAdapter } from '../../../src/engine/store/index.ts'
import { goldenBytes, goldenSource } from '../../support/bytes.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ggufVariant, text } from '../../support/ggufVariant.ts'
import { goldenPath } from '../../support/golden.ts'
import { haveShared, sharedPath, SMOLLM2 } from '../../support/shared.ts'
import { testService } from '../../support/testService.ts'
import { run } from '../store/records.ts'

const TINY = 'tiny/llama_tied.gguf'
const ADAPTER = 'tiny/llama_tied.adapter.gguf'

/** A service whose models folder holds these files. */
function withFiles(files: Readonly<Record<string, Uint8Array>>) {
  const opened = testService()
  mkdirSync(opened.models, { recursive: true })
  const path = (name: string): string => join(opened.models, name)
  for (const [name, bytes] of Object.entries(files)) writeFileSync(path(name), bytes)
  /** Only of its own folder: the team's shared models may lie beside the checkout. */
  const list = async (project: string | null = null) => {
    const { models, adapters, folders } = await opened.client.models.list({ project })
    return { models: models.filter((model) => model.path.startsWith(opened.home)), adapters, folders }
  }
  return { ...opened, path, list }
}

describe('list', () => {
  test('figures of a student, from its header', async () => {
    const { list, path, models } = withFiles({ 'tiny.gguf': goldenBytes(TINY) })
    const { models: found, adapters, folders } = await list()
    const { tensors } = readGguf(goldenSource(TINY))
    // Counted by hand: embedding, two blocks of seven linears and two norms, the last norm.
    const block = 64 * 64 * 2 + 32 * 64 * 2 + 160 * 64 * 3 + 2 * 64
    expect(found).toEqual([
      {
        path: path('tiny.gguf'), name: 'tiny random llama_tied', bytes: goldenBytes(TINY).length, origin: 'folder', architecture: 'llama',
        parameters: 300 * 64 + 2 * block + 64, quantisation: 'F32', layers: 2, width: 64, vocabulary: 300, context: 256,
        chatTemplate: true, licence: null, notTrainable: null, broken: null,
      },
    ])
    expect(tensors.size).toBe(1 + 2 * 9 + 1)
    expect(adapters).toEqual([])
    expect(folders).toContain(models)
  })

  test('students that cannot be trained, and files that are of no use, stay in the list with the reason', async () => {
    const whole = goldenBytes(TINY)
    const { list } = withFiles({
      'a.gguf': ggufVariant(TINY, { metadata: { 'tokenizer.chat_template': null, 'general.license': text('apache-2.0') } }),
      'b.gguf': ggufVariant(TINY, { metadata: { 'general.name': null, 'llama.attn_logit_softcapping': { type: 'f32', value: 50 } } }),
      'c.gguf': ggufVariant(TINY, { metadata: { 'llama.block_count': { type: 'u32', value: 3 } } }),
      'd.gguf': whole.slice(0, whole.length - 100),
      'e.gguf': new Uint8Array(100),
      'f.gguf': new Uint8Array(0),
      'g.txt': whole,
    })
    const { models } = await list()
    expect(models.map(({ name, notTrainable, broken, chatTemplate, licence }) => [name, notTrainable, broken, chatTemplate, licence])).toEqual([
      ['tiny random llama_tied', expect.stringContaining('no chat template'), null, false, 'apache-2.0'],
      ['b', 'found soft capping of attention scores (llama.attn_logit_softcapping 50); expected none (0)', null, true, null],
      ['c', expect.anything(), 'found no tensor of block 2; expected tensors of all 3 blocks', false, null],
      ['d', expect.anything(), expect.stringContaining('is it cut off?'), false, null],
      ['e', expect.anything(), expect.stringContaining('is this a GGUF file?'), false, null],
      ['f', expect.anything(), expect.any(String), false, null],
    ])
    for (const model of models.slice(2)) expect(model).toMatchObject({ parameters: 0, layers: null, architecture: '' })
  })

  test('adapters of a folder, of a project and added ones; each once', async () => {
    const { list, path, client } = withFiles({
      'lora.gguf': goldenBytes(ADAPTER),
      'half.gguf': ggufVariant(ADAPTER, { without: ['blk.0.attn_q.weight.lora_b'] }),
    })
    const folder = temporaryFolder()
    const project = openProject(folder, { create: true })
    mkdirSync(project.runFolder('run-1'), { recursive: true })
    copyFileSync(goldenPath(ADAPTER), join(project.runFolder('run-1'), 'adapter.gguf'))
    const createdAt = '2026-01-02T03:04:05.000Z'
    const record = { studentSha256: 'ab'.repeat(32), rank: 2, alpha: 4, step: 10, createdAt }
    insertDatasetRevision(project.store, { id: '0'.repeat(64), members: [] })
    for (const id of ['run-0', 'run-1']) insertRun(project.store, run(id, '0'.repeat(64)))
    putAdapter(project.store, { id: 'run-1', runId: 'run-1', path: 'runs/run-1/adapter.gguf', ...record })
    putAdapter(project.store, { id: 'run-0', runId: 'run-0', path: 'runs/run-0/adapter.gguf', ...record, createdAt: '2026-01-01T00:00:00.000Z' })
    project.dispose()
    const elsewhere = join(temporaryFolder(), 'added.gguf')
    copyFileSync(goldenPath(ADAPTER), elsewhere)
    await client.models.add({ path: elsewhere })
    await client.models.add({ path: join(folder, 'runs/run-1/adapter.gguf') })

    const { adapters } = await list(folder)
    const common = { rank: 2, alpha: 4, architecture: 'llama', broken: null, bytes: goldenBytes(ADAPTER).length }
    expect(adapters).toEqual([
      { ...common, path: join(folder, 'runs/run-1/adapter.gguf'), name: 'run-1', project: folder, run: 'run-1', studentSha256: record.studentSha256, steps: 10, createdAt },
      expect.objectContaining({ name: 'run-0', broken: expect.stringContaining('there is no such file') as string }),
      expect.objectContaining({ name: 'half', broken: expect.stringContaining('only A for blk.0.attn_q.weight') as string }),
      { ...common, path: path('lora.gguf'), name: 'lora', project: null, run: null, studentSha256: null, steps: null, createdAt: expect.any(String) as string },
      expect.objectContaining({ ...common, path: elsewhere, name: 'added' }),
    ])
  })

  test('a file is read again when it changes, and only then', async () => {
    const { list, path } = withFiles({ 'tiny.gguf': goldenBytes(TINY) })
    const at = new Date('2026-01-02T03:04:05Z')
    utimesSync(path('tiny.gguf'), at, at)
    await list()
    const other = Buffer.from(goldenBytes(TINY)).toString('latin1').replace('tiny random', 'tidy random')
    writeFileSync(path('tiny.gguf'), Buffer.from(other, 'latin1'))
    utimesSync(path('tiny.gguf'), at, at)
    expect((await list()).models[0]?.name).toBe('tiny random llama_tied')
    utimesSync(path('tiny.gguf'), at, new Date('2026-01-02T03:04:06Z'))
    expect((await list()).models[0]?.name).toBe('tidy random llama_tied')
  })
})

describe('add and forget', () => {
  test('by content; known at the next start; gone from the list, not from the disk', async () => {
    const first = withFiles({})
    const folder = temporaryFolder()
    const [model, adapter] = [join(folder, 'one.bin'), join(folder, 'two.gguf')]
    copyFileSync(goldenPath(TINY), model)
    copyFileSync(goldenPath(ADAPTER), adapter)
    expect(await first.client.models.add({ path: model })).toEqual({ kind: 'model', path: model })
    expect(await first.client.models.add({ path: adapter })).toEqual({ kind: 'adapter', path: adapter })
    await first.client.models.add({ path: model })
    await first.dispose()

    const { client } = testService({ home: first.home })
    const listed = await client.models.list({ project: null })
    expect(listed.models.filter(({ path }) => path === model)).toMatchObject([{ origin: 'added', name: 'tiny random llama_tied' }])
    expect(listed.adapters).toMatchObject([{ path: adapter, name: 'two', rank: 2 }])

    rmSync(adapter)
    expect((await client.models.list({ project: null })).adapters).toMatchObject([{ path: adapter, bytes: 0, broken: expect.any(String) as string }])
    await client.models.forget({ path: model })
    await client.models.forget({ path: adapter })
    const after = await client.models.list({ project: null })
    expect(after.models.some(({ path }) => path === model) || after.adapters.length > 0).toBe(false)
    expect(existsSync(model)).toBe(true)
    await expect(client.models.forget({ path: model })).rejects.toMatchObject({ code: 'RETORT', data: { code: 'not-added' } })
  })

  test('refused with what was found', async () => {
    const { client } = testService()
    const folder = temporaryFolder()
    const file = (name: string, bytes: Uint8Array): string => {
      writeFileSync(join(folder, name), bytes)
      return join(folder, name)
    }
    const refused = async (path: string) => {
      const error = (await client.models.add({ path }).catch((thrown: unknown) => thrown)) as { code: string; data: { code: string; found: string } }
      expect(error.code).toBe('RETORT')
      return error.data
    }
    expect(await refused(file('a.gguf', ggufVariant(TINY, { metadata: { 'general.type': text('mmproj') } })))).toMatchObject({
      code: 'not-for-chat', found: 'general.type mmproj', expected: 'a model',
    })
    expect(await refused(file('b.gguf', ggufVariant(ADAPTER, { metadata: { 'adapter.type': text('control_vector') } })))).toMatchObject({
      code: 'not-for-chat', found: 'adapter.type "control_vector"', expected: '"lora"',
    })
    expect(await refused(file('c.txt', new TextEncoder().encode('just some text, long enough')))).toMatchObject({ code: 'not-for-chat' })
    expect(await refused(join(folder, 'none.gguf'))).toMatchObject({ code: 'file-missing' })
    expect(await refused(folder)).toMatchObject({ found: expect.stringContaining('folder') as string })
    expect((await client.models.list({ project: null })).adapters).toEqual([])
  })

  test('a list that cannot be read is put aside', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'models.json'), '{"files": [{"pa')
    const { client } = testService({ home })
    expect((await client.models.list({ project: null })).adapters).toEqual([])
    expect(readFileSync(join(home, 'models.json.damaged-1'), 'utf8')).toBe('{"files": [{"pa')
  })
})

describe('inspect', () => {
  test('all of a file; what is long is shortened and says so', async () => {
    const { client } = testService()
    const detail = await client.models.inspect({ path: goldenPath(TINY) })
    const gguf = readGguf(goldenSource(TINY))
    expect(detail).toMatchObject({ version: 3, bytes: goldenBytes(TINY).length })
    expect(detail.metadata.map(({ key }) => key)).toEqual([...gguf.metadata.keys()])
    expect(detail.tensors.map(({ name, type, shape }) => [name, type, shape])).toEqual(
      [...gguf.tensors.values()].map(({ name, type, shape }) => [name, type, shape]),
    )
    const value = (key: string) => detail.metadata.find((entry) => entry.key === key)
    expect(value('llama.block_count')).toEqual({ key: 'llama.block_count', type: 'u32', value: '2' })
    expect(value('tokenizer.ggml.tokens')).toMatchObject({ type: 'string[300]', value: expect.stringMatching(/^\["<.*, … and 284 more of 300\]$/) as string })
    expect(detail.chatTemplate).toBe(gguf.metadata.get('tokenizer.chat_template')?.value)
    expect(detail.types.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(detail.tensors.reduce((sum, { bytes }) => sum + bytes, 0))
  })

  test('what is no GGUF is refused', async () => {
    const { client } = testService()
    await expect(client.models.inspect({ path: goldenPath('tiny/llama_tied.json') })).rejects.toMatchObject({ data: { code: 'gguf-unreadable', where: goldenPath('tiny/llama_tied.json') } })
    await expect(client.models.inspect({ path: goldenPath('tiny/none') })).rejects.toMatchObject({ data: { code: 'file-missing' } })
  })
})

test.skipIf(!haveShared(SMOLLM2))('SmolLM2', async () => {
  const { client } = testService()
  await client.models.add({ path: sharedPath(SMOLLM2) })
  const model = (await client.models.list({ project: null })).models.find(({ path }) => path === sharedPath(SMOLLM2))
  // From the model's own card: 134.5M parameters, 30 layers of width 576, 49,152 tokens, 8,192 of context here.
  expect(model).toMatchObject({
    architecture: 'llama', quantisation: 'Q4_1', layers: 30, width: 576, vocabulary: 49_152, context: 8192,
    chatTemplate: true, licence: 'apache-2.0', notTrainable: null, broken: null, parameters: 134_515_008,
  })
})
