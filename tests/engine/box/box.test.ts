// A box on this machine: made in the sandbox, kept as a folder, served to any MCP client, mounted by a student.
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type ChatModel, createToolbox } from '../../../src/core/agent/index.ts'
import { benchArms, scriptedToolmaker } from '../../../src/core/box/index.ts'
import { drawProblems, suiteNamed } from '../../../src/core/suites/index.ts'
import { systemClock } from '../../../src/engine/agent/index.ts'
import { createBox, type OpenBox, readBox } from '../../../src/engine/box/index.ts'
import { boxKit } from '../../../src/engine/box/kit.ts'
import { openBoxSandbox } from '../../../src/engine/box/sandbox.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import { openSuiteTools } from '../../../src/engine/suites/index.ts'
import { openMcp } from '../../../src/engine/tools/mcp.ts'
import { fakeTeacher, type FakeTeacher, type TeacherFault } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testService } from '../../support/testService.ts'
import { user } from '../../support/turns.ts'

const { signal } = new AbortController()
const wish = { suite: 'game24', teacher: { type: 'scripted' }, tasks: 14, heldOut: 6, seed: 2, usage: 2, onProgress: () => undefined, onNotice: () => undefined, signal } as const
let box: OpenBox

const folder = mkdtempSync(join(tmpdir(), 'retort-box-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
beforeAll(async () => void (box = await createBox({ ...wish, folder, floor: 0.9 })))

test('the funnel counts what was left out, and what is kept solved tasks that it was not made from', () => {
  const { funnel, teacher, tools } = box
  expect(teacher).toEqual({ name: 'scripted toolmaker', scripted: true })
  const dropped = (stage: string): number => funnel.dropped.filter((row) => row.stage === stage).reduce((sum, { count }) => sum + count, 0)
  expect(funnel.tasks).toBe(14)
  expect(funnel.right).toBe(14 - dropped('create'))
  expect(funnel.abstracted).toBe(funnel.right - dropped('abstract'))
  // The bare answers of the scripted toolmaker.
  expect(dropped('abstract')).toBeGreaterThan(0)
  expect(tools).toHaveLength(1)
  expect(tools[0]!.verified).toMatchObject({ split: 'held-out', seed: 2, tasks: 6, passed: 6 })
  expect(tools[0]!.from.length).toBeGreaterThan(1)
})

test('a tool under the floor, or written too rarely, is no tool; nothing is written over', async () => {
  const folder = join(temporaryFolder(), 'box')
  await expect(createBox({ ...wish, tasks: 4, heldOut: 2, usage: 99, folder, floor: 0 })).rejects.toMatchObject({ code: 'box-empty', found: expect.stringContaining('written for fewer than 99 tasks') })
  await expect(createBox({ ...wish, folder: box.folder, floor: 0 })).rejects.toMatchObject({ code: 'box-exists' })
})

/** The scripted toolmaker as a model behind an endpoint. */
const endpointMaker = (fault?: TeacherFault): Promise<FakeTeacher> => {
  const maker = scriptedToolmaker()
  return fakeTeacher(async ({ messages }) => {
    if (fault) return fault
    let text = ''
    for await (const event of maker.complete([user(messages.at(-1)!.content)], { tools: [], stop: [], maxTokens: 1500, temperature: 0, topP: 1, seed: 0, signal })) if (event.type === 'text') text += event.text
    return { text }
  })
}
const paidBy = ({ baseUrl }: FakeTeacher, budget: { cost: number | null; tokens: number | null } = { cost: null, tokens: null }) => ({
  type: 'endpoint' as const, model: 'm', endpoint: { id: 'fake', name: 'Fake', kind: 'openai-compatible' as const, baseUrl, models: [], key: null },
  terms: { prices: null, budget, traffic: {} },
})

test('a teacher that is paid is paid once, however often the box is begun; a budget stops it before', async () => {
  const fake = await endpointMaker()
  const folder = join(temporaryFolder(), 'box')
  const few = { ...wish, tasks: 8, heldOut: 2, floor: 0.9, folder }
  await expect(createBox({ ...few, teacher: paidBy(fake, { cost: null, tokens: 4000 }) })).rejects.toMatchObject({ code: 'budget-reached' })
  const { promptTokens, tokens } = fake.billed()
  const within = fake.seen.length
  expect(promptTokens + tokens).toBeLessThanOrEqual(4000)
  expect(within).toBeGreaterThan(0)
  expect(within).toBeLessThan(7)
  expect(existsSync(folder)).toBe(false)
  // Stopped one task further on, as a kill would.
  const stop = new AbortController()
  await expect(createBox({ ...few, teacher: paidBy(fake), signal: stop.signal, onProgress: (done) => void (done === within + 1 && stop.abort()) })).rejects.toMatchObject({ code: 'stopped' })
  expect(fake.seen).toHaveLength(within + 1)
  const path = `${folder}.teacher`
  await expect(createBox({ ...few, usage: 99, teacher: paidBy(fake) })).rejects.toMatchObject({ code: 'box-empty', advice: expect.stringContaining(path) })
  expect(fake.seen).toHaveLength(8)
  const { usage, tools, teacher } = await createBox({ ...few, teacher: paidBy(fake) })
  expect(fake.seen).toHaveLength(8)
  expect(usage).toMatchObject({ ...fake.billed(), requests: 8, replayed: 8 })
  expect([teacher, tools.length]).toEqual([{ name: 'Fake: m', scripted: false }, 1])
  await expect(createBox({ ...few, folder: `${folder}2`, teacher: paidBy(fake, { cost: 1, tokens: null }) })).rejects.toMatchObject({ code: 'no-prices' })
})

test('a teacher that refuses again and again ends the work, with what it says', async () => {
  const fake = await endpointMaker({ type: 'refuse', status: 401, body: '{"error":{"message":"no such key"}}' })
  const folder = join(temporaryFolder(), 'box')
  await expect(createBox({ ...wish, folder, floor: 0, teacher: paidBy(fake) })).rejects.toMatchObject({ code: 'teacher-failed', found: expect.stringContaining('no such key') })
  expect(fake.seen).toHaveLength(5)
})

test('a box whose tools were changed is refused, by the app and by its server', async () => {
  const copy = join(temporaryFolder(), 'box')
  cpSync(box.folder, copy, { recursive: true })
  writeFileSync(join(copy, box.tools[0]!.file), 'function make_twenty_four() { return "24" }\n')
  expect(() => readBox(copy)).toThrow('this is no box of tools')
  await expect(openMcp({ server: { type: 'stdio', words: [process.execPath, join(copy, 'server.mjs')] }, approve: async () => true, dataFolder: temporaryFolder(), signal })).rejects.toMatchObject({ found: expect.stringContaining('not the file that was verified') })
})

test('its server needs nothing but Node: our client and the SDK\'s own list and call the same tool', async () => {
  const { name } = box.tools[0]!
  const words = [process.execPath, join(box.folder, 'server.mjs')]
  const tools = await openMcp({ server: { type: 'stdio', words }, approve: async () => true, dataFolder: temporaryFolder(), signal })
  onTestFinished(tools.dispose)
  const toolbox = createToolbox([tools.kit()], systemClock)
  const say = (json: string, box = toolbox) => {
    const prepared = box.prepare({ name, argument: json, form: 'json' })
    return 'status' in prepared ? prepared : box.run(prepared, { seconds: 20, signal })
  }
  const ours = await say('{"numbers":[1,2,3,4]}')
  expect(ours).toMatchObject({ status: 'ok' })
  // It is declared to be without effects: a candidate may try it.
  expect(await say('{"numbers":[1,2,3,4]}', await toolbox.copy())).toEqual(ours)
  expect(await say('{"numbers":[1,1,1,1]}')).toEqual({ status: 'failed', text: `${name} found nothing.` })

  const client = new Client({ name: 'another', version: '1' })
  onTestFinished(() => client.close())
  await client.connect(new StdioClientTransport({ command: words[0]!, args: words.slice(1) }))
  const { tools: listed } = await client.listTools()
  expect(listed.map((tool) => [tool.name, tool.inputSchema.required])).toEqual([[name, ['numbers']]])
  expect(await client.callTool({ name, arguments: { numbers: [1, 2, 3, 4] } })).toEqual({ content: [{ type: 'text', text: ours.text }] })
  expect(await client.callTool({ name, arguments: { numbers: 'x' } })).toMatchObject({ isError: true })
  await expect(client.callTool({ name: 'other', arguments: {} })).rejects.toThrow('Unknown tool')
})

test.each([
  ['reads files', 'return process.binding("fs")', 'process is not defined'],
  ['leaves its context', 'return this.constructor.constructor("return process")().version', ''],
  ['loads modules', 'return import("node:fs")', ''],
  ['never ends', 'for (;;) {}', ''],
])('code of a box that %s is an error of its call', async (_, body, words) => {
  const folder = join(temporaryFolder(), 'box')
  cpSync(box.folder, folder, { recursive: true })
  const { name, file } = box.tools[0]!
  const code = `function ${name}(numbers) { ${body} }`
  writeFileSync(join(folder, file), `${code}\n`)
  const json = JSON.parse(readFileSync(join(folder, 'box.json'), 'utf8')) as { tools: { sha256: string }[] }
  json.tools[0]!.sha256 = sha256(code)
  writeFileSync(join(folder, 'box.json'), JSON.stringify(json))
  const tools = await openMcp({ server: { type: 'stdio', words: [process.execPath, join(folder, 'server.mjs')] }, approve: async () => true, dataFolder: temporaryFolder(), signal })
  onTestFinished(tools.dispose)
  const answer = await tools.kit().run(0, { numbers: [1] }, { signal })
  expect(answer.status === 'failed' || answer.text === '{}', answer.text).toBe(true)
  expect(answer.text).toContain(words)
  expect(answer.text).not.toMatch(/v\d+\.\d+/)
  expect(readdirSync(folder).sort()).toEqual(['box.json', 'runner.mjs', 'server.mjs', 'tools'])
})

test('a student that does as the example does is right with the box; other arms see solved examples, and no tool of the box', async () => {
  const suite = suiteNamed('game24')
  const suiteTools = openSuiteTools()
  const sandbox = openBoxSandbox({ signal })
  onTestFinished(() => suiteTools.dispose())
  onTestFinished(sandbox.dispose)
  const seen: string[] = []
  /** Calls the first tool on the question's numbers, then hands in what it was told. */
  const copycat: ChatModel = {
    name: 'copycat',
    async *complete(turns) {
      const last = turns.at(-1)!
      const call = /- (\w+)\[/.exec(turns[0]!.text)![1]!
      if (last.role === 'user') seen.push(turns.map(({ text }) => text).join('\n'))
      const numbers = (last.text.match(/\d+/g) ?? []).map(Number)
      numbers.splice(numbers[0] === 24 ? 0 : numbers.lastIndexOf(24), 1)
      yield { type: 'text', text: last.role === 'user' ? `Thought: Like before.\nAction: ${call}[${numbers.join(', ')}]` : `Action: finish[${last.text.replace('Observation: ', '')}]` }
      yield { type: 'end', reason: 'stop', tokens: 5, promptTokens: 7 }
    },
  }
  const rows = await benchArms({
    suite, model: copycat, signal, steps: 3, arms: ['without', 'retrieval', 'box'], onProgress: () => undefined,
    problems: [...drawProblems(suite, { split: 'held-out', seed: 2, count: 3, from: 6 })],
    training: [...drawProblems(suite, { split: 'train', seed: 2, count: 14 })],
    common: box.common, box: () => boxKit(box, sandbox.run), shown: box.tools[0]!, tools: suiteTools.tools, clock: systemClock,
  })
  expect(rows.map(({ arm, right, used, promptTokens }) => [arm, right, used, promptTokens])).toEqual([['without', 0, 0, 14], ['retrieval', 0, 0, 14], ['box', 3, 3, 14]])
  const [none, ofRetrieval, ofBox] = rows.map(({ gain }) => gain)
  expect([none, ofRetrieval!.value, ofBox!.value]).toEqual([null, 0, 1])
  // Three tasks tell little of no gain, and enough of three of three.
  expect([ofRetrieval!.low < 0, ofRetrieval!.high > 0, ofBox!.low > 0]).toEqual([true, true, true])
  const [without, retrieval, withBox] = [seen[0]!, seen[3]!, seen[6]!]
  const examples = (text: string): number => (text.match(/finish\[[^\]a]/g) ?? []).length
  expect([without, retrieval, withBox].map(examples)).toEqual([3, 3, 3])
  expect([without, retrieval, withBox].map((text) => text.includes(box.tools[0]!.name))).toEqual([false, false, true])
})

test('mounted in the app as an MCP server: its own command is asked about, then its tools are offered', async () => {
  const { client } = testService()
  await client.mcp.put({ id: 'box', name: 'Box', way: { type: 'box', folder: box.folder } })
  await client.mcp.start({ id: 'box' })
  for await (const { servers: [one] } of await client.mcp.watch({})) {
    if (one?.state.type === 'asks') {
      expect(one.state.card).toMatchObject({ words: [process.execPath, '--no-warnings', join(box.folder, 'server.mjs')], folder: box.folder, env: [] })
      await client.mcp.answer({ id: 'box', ticket: one.state.ticket, answer: 'once' })
    } else if (one?.state.type === 'running' || one?.state.type === 'failed') {
      expect(one.state).toMatchObject({ type: 'running', tools: [{ name: box.tools[0]!.name, readOnly: true }] })
      break
    }
  }
})
