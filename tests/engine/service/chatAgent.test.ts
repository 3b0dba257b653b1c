// An agent in the chat: its log over the contract, with a voice of an endpoint and with one of this machine.
import { expect, test } from 'vitest'
import { foldEpisode } from '../../../src/core/agent/index.ts'
import type { AgentSetup, Logged, Voice } from '../../../src/shared/contract/routes/chat.ts'
import { USUAL_REPEATS } from '../../../src/shared/records/episode.ts'
import { fakeProvider } from '../../support/fakeProvider.ts'
import { goldenPath } from '../../support/golden.ts'
import { testService } from '../../support/testService.ts'
import { system, user } from '../../support/turns.ts'

const SAMPLING = { temperature: 0, topP: 1, seed: 1, maxTokens: 24 }
const AGENT: AgentSetup = { style: 'react', tools: ['calculator'], corpus: null, database: null, mcp: [], steps: 4 }
const TINY: Voice = { type: 'local', student: goldenPath('tiny/llama_tied.gguf'), adapter: null, context: 512 }

type Client = ReturnType<typeof testService>['client']
type Question = Parameters<Client['chat']['act']>[0]

async function act(client: Client, question: Question): Promise<Logged[]> {
  const events: Logged[] = []
  for await (const event of await client.chat.act(question)) {
    if (event.type === 'failed') throw new Error(event.error.code)
    events.push(event)
  }
  return events
}

test('calls are run and answered, and the log is the trajectory', async () => {
  const fake = await fakeProvider()
  fake.behave(
    { type: 'answer', pieces: ['Thought: I add.\nAction: ', 'calc[852948/684+27119]'] },
    { type: 'answer', pieces: ['Thought: Done.\nAction: finish[28366]'] },
  )
  const { client } = testService()
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [] })
  const events = await act(client, { voice: { type: 'provider', provider: 'fake', model: 'm' }, turns: [user('How much?')], sampling: SAMPLING, agent: AGENT })
  const { turns, end } = foldEpisode(events.map(({ event }) => event))
  expect(events.flatMap(({ event, spans }) => (event.type === 'agent' ? [spans!.map(({ kind }) => kind)] : []))).toEqual([['reason', 'act'], ['reason', 'act', 'final']])
  expect(events.every(({ event, spans }) => (spans === null) === (event.type !== 'agent' && event.type !== 'observation'))).toBe(true)
  expect(turns.map(({ role }) => role)).toEqual(['system', 'user', 'agent', 'environment', 'agent'])
  expect(turns[0]!.text).toContain('calc[expression]')
  expect(turns[3]!.text).toBe('Observation: 28366')
  expect(end).toMatchObject({ reason: 'answer', answer: '28366', steps: 2, calls: 1 })
  expect(fake.seen).toHaveLength(2)
  expect(JSON.stringify(fake.seen[1]!.body)).toContain('Observation: 28366')
})

test('one that goes in a circle is stopped before its steps are over', async () => {
  const fake = await fakeProvider()
  fake.behave(...Array.from({ length: 20 }, () => ({ type: 'answer' as const, pieces: ['Thought: I add.\nAction: calc[1+1]'] })))
  const { client } = testService()
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [] })
  const events = await act(client, { voice: { type: 'provider', provider: 'fake', model: 'm' }, turns: [user('How much?')], sampling: SAMPLING, agent: { ...AGENT, steps: 20 } })
  expect(foldEpisode(events.map(({ event }) => event)).end).toMatchObject({ reason: 'repeats', steps: USUAL_REPEATS })
  expect(fake.seen).toHaveLength(USUAL_REPEATS)
})

test('a student of this machine goes through its steps; a system message stands as it is given', async () => {
  const { client } = testService()
  const events = await act(client, { voice: TINY, turns: [system('Be short.'), user('the cat is on the mat')], sampling: SAMPLING, agent: { ...AGENT, steps: 2 } })
  const { turns, end, tokens } = foldEpisode(events.map(({ event }) => event))
  expect(turns[0]!.text).toBe('Be short.')
  expect(end).toMatchObject({ reason: 'steps', steps: 2 })
  expect(tokens).toBeGreaterThan(0)
})

test('what cannot begin says why', async () => {
  const { client } = testService()
  const begin = (change: Partial<Question>) => act(client, { voice: TINY, turns: [user('x')], sampling: SAMPLING, agent: AGENT, ...change })
  await expect(begin({ agent: { ...AGENT, tools: ['search'] } })).rejects.toThrow('tool-file-missing')
  await expect(begin({ agent: { ...AGENT, tools: ['nonsense'] } })).rejects.toThrow('no-such-tool')
  await expect(begin({ voice: { type: 'provider', provider: 'none', model: 'm' } })).rejects.toThrow('no-such-provider')
  expect((await client.chat.tools({})).find(({ name }) => name === 'search')).toMatchObject({ needs: 'corpus' })
})
