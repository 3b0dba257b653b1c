// MCP servers that the user has named: nothing starts without a yes to its card, agents of the chat work with them, and they end as they should.
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { foldEpisode } from '../../../src/core/agent/index.ts'
import type { AgentSetup } from '../../../src/shared/contract/routes/chat.ts'
import type { McpRow } from '../../../src/shared/contract/mcp.ts'
import { fakeProvider } from '../../support/fakeProvider.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { httpMcpServer } from '../../support/mcpServer.ts'
import { testService } from '../../support/testService.ts'
import { user } from '../../support/turns.ts'

type Client = ReturnType<typeof testService>['client']
type Way = McpRow['way']

const GOOD = `"${process.execPath}" --no-warnings "${resolve(import.meta.dirname, '../../support/mcpServer.ts')}"`
const command = (line: string, more: Partial<Way & { type: 'command' }> = {}): Way => ({ type: 'command', line, folder: null, env: [], ...more })
/** Leaves a mark when it runs, and says nothing. */
const marking = (flag: string): string => `"${process.execPath}" -e "require('fs').writeFileSync('${flag}', ''); setInterval(() => {}, 1000)"`

/** The server when it is in one of these states. */
async function until<Type extends McpRow['state']['type']>(client: Client, ...types: Type[]) {
  for await (const { servers: [one] } of await client.mcp.watch({})) {
    if (one && types.includes(one.state.type as Type)) return { ...one, state: one.state as Extract<McpRow['state'], { type: Type }> }
  }
  throw new Error('it was not watched to the end')
}

async function say(client: Client, answer: 'always' | 'once' | 'no') {
  const { state } = await until(client, 'asks')
  await client.mcp.answer({ id: 's', ticket: state.ticket, answer })
  return state.card
}

async function actWith(client: Client, pieces: readonly string[], mcp: AgentSetup['mcp']) {
  const fake = await fakeProvider()
  fake.behave(...pieces.map((piece) => ({ type: 'answer' as const, pieces: [piece] })))
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [] })
  const question = {
    voice: { type: 'provider' as const, provider: 'fake', model: 'm' }, turns: [user('How much?')], sampling: { temperature: 0, topP: 1, seed: 1, maxTokens: 50 },
    agent: { style: 'react' as const, tools: [], corpus: null, database: null, steps: 4, mcp },
  }
  const events = []
  for await (const event of await client.chat.act(question)) {
    if (event.type === 'failed') return { failed: event.error, turns: [] }
    events.push(event.event)
  }
  return { failed: null, turns: foldEpisode(events).turns.map(({ text }) => text) }
}

test('a card shows all that would be started; without a yes to it nothing is, whoever asks', async () => {
  const { client, home } = testService()
  const flag = join(temporaryFolder(), 'started')
  await client.mcp.put({ id: 's', name: 'S', way: command(marking(flag), { env: ['RETORT_NOT_THERE', 'PATH'] }) })
  expect((await until(client, 'stopped')).allowed).toBe(false)
  expect(await actWith(client, ['x'], [{ server: 's', tools: null }])).toMatchObject({ failed: { code: 'mcp-not-approved', found: 'S' } })
  await client.mcp.start({ id: 's' })
  const { state } = await until(client, 'asks')
  expect(state.card).toMatchObject({ type: 'command', words: [process.execPath, '-e', expect.stringContaining(flag)], folder: home, env: [{ name: 'RETORT_NOT_THERE', set: false }, { name: 'PATH', set: true }] })
  await expect(client.mcp.answer({ id: 's', ticket: 'guessed', answer: 'always' })).rejects.toMatchObject({ data: { code: 'mcp-question-gone' } })
  expect(await actWith(client, ['x'], [{ server: 's', tools: null }])).toMatchObject({ failed: { code: 'mcp-not-approved' } })
  await client.mcp.answer({ id: 's', ticket: state.ticket, answer: 'no' })
  await until(client, 'refused')
  // An answer counts once.
  await expect(client.mcp.answer({ id: 's', ticket: state.ticket, answer: 'always' })).rejects.toMatchObject({ data: { code: 'mcp-question-gone' } })
  expect(existsSync(flag)).toBe(false)
  expect(existsSync(join(home, 'mcp-approved.json'))).toBe(false)
})

test('mounted, its tools work in a pane; when it dies in the middle that is an observation, and its state', async () => {
  const { client } = testService()
  await client.mcp.put({ id: 's', name: 'S', way: command(GOOD) })
  await client.mcp.start({ id: 's' })
  await say(client, 'once')
  const { state, allowed } = await until(client, 'running', 'failed')
  expect(state).toMatchObject({ type: 'running', server: 'test server 1.2.3' })
  expect(state.type === 'running' && state.tools[0]).toEqual({ name: 'add', description: 'adds two numbers', readOnly: true })
  expect(allowed).toBe(false)
  const { turns } = await actWith(client, ['Action: add[2, 40]', 'Action: count[]', 'Action: die[]', 'Action: finish[42]'], [{ server: 's', tools: ['add', 'die'] }])
  expect(turns.filter((text) => text.startsWith('Observation'))).toEqual([
    'Observation: 42', expect.stringContaining('There is no tool "count". Tools: add, die'), expect.stringContaining('it ended with code 3; it said: out of luck'),
  ])
  expect((await until(client, 'failed')).state.error).toMatchObject({ code: 'mcp-ended', found: expect.stringContaining('out of luck') })
  // It was allowed for once.
  expect(await actWith(client, ['x'], [{ server: 's', tools: null }])).toMatchObject({ failed: { code: 'mcp-not-approved' } })
})

test('a yes for good counts for the very command, in the next start of the app too, until the server is taken away', async () => {
  const home = temporaryFolder()
  const first = testService({ home })
  await first.client.mcp.put({ id: 's', name: 'S', way: command(GOOD) })
  await first.client.mcp.start({ id: 's' })
  await say(first.client, 'always')
  expect((await until(first.client, 'running')).allowed).toBe(true)
  await first.dispose()

  const { client } = testService({ home })
  const { turns } = await actWith(client, ['Action: add[2, 40]', 'Action: finish[42]'], [{ server: 's', tools: null }])
  expect(turns).toContain('Observation: 42')
  await client.mcp.put({ id: 's', name: 'S', way: command(`${GOOD} --other`) })
  expect((await until(client, 'stopped')).allowed).toBe(false)
  await client.mcp.put({ id: 's', name: 'S', way: command(GOOD) })
  expect((await until(client, 'stopped')).allowed).toBe(true)
  await client.mcp.remove({ id: 's' })
  expect(JSON.parse(readFileSync(join(home, 'mcp-approved.json'), 'utf8'))).toEqual({ approved: [] })
  expect(await actWith(client, ['x'], [{ server: 's', tools: null }])).toMatchObject({ failed: { code: 'no-mcp-server' } })
})

test('a start that takes long is given up, and one that fails says why; a server that is no command is refused at once', async () => {
  const { client } = testService()
  const flag = join(temporaryFolder(), 'started')
  await client.mcp.put({ id: 's', name: 'S', way: command(marking(flag)) })
  await client.mcp.start({ id: 's' })
  await say(client, 'once')
  await expect.poll(() => existsSync(flag), { timeout: 20_000 }).toBe(true)
  await until(client, 'starting')
  await client.mcp.stop({ id: 's' })
  await until(client, 'stopped')

  await client.mcp.put({ id: 's', name: 'S', way: command('no-such-program-anywhere') })
  await client.mcp.start({ id: 's' })
  await say(client, 'once')
  expect((await until(client, 'failed')).state.error).toMatchObject({ code: 'mcp-failed', found: expect.stringContaining('ENOENT') })
  for (const way of [command('node "x'), command('https://example.org/mcp'), command('node', { folder: '/no/such/folder' }), { type: 'http' as const, url: 'ftp://example.org/' }]) {
    await expect(client.mcp.put({ id: 't', name: 'T', way })).rejects.toMatchObject({ data: { code: 'bad-mcp-server' } })
  }
  await expect(client.mcp.put({ id: 't', name: 'T', way: { type: 'box', folder: temporaryFolder() } })).rejects.toMatchObject({ code: 'RETORT' })
})

test('an address is asked about, too', async () => {
  const server = await httpMcpServer()
  const { client } = testService()
  await client.mcp.put({ id: 's', name: 'S', way: { type: 'http', url: server.url } })
  await client.mcp.start({ id: 's' })
  expect(await say(client, 'once')).toEqual({ type: 'http', url: server.url })
  await until(client, 'running')
  expect(server.sessions()).toBe(1)
  await client.mcp.stop({ id: 's' })
  expect(server.sessions()).toBe(0)
  await server.close()
})
