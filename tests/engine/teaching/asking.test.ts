// Asking a teacher at a step: what is sent, what it may cost, and one continuation accepted as one entry of the journal.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { draftOf, foldEpisode } from '../../../src/core/agent/index.ts'
import { correctTrajectories, getTrajectory, keepEpisode, openProject, type Project, redo, undo } from '../../../src/engine/project/index.ts'
import { acceptContinuation, type AskQuestion, askTeacher, estimateAsk, listAsked, listPreferences, shownAsked } from '../../../src/engine/teaching/index.ts'
import { type AskEvent, askSettingsSchema, type Asked } from '../../../src/shared/contract/asking.ts'
import type { AgentStyleName } from '../../../src/shared/records/episode.ts'
import { play } from '../../support/episodes.ts'
import { type FakeTeacher, fakeTeacher } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { calculatorKit } from '../../../src/core/agent/index.ts'

const never = new AbortController().signal

async function recordedIn(answers: readonly string[], style: AgentStyleName = 'react'): Promise<{ project: Project; id: string }> {
  const project = openProject(join(temporaryFolder(), 'p'), { create: true })
  onTestFinished(project.dispose)
  const { events } = await play({ answers, style, kits: [calculatorKit()] })
  expect(draftOf(foldEpisode(events)).turns.length).toBeGreaterThan(3)
  return { project, id: (await keepEpisode(project, foldEpisode(events))).id }
}

const RECORDED = ['Thought: I add.\nAction: calculator[6 + 7]', 'Thought: So it is.\nAction: finish[13]']
const BETTER = (number: number): string => `Thought: I multiply, way ${number} \u{1f701}.\nAction: calculator[6 * 7]`

const question = (fake: FakeTeacher, id: string, settings: object): AskQuestion => ({
  trajectory: id,
  teacher: { type: 'endpoint', endpoint: { id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: fake.baseUrl, models: [], key: null }, model: 'm' },
  settings: askSettingsSchema.parse(settings),
})

async function asked(project: Project, asking: AskQuestion): Promise<{ events: AskEvent[]; asked: Asked }> {
  const events: AskEvent[] = []
  for await (const event of askTeacher(project, asking, never)) events.push(event)
  const last = events.at(-1)
  if (last?.type !== 'asked') throw new Error('an asking ends with what is kept of it')
  return { events, asked: last.asked }
}

describe('a step of a trajectory', () => {
  test('is asked for with what was before it, n times, each with its own seed; the estimate comes first', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const fake = await fakeTeacher(({ body }) => ({ text: `${BETTER(Number(body['seed']))}\nObservation: made up` }))
    const asking = question(fake, id, { step: 1, n: 3, seed: 40, turnTokens: 50, prices: { input: 3, output: 9 } })
    const estimate = estimateAsk(project, asking)
    expect(fake.seen).toHaveLength(0)
    expect(estimate.requests).toBe(3)
    expect(estimate.cost).toBeCloseTo((estimate.promptTokens * 3 + estimate.tokens * 9) / 1e6, 12)
    expect(estimate.most.cost!).toBeGreaterThan(estimate.cost!)
    const { events, asked: kept } = await asked(project, asking)
    expect(events.map(({ type }) => type)).toEqual(['continuation', 'continuation', 'continuation', 'asked'])
    expect(fake.seen.map(({ body }) => body['seed']).sort()).toEqual([40, 41, 42])
    for (const { messages } of fake.seen) {
      expect(messages.map(({ role, content }) => `${role}: ${content}`)).toEqual(['system: Be right.', 'user: How much?', `assistant: ${RECORDED[0]}`, 'user: Observation: 13'])
    }
    expect(kept.continuations.map(({ turn, end, problem, same }) => ({ text: turn?.text, end, problem, same }))).toEqual(
      [40, 41, 42].map((seed) => ({ text: BETTER(seed), end: 'cut', problem: null, same: false })),
    )
    expect(kept.usage).toMatchObject({ requests: 3, ...fake.billed() })
    expect(kept.usage.cost!).toBeLessThanOrEqual(estimate.most.cost!)
    expect(listAsked(project.folder, id)).toEqual([kept])
  })

  test('stopped in the middle, it keeps what has come; log-probabilities are counted where they are given', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const logprobs = [{ token: 'Th', logprob: -0.5 }, { token: 'ought', logprob: -1.5 }]
    const fake = await fakeTeacher(({ body }) => ({ text: BETTER(Number(body['seed'])), tokens: 8, promptTokens: 10, logprobs, afterMs: body['seed'] === 0 ? 0 : 60_000 }))
    const asking = question(fake, id, { step: 0, n: 2, logprobs: 2, prices: { input: 1, output: 2 } })
    for await (const event of askTeacher(project, asking, never)) if (event.type === 'continuation') break
    const [kept, ...more] = listAsked(project.folder, id)
    expect(more).toEqual([])
    expect(kept!.continuations).toMatchObject([{ index: 0, turn: { text: BETTER(0) }, coverage: { tokens: 2, of: 8, mean: -1 } }])
    expect(kept!.continuations[0]!.cost).toBeCloseTo(26e-6, 12)
    await acceptContinuation(project, { asked: kept!.id, continuation: 0, author: '' })
    expect(getTrajectory(project, id).trajectory.turns[2]!.text).toBe(BETTER(0))
  })

  test('a step that is not there, and a budget that leaves no room', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const fake = await fakeTeacher(() => ({ text: BETTER(0) }))
    expect(() => estimateAsk(project, question(fake, id, { step: 2 }))).toThrow(expect.objectContaining({ code: 'no-step', found: '2', expected: '0 to 1' }))
    const { asked: kept } = await asked(project, question(fake, id, { step: 0, n: 2, prices: { input: 1, output: 1 }, budget: { cost: 0.000001, tokens: null } }))
    expect(kept.continuations.map(({ turn, error }) => [turn, error?.code])).toEqual([[null, 'budget-reached'], [null, 'budget-reached']])
    expect(fake.seen).toHaveLength(0)
  })

  test('accepting one is one correction with its undo: text, spans, label, mark of the first error, preference', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const before = getTrajectory(project, id)
    const fake = await fakeTeacher(({ body }) => ({ text: body['seed'] === 0 ? 'Let me see.' : BETTER(Number(body['seed'])) }))
    const { asked: kept } = await asked(project, question(fake, id, { step: 0, n: 3 }))
    expect(kept.continuations[0]!.problem).toContain('found no action')
    const accepted = await acceptContinuation(project, { asked: kept.id, continuation: 1, author: 'Zoë' })
    expect(accepted.entry).toMatchObject({ title: 'Step 1 by Fake: m', author: 'Zoë', trajectories: [id], inForce: true })
    const after = getTrajectory(project, id)
    expect(after.trajectory.turns[2]!.text).toBe(BETTER(1))
    expect(after.trajectory.turns.filter((_, index) => index !== 2)).toEqual(before.trajectory.turns.filter((_, index) => index !== 2))
    expect(after.spans[2]).toEqual(kept.continuations[1]!.spans)
    expect(after.spans[2]!.map(({ kind }) => kind)).toEqual(['reason', 'act'])
    // It does something else: what was observed answers the old action, and the step after it is not trained.
    expect([...after.labels]).toEqual([[2, 'good'], [4, 'stale']])
    expect(kept.continuations[1]!.sameDoing).toBe(false)
    expect(accepted.stale).toBe(1)
    expect(after.tags).toEqual(['first error'])
    expect(after.note).toBe('first error: step 1 (turn 3), replaced by Fake: m; later steps follow from the old one, and are not trained')
    const [preference, ...more] = listPreferences(project)
    expect(more).toEqual([])
    expect(preference).toMatchObject({
      id: accepted.preference, author: 'Zoë', trajectoryId: id, taskId: before.trajectory.taskId, turn: 2, step: 0, entry: accepted.entry.id,
      context: before.trajectory.turns.slice(0, 2), chosen: { text: BETTER(1) }, rejected: before.trajectory.turns[2]!,
      provenance: { teacher: 'Fake: m', asked: kept.id, continuation: 1, temperature: 0.7, topP: 1, seed: 1 },
    })
    // Of an asking one is accepted, also when the step is as it was again.
    const second = { asked: kept.id, continuation: 2, author: '' }
    await expect(acceptContinuation(project, second)).rejects.toMatchObject({ code: 'not-acceptable', found: 'number 1', where: kept.id })
    const at = new Date().toISOString()
    const whole = { start: 0, end: BETTER(1).length }
    correctTrajectories(project, { title: 'Back', reason: '', author: '', at, changes: [{ trajectoryId: id, change: { type: 'text', turn: 2, range: whole, insert: RECORDED[0]! } }] })
    expect(shownAsked(project, id).map(({ stands }) => stands)).toEqual([true])
    await expect(acceptContinuation(project, second)).rejects.toMatchObject({ code: 'not-acceptable', found: 'number 1' })
    undo(project, { author: '', at })
    undo(project, { author: 'Zoë', at: new Date().toISOString() })
    expect(getTrajectory(project, id)).toMatchObject({ trajectory: before.trajectory, spans: before.spans, tags: [], note: '', labels: new Map() })
    expect(listPreferences(project)).toEqual([])
    expect(shownAsked(project, id).map(({ stands }) => stands)).toEqual([true])
    redo(project, { author: 'Zoë', at: new Date().toISOString() })
    expect(listPreferences(project)).toEqual([preference])
    expect(shownAsked(project, id).map(({ stands }) => stands)).toEqual([false])
    expect(listPreferences(project)).toHaveLength(1)
  })

  test('one that says the very same as the recorded step is not accepted, and one of a step that has changed since neither', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const before = getTrajectory(project, id)
    const fake = await fakeTeacher(({ body }) => ({ text: body['seed'] === 0 ? RECORDED[0]! : BETTER(1) }))
    const { asked: kept } = await asked(project, question(fake, id, { step: 0, n: 2 }))
    expect(kept.continuations.map(({ same }) => same)).toEqual([true, false])
    await expect(acceptContinuation(project, { asked: kept.id, continuation: 0, author: '' })).rejects.toMatchObject({ code: 'not-acceptable', found: 'number 0', where: kept.id })
    expect(getTrajectory(project, id)).toEqual(before)
    expect(listPreferences(project)).toEqual([])
    correctTrajectories(project, { title: 'By hand', reason: '', author: '', at: new Date().toISOString(), changes: [{ trajectoryId: id, change: { type: 'text', turn: 2, range: { start: 0, end: 0 }, insert: 'Well. ' } }] })
    await expect(acceptContinuation(project, { asked: kept.id, continuation: 1, author: '' })).rejects.toMatchObject({ code: 'trajectory-changed' })
  })

  test('one in which nothing can be read is not accepted, nor one that was cut off, unless no step of the trajectory can be read', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const fake = await fakeTeacher(({ body }) => ({ text: body['seed'] === 0 ? 'Let me see.' : BETTER(1), ...(body['seed'] === 1 ? { finish: 'length' as const } : {}) }))
    const { asked: kept } = await asked(project, question(fake, id, { step: 0, n: 2 }))
    const before = getTrajectory(project, id)
    await expect(acceptContinuation(project, { asked: kept.id, continuation: 0, author: '' })).rejects.toMatchObject({ code: 'not-acceptable', found: expect.stringMatching(/^number 0, found no action/) as string })
    await expect(acceptContinuation(project, { asked: kept.id, continuation: 1, author: '' })).rejects.toMatchObject({ code: 'not-acceptable', found: 'number 1, ended by length' })
    expect(getTrajectory(project, id)).toEqual(before)
    expect(listPreferences(project)).toEqual([])
    const own = await recordedIn(['I look around.', 'I see.'])
    const { asked: free } = await asked(own.project, question(fake, own.id, { step: 0, n: 1 }))
    expect(free.continuations[0]).toMatchObject({ problem: null, turn: { text: 'Let me see.' } })
    await acceptContinuation(own.project, { asked: free.id, continuation: 0, author: '' })
  })

  test('the same action in other words leaves the later steps as they are', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const fake = await fakeTeacher(() => ({ text: 'Thought: Six and seven are added.\nAction:  calculator[6 + 7]' }))
    const { asked: kept } = await asked(project, question(fake, id, { step: 0, n: 1 }))
    expect(await acceptContinuation(project, { asked: kept.id, continuation: 0, author: '' })).toMatchObject({ stale: 0 })
    expect([...getTrajectory(project, id).labels]).toEqual([[2, 'good']])
  })

  test('what an asking was answered that was stopped or killed is not paid for again; another seed is asked', async () => {
    const { project, id } = await recordedIn(RECORDED)
    const fake = await fakeTeacher(({ body }) => ({ text: BETTER(Number(body['seed'])) }))
    const asking = question(fake, id, { step: 0, n: 2, seed: 5 })
    for await (const event of askTeacher(project, asking, never)) if (event.type === 'continuation') break
    const paid = fake.seen.length
    // As a killed process leaves it: its answers in the journal, and no record.
    for (const { id: name } of listAsked(project.folder, id)) rmSync(join(project.folder, 'asked', name, 'asked.json'))
    const { asked: again } = await asked(project, asking)
    expect(again.continuations.map(({ turn }) => turn?.text)).toEqual([BETTER(5), BETTER(6)])
    expect(again.usage.replayed).toBeGreaterThan(0)
    expect(again.usage.replayed + again.usage.requests).toBe(2)
    const { asked: third } = await asked(project, asking)
    expect(third.usage).toMatchObject({ replayed: 2, requests: 0 })
    expect(fake.seen.length).toBe(paid + again.usage.requests)
    await asked(project, question(fake, id, { step: 0, n: 1, seed: 7 }))
    expect(fake.seen.length).toBe(paid + again.usage.requests + 1)
  })

  test('structured calls stay structured; a turn with another number of them cannot take the place', async () => {
    const call = (expression: string, said: string): string => `${said}\n<tool_call>\n{"name": "calculator", "arguments": {"expression": "${expression}"}}\n</tool_call>`
    const { project, id } = await recordedIn([call('6 + 7', 'I add.'), 'It is 13.'], 'native')
    expect(getTrajectory(project, id).trajectory.turns[2]!.calls).toMatchObject([{ name: 'calculator', id: 'call00000' }])
    const fake = await fakeTeacher(({ body }) => ({ text: body['seed'] === 0 ? call('6 * 7', 'No, I multiply.') : 'It is 42.' }))
    const { asked: kept } = await asked(project, question(fake, id, { step: 0, n: 2 }))
    expect(fake.seen[0]!.body['tools']).toMatchObject([{ type: 'function', function: { name: 'calc' } }])
    await expect(acceptContinuation(project, { asked: kept.id, continuation: 1, author: '' })).rejects.toMatchObject({ code: 'not-acceptable', found: '0 structured calls' })
    await acceptContinuation(project, { asked: kept.id, continuation: 0, author: '' })
    const { trajectory, spans } = getTrajectory(project, id)
    const [own] = trajectory.turns[2]!.calls
    expect(JSON.parse(own!.arguments)).toEqual({ expression: '6 * 7' })
    expect(own!.id).toBe('call00000')
    expect(trajectory.turns[2]!.text).toBe(kept.continuations[0]!.turn!.text)
    expect(spans[2]!.map(({ kind }) => kind)).toEqual(['reason', 'act'])
  })
})
