// The experts as an endpoint: every style, streamed and whole, through the very path that a hosted model is asked by.
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { foldEpisode } from '../../../src/core/agent/index.ts'
import { plainTurn } from '../../../src/core/pipeline/trajectory/index.ts'
import { runProblem, suiteNamed } from '../../../src/core/suites/index.ts'
import { endpointModel, systemClock } from '../../../src/engine/agent/index.ts'
import { listEndpointModels, namedEndpoint } from '../../../src/engine/providers/index.ts'
import { openChat, openStudent } from '../../../src/engine/llama/index.ts'
import { openProject } from '../../../src/engine/project/index.ts'
import { openSuiteTools } from '../../../src/engine/suites/index.ts'
import { startBatch, startTeacherServer, type TeacherServer } from '../../../src/engine/teaching/index.ts'
import type { AgentEvent, AgentStyleName } from '../../../src/shared/records/episode.ts'
import type { TaskSplit } from '../../../src/shared/records/suite.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { TINY_STUDENT } from '../../support/tinyRun.ts'

const SEED = 5
const arith = suiteNamed('arith')

async function server(settings: object = {}, student?: string): Promise<TeacherServer> {
  const started = await startTeacherServer({ suites: ['arith'], seed: SEED, settings, port: 0, student })
  onTestFinished(started.close)
  return started
}

async function episode({ url }: TeacherServer, { split, index, style, seed = 0 }: { split: TaskSplit; index: number; style: AgentStyleName; seed?: number }): Promise<AgentEvent[]> {
  const tools = openSuiteTools()
  const endpoint = namedEndpoint({ url, keyVariable: undefined }, {})
  const events: AgentEvent[] = []
  try {
    const run = runProblem({
      suite: arith, problem: arith.problem({ split, seed: SEED, index }), tools: tools.tools, clock: systemClock, signal: new AbortController().signal, style,
      model: endpointModel({ endpoint, model: `arith:${style}` }), sampling: { temperature: 0, topP: 1, seed },
    })
    for await (const event of run) if (event.type !== 'text') events.push(event)
  } finally {
    await tools.dispose()
  }
  return events
}

const post = (url: string, body: unknown): Promise<Response> =>
  fetch(`${url}/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

describe('the teacher server', () => {
  test.each([
    ['react', 'train', 3],
    ['native', 'held-out', 1],
    ['react', 'ood', 2],
  ] as const)('%s, %s: the task is found by its question, and solved', async (style, split, index) => {
    const events = await episode(await server({ recovery: 0 }), { split, index, style })
    const { outcome, calls, turns } = foldEpisode(events)
    expect(outcome).toMatchObject({ success: true })
    expect(calls).toBeGreaterThan(0)
    expect(turns.some((turn) => turn.calls.length > 0)).toBe(style === 'native')
  })

  test('an episode has one voice from its first step to its last, and another seed another one', async () => {
    const started = await server({ recovery: 1 })
    const words = async (seed: number): Promise<string[]> =>
      (await episode(started, { split: 'train', index: 0, style: 'react', seed })).flatMap((event) => (event.type === 'agent' ? [event.turn.text] : []))
    expect(await words(100)).toEqual(await words(100))
    // The same from the expert itself: what is asked step by step is one expert.
    const { expertModel } = await import('../../../src/core/suites/index.ts')
    const problem = arith.problem({ split: 'train', seed: SEED, index: 0 })
    const tools = openSuiteTools()
    const direct: string[] = []
    for await (const event of runProblem({
      suite: arith, problem, tools: tools.tools, clock: systemClock, signal: new AbortController().signal, style: 'react',
      model: (offered) => expertModel({ problem, style: 'react', seed: 100, tools: offered, settings: { recovery: 1 } }),
    })) if (event.type === 'agent') direct.push(event.turn.text)
    await tools.dispose()
    expect(await words(100)).toEqual(direct)
    expect(new Set((await Promise.all([100, 2000, 30_000, 400_000].map(words))).map((all) => all.join('|'))).size).toBeGreaterThan(1)
  })

  test('whole and streamed say the same', async () => {
    const { url } = await server()
    const { question } = arith.problem({ split: 'train', seed: SEED, index: 0 }).task
    const body = { model: 'arith', seed: 9, messages: [{ role: 'system', content: 'x' }, { role: 'user', content: [{ type: 'text', text: question }] }] }
    const whole = (await (await post(url, body)).json()) as { object: string; choices: { message: { role: string; content: string }; finish_reason: string }[] }
    expect(whole).toMatchObject({ object: 'chat.completion', choices: [{ message: { role: 'assistant' }, finish_reason: 'stop' }] })
    const streamed = await (await post(url, { ...body, stream: true })).text()
    expect(streamed.endsWith('data: [DONE]\n\n')).toBe(true)
    const chunks = streamed.split('\n\n').flatMap((line) => (/^data: \{/.test(line) ? [JSON.parse(line.slice(6)) as { choices: { delta: { content?: string }; finish_reason: string | null }[] }] : []))
    expect(chunks.length).toBeGreaterThan(4)
    expect(chunks.map(({ choices }) => choices[0]!.delta.content ?? '').join('')).toBe(whole.choices[0]!.message.content)
    expect(chunks.at(-1)!.choices[0]!.finish_reason).toBe('stop')
  })

  test('usage is said only where a student counts it, exactly as that student is fed', async () => {
    const { question } = arith.problem({ split: 'train', seed: SEED, index: 0 }).task
    const asked = { model: 'arith', seed: 9, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: question }] }
    type Whole = { choices: { message: { content: string } }[]; usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } }
    expect(await (await post((await server()).url, asked)).json()).not.toHaveProperty('usage')

    const { url } = await server({}, TINY_STUDENT)
    const { usage, choices } = (await (await post(url, asked)).json()) as Whole
    const student = await openStudent({ path: TINY_STUDENT, weights: 'loaded' })
    onTestFinished(() => student.dispose())
    const chat = await openChat({ student, context: 2048 })
    onTestFinished(() => chat.dispose())
    let fed: number | null = null
    const turns = [plainTurn('system', 'Be brief.'), plainTurn('user', question)]
    for await (const event of chat.generate({ turns, tools: [], stop: [], sampling: { temperature: 0, topP: 1, seed: 0, maxTokens: 1 }, signal: new AbortController().signal })) if (event.type === 'prompt') fed = event.tokens
    // What was written, and the token that ends it.
    const written = student.tokenizer.encode(choices[0]!.message.content).length + 1
    expect(usage).toEqual({ prompt_tokens: fed, completion_tokens: written, total_tokens: fed! + written })

    const usageIn = (stream: string): unknown[] => stream.split('\n\n').flatMap((line) => (line.includes('"usage"') ? [(JSON.parse(line.slice(6)) as Whole).usage] : []))
    const streamed = (more: object): Promise<string> => post(url, { ...asked, stream: true, ...more }).then((response) => response.text())
    expect(usageIn(await streamed({}))).toEqual([])
    expect(usageIn(await streamed({ stream_options: { include_usage: true } }))).toEqual([usage])
  })

  test('a batch that asks it counts what was used, and nothing at its most', async () => {
    const project = openProject(join(temporaryFolder(), 'p'), { create: true })
    onTestFinished(project.dispose)
    const endpoint = namedEndpoint({ url: (await server({ recovery: 0 }, TINY_STUDENT)).url, keyVariable: undefined }, {})
    const report = await startBatch(
      project,
      {
        suite: 'arith', seed: SEED, first: 0, tasks: 2, perTask: 1, temperature: 0, topP: 1, firstThought: 'off', logprobs: 0, teacher: { type: 'endpoint', endpoint, model: 'arith:native' }, provider: null,
        style: 'native', steps: undefined, turnTokens: undefined, prices: { input: 1, output: 2 }, budget: { cost: null, tokens: null }, traffic: {},
      },
      { onProgress: () => undefined, signal: new AbortController().signal },
    )
    expect(report).toMatchObject({ kept: 2, usage: { assumed: 0 } })
    const { promptTokens, tokens, cost } = report.usage
    expect(Math.min(promptTokens, tokens)).toBeGreaterThan(0)
    expect(cost).toBeCloseTo((promptTokens + 2 * tokens) / 1e6, 12)
  })

  test('models, and what is refused in the words of the protocol', async () => {
    const { url } = await server()
    expect(await listEndpointModels(namedEndpoint({ url, keyVariable: undefined }, {}), undefined)).toEqual(['arith', 'arith:code', 'arith:native', 'arith:react'])
    const { question } = arith.problem({ split: 'train', seed: SEED, index: 0 }).task
    const user = { role: 'user', content: question }
    const refused = async (body: unknown): Promise<unknown[]> => {
      const response = await post(url, body)
      return [response.status, ((await response.json()) as { error: { code: string } }).error.code]
    }
    expect(await refused({ model: 'gpt', messages: [user] })).toEqual([404, 'no-model'])
    expect(await refused({ model: 'arith' })).toEqual([400, 'bad-request'])
    expect(await refused({ model: 'arith', messages: [user, { role: 'assistant', content: 'Thought: ' }] })).toEqual([400, 'not-applicable'])
    expect((await fetch(url)).status).toBe(404)
    await expect(startTeacherServer({ suites: ['arith'], seed: 0, settings: {}, port: Number(new URL(url).port) })).rejects.toMatchObject({ code: 'port-taken' })
  })
})
