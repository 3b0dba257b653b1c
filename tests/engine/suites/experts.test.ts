// Experts of twohop and sql: some episodes each through the loop and this machine's tools. What a whole split comes to stands in docs/log.md.
import { describe, expect, onTestFinished, test } from 'vitest'
import { expertModel, type ExpertOptions, type Problem, runProblem, type Suite, SUITES, type SuiteTools, suiteNamed } from '../../../src/core/suites/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { openSuiteTools } from '../../../src/engine/suites/index.ts'
import type { AgentEvent, AgentStyleName } from '../../../src/shared/records/episode.ts'

type Played = { readonly texts: readonly string[]; readonly failed: number; readonly success: boolean | null }

async function play(suite: Suite, problem: Problem, { tools, style = suite.style, settings }: { tools: SuiteTools; style?: AgentStyleName; settings: Omit<ExpertOptions, 'style'> }): Promise<Played> {
  const events: AgentEvent[] = []
  const run = runProblem({
    suite, problem, tools, style, clock: systemClock, signal: new AbortController().signal,
    model: (offered) => expertModel({ problem, style, seed: 9, tools: offered, settings }),
  })
  for await (const event of run) events.push(event)
  const last = events.at(-1)!
  return {
    texts: events.flatMap((event) => (event.type === 'agent' || event.type === 'observation' ? [event.turn.text] : [])),
    failed: events.filter((event) => event.type === 'observation' && event.status !== 'ok').length,
    success: last.type === 'outcome' ? last.outcome.success : null,
  }
}

describe.each(['twohop', 'sql'] as const)('%s', (name) => {
  const suite = suiteNamed(name)
  const problems = (split: 'train' | 'held-out' | 'ood', count: number): Problem[] => Array.from({ length: count }, (_, index) => suite.problem({ split, seed: 2, index }))

  test('the expert solves tasks of each split, with slips and without', async () => {
    const { tools, dispose } = openSuiteTools()
    onTestFinished(dispose)
    for (const split of ['train', 'held-out', 'ood'] as const) {
      for (const problem of problems(split, 6)) {
        for (const recovery of [0, 1]) {
          const { success, texts } = await play(suite, problem, { tools, settings: { recovery } })
          expect(success, texts.join('\n')).toBe(true)
        }
      }
    }
  })

  test('and with structured calls, and one operation at a time', async () => {
    const { tools, dispose } = openSuiteTools()
    onTestFinished(dispose)
    for (const problem of problems('train', 5)) {
      expect((await play(suite, problem, { tools, style: 'native', settings: { recovery: 1, stepwise: 1 } })).success, problem.task.question).toBe(true)
    }
  })

  test('it words its thoughts in many ways, and the same seed in the same', async () => {
    const { tools, dispose } = openSuiteTools()
    onTestFinished(dispose)
    const texts: string[] = []
    for (const problem of problems('train', 10)) {
      const played = await play(suite, problem, { tools, settings: { recovery: 0, restate: 0 } })
      expect((await play(suite, problem, { tools, settings: { recovery: 0, restate: 0 } })).texts).toEqual(played.texts)
      texts.push(...played.texts)
    }
    const openings = texts.filter((text) => text.startsWith('Thought: ')).map((text) => text.split(' ').slice(1, 4).join(' '))
    expect(new Set(openings).size).toBeGreaterThan(10)
  })
})

describe.each(SUITES.map((suite) => [suite.name, suite] as const))('%s', (_, suite) => {
  test.each(suite.styles)('its expert solves tasks in the style %s', async (style) => {
    const { tools, dispose } = openSuiteTools()
    onTestFinished(dispose)
    for (let index = 0; index < 2; index++) {
      for (const recovery of [0, 1]) {
        const { success, texts } = await play(suite, suite.problem({ split: 'train', seed: 3, index }), { tools, style, settings: { recovery } })
        expect(success, texts.join('\n')).toBe(true)
      }
    }
  })
})

test('a retrieval for a question of two hops gives the article that it begins with', async () => {
  const { tools, dispose } = openSuiteTools()
  onTestFinished(dispose)
  const suite = suiteNamed('twohop')
  const problems = Array.from({ length: 15 }, (_, index) => suite.problem({ split: 'held-out', seed: 2, index }))
  const found = await Promise.all(problems.map(async ({ task, retrieve }) => (await retrieve!(tools)).some(({ title }) => task.question.includes(title))))
  expect(found.filter(Boolean).length).toBeGreaterThan(12)
})

test('questions from outside are searched in the articles that come with them; without any nothing is found', async () => {
  const { tools, dispose } = openSuiteTools()
  onTestFinished(dispose)
  const { foreign } = suiteNamed('twohop')
  const articles = [{ title: 'Milhouse', text: 'Milhouse is named after President Richard Nixon.' }]
  const said = async (problem: Problem): Promise<string> => (await problem.kits(tools)[0]!.run(0, { query: 'Milhouse' }, { signal: new AbortController().signal })).text
  const given = { question: 'Who is Milhouse named after?', answer: 'President Richard Nixon', id: 'hotpotqa/1' }
  expect(await said(foreign!({ ...given, articles }))).toContain('Richard Nixon')
  expect(await foreign!({ ...given, articles }).retrieve!(tools)).toEqual(articles)
  expect(await said(foreign!(given))).toBe('Nothing is found for Milhouse.')
  expect(foreign!(given)).toMatchObject({ expert: null, retrieve: null, task: { family: 'hotpotqa' } })
})
