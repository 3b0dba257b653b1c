// The judge of a curation: paid for once, within a budget that counts all curations; what it was not asked is said.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { applyCuration, estimateCuration } from '../../../src/engine/curation/index.ts'
import { openJudge, type WantedJudge } from '../../../src/engine/curation/judge.ts'
import { sha256 } from '../../../src/engine/files/index.ts'
import { correctTrajectories, revisionNow, trajectoryStates } from '../../../src/engine/project/index.ts'
import type { CurateJob } from '../../../src/shared/contract/curating.ts'
import type { CurationSettingsInput } from '../../../src/shared/records/curation.ts'
import type { Budget, Prices } from '../../../src/shared/records/rollout.ts'
import { BY, filled, only, opened, RECORDS } from '../../support/curations.ts'
import { fakeProvider } from '../../support/fakeProvider.ts'
import { fakeTeacher, type FakeTeacher, type TeacherAnswer, type TeacherFault } from '../../support/fakeTeacher.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { goldenPath } from '../../support/golden.ts'

const TINY = goldenPath('tiny/llama_tied.gguf')
const NEVER = new AbortController().signal
const FREE = { prices: null, budget: { cost: null, tokens: null }, traffic: {} }

const paid = ({ baseUrl }: { readonly baseUrl: string }, { model = 'm', ...terms }: Partial<{ model: string; prices: Prices; budget: Budget }> = {}): WantedJudge => ({
  type: 'endpoint', model, endpoint: { id: 'x', name: 'judge', kind: 'openai-compatible', baseUrl, models: [], key: null },
  terms: { ...FREE, traffic: { concurrency: 2 }, ...terms },
})
const upTo = (tokens: number): { budget: Budget } => ({ budget: { cost: null, tokens } })

/** A request is bounded by the bytes of its prompt and 400 tokens. */
const dear = (tokens = 3000): Promise<FakeTeacher> => fakeTeacher(() => ({ text: '{"score": 4, "why": "fine"}', tokens, promptTokens: 10 }))

test('a judge behind an endpoint is asked once for each transcript, calibrated on tags, and its labels become labels', async () => {
  const { project, ids, curate } = await opened()
  const provider = await fakeProvider()
  provider.behave({ type: 'answer', pieces: ['{"score": ', '2, "why": "thin"}'] })
  const judge = paid(provider)
  correctTrajectories(project, { ...BY, title: 's', reason: '', changes: [{ trajectoryId: ids[0]!, change: { type: 'tags', tags: ['score:4'] } }] })
  try {
    const found = await curate(only(['judge']), { judge })
    expect(found).toMatchObject({ kept: 0, judge: 'judge: m', agreement: { labelled: 1, exact: 0, threshold: 3 } })
    expect(found.rejected[0]).toMatchObject({ reason: 'score 2', detail: 'thin' })
    expect(provider.seen).toHaveLength(RECORDS.length)
    await curate(only(['judge'], { judge: { least: 2 } }), { judge })
    expect(provider.seen).toHaveLength(RECORDS.length)

    provider.behave({ type: 'answer', pieces: ['{"labels": ["mistake", "good"]}'] })
    const critic = await curate(only(['critic'], { critic: { ask: true, mistakes: 'reject' } }), { judge })
    expect(await applyCuration(project, { id: critic.id, by: BY })).toMatchObject({ rejected: 5, labelled: 5 })
    expect([...revisionNow(project, { heldout: 0 }).rejected]).toHaveLength(5)
    // A judge that is gone ends it, after some tries.
    provider.behave({ type: 'refuse', status: 404, body: '{"error":{"message":"no such model"}}' })
    await expect(curate(only(['outcome'], { outcome: { unknown: 'judge' } }), { judge })).resolves.toMatchObject({ kept: 4 })
    await expect(curate(only(['critic', 'judge'], { judge: { least: 4 }, critic: { ask: false } }), { judge: paid(provider, { model: 'gone' }) })).rejects.toMatchObject({ code: 'judge-failed' })
  } finally {
    project.dispose()
  }
})

test('a judge that gives up waits for what is under way: it is paid, kept, and not asked again', async () => {
  let gone = true
  let refused = 0
  const fake = await fakeTeacher(async ({ messages }): Promise<TeacherAnswer | TeacherFault> => {
    if (messages[0]!.content !== 'slow') return gone ? (refused++, { type: 'refuse', status: 404 }) : { text: '3' }
    // Until the judge has given up.
    while (refused < 5) await new Promise((resolve) => setTimeout(resolve, 5))
    return { text: '4', afterMs: 50 }
  })
  const folder = join(temporaryFolder(), 'judge')
  const ask = async (prompts: string[]) => {
    const judge = await openJudge(paid(fake), { folder, dry: false, onNotice: () => undefined, signal: NEVER })
    try {
      return await judge.port.ask(prompts, () => undefined)
    } finally {
      await judge.dispose()
    }
  }
  await expect(ask(['slow', 'a', 'b', 'c', 'd', 'e', 'f'])).rejects.toMatchObject({ code: 'judge-failed' })
  const before = fake.seen.length
  gone = false
  expect(await ask(['slow', 'a'])).toEqual([{ text: '4' }, { text: '3' }])
  expect(fake.seen.length).toBe(before + 1)
})

test('a judge that gives up asks nothing more: what was to be asked again is not', async () => {
  let refused = 0
  const fake = await fakeTeacher(async ({ messages }): Promise<TeacherAnswer | TeacherFault> => {
    if (messages[0]!.content !== 'broken') return refused++, { type: 'refuse', status: 404 }
    // The last refusal has left when this answer breaks off, which is a reason to ask again.
    while (refused < 5) await new Promise((resolve) => setTimeout(resolve, 5))
    return { type: 'cut' }
  })
  const judge = await openJudge(paid(fake), { folder: join(temporaryFolder(), 'judge'), dry: false, onNotice: () => undefined, signal: NEVER })
  try {
    await expect(judge.port.ask(['broken', 'a', 'b', 'c', 'd', 'e', 'f'], () => undefined)).rejects.toMatchObject({ code: 'judge-failed' })
  } finally {
    await judge.dispose()
  }
  expect(fake.seen.filter(({ messages }) => messages[0]!.content === 'broken')).toHaveLength(1)
})

test('a judge stops before its budget, over all curations: what was judged counts, what was not is named, and nothing is asked twice', async () => {
  const { project, curate, ids } = await opened()
  const provider = await dear()
  try {
    const none = await curate(only(['judge']), { judge: paid(provider, upTo(1000)) })
    expect(provider.seen).toHaveLength(0)
    expect(none).toMatchObject({ kept: RECORDS.length, judging: { answered: 0, unasked: RECORDS.length, stopped: { code: 'budget-reached' }, usage: { requests: 0 } } })

    const some = await curate(only(['judge'], { judge: { least: 5, calibrate: false } }), { judge: paid(provider, upTo(3500)) })
    const asked = provider.seen.length
    expect([asked > 0, asked < RECORDS.length]).toEqual([true, true])
    const left = RECORDS.length - asked
    // What was judged is rejected by its score; the others are kept, named and counted.
    expect(some).toMatchObject({ kept: left, judging: { answered: asked, unasked: left, usage: { requests: asked, replayed: 0, tokens: 3000 * asked } } })
    expect(some.rows[0]).toMatchObject({ flagged: [{ reason: 'not judged', count: left }], notes: expect.arrayContaining([expect.stringMatching(new RegExp(`^${asked} of ${RECORDS.length} were judged, ${left} were not.*budget.*3500`))]) as unknown })
    expect(new Set([...some.rejected, ...some.flagged].map(({ id }) => id))).toEqual(new Set(ids))
    expect(await applyCuration(project, { id: some.id, by: BY })).toMatchObject({ rejected: asked, flagged: left })
    expect(trajectoryStates(project, some.flagged.map(({ id }) => id)).every(({ tags }) => tags.includes('noted: judge'))).toBe(true)

    const rest = await curate(only(['judge']), { judge: paid(provider, { ...upTo(100_000), prices: { input: 0, output: 2 } }) })
    expect(provider.seen).toHaveLength(RECORDS.length)
    expect(rest).toMatchObject({ kept: RECORDS.length, judge: 'judge: m', judging: { answered: RECORDS.length, unasked: 0, stopped: null, usage: { requests: left, replayed: asked }, total: { requests: RECORDS.length } } })
    expect([rest.judging!.usage.cost, rest.judging!.total.cost].map((cost) => cost!.toFixed(6))).toEqual([left, RECORDS.length].map((n) => (n * 0.006).toFixed(6)))
    // Another model has a budget of its own.
    const other = await curate(only(['judge']), { judge: paid(provider, { ...upTo(3500), model: 'other' }) })
    expect(other.judging!.answered).toBeGreaterThan(0)
    expect(other.judging!.total).toEqual(other.judging!.usage)
  } finally {
    project.dispose()
  }
})

test('a limit of cost without prices is refused before anything is read or asked', async () => {
  const { project, curate } = await opened()
  const provider = await dear()
  try {
    await expect(curate(only(['judge']), { judge: paid(provider, { budget: { cost: 1, tokens: null } }) })).rejects.toMatchObject({ code: 'no-prices' })
    expect(provider.seen).toHaveLength(0)
  } finally {
    project.dispose()
  }
})

test('an estimate asks nothing: what the filters before leave, without what is known already', async () => {
  const { project, curate } = await opened()
  const provider = await dear()
  const estimate = (filters: Parameters<typeof only>[0], judge: WantedJudge | null, settings: CurationSettingsInput = {}) =>
    estimateCuration({ project, settings: only(filters, settings), judge, against: [], answers: [], cacheDir: temporaryFolder(), onProgress: () => undefined, onNotice: () => undefined, signal: NEVER })
  const judge = paid(provider, { prices: { input: 1, output: 10 } })
  try {
    // One of them failed, by its source.
    const first = (await estimate(['outcome', 'judge'], judge)).estimate
    expect(first).toMatchObject({ requests: RECORDS.length - 1, known: 0 })
    expect(first.cost).toBeCloseTo((first.promptTokens + 10 * first.tokens) / 1e6, 9)
    expect(first.most.cost).toBeGreaterThan(first.cost!)
    expect(provider.seen).toHaveLength(0)

    const { judging } = await curate(only(['outcome', 'judge']), { judge })
    expect(judging).toMatchObject({ answered: RECORDS.length - 1 })
    expect((await estimate(['judge'], judge)).estimate).toMatchObject({ requests: 1, known: RECORDS.length - 1 })
    expect(provider.seen).toHaveLength(RECORDS.length - 1)
    await expect(estimate(['outcome'], judge)).rejects.toMatchObject({ code: 'no-judge', found: 'the filters outcome' })
    await expect(estimate(['judge'], null)).rejects.toMatchObject({ code: 'no-judge', found: 'no judge' })
  } finally {
    project.dispose()
  }
})

test('in the app the judge is estimated and asked with prices and a budget, and the funnel says what it cost', async () => {
  const { client, folder: project } = await filled()
  const provider = await dear(400)
  await client.chat.providers.put({ id: 'fake', name: 'Fake', kind: 'openai-compatible', baseUrl: provider.baseUrl, models: ['m'] })
  const judge = { type: 'endpoint' as const, provider: 'fake', model: 'm', concurrency: 1, prices: { input: 1, output: 10 }, budget: { cost: 0.008, tokens: null } }
  const wanted = { project, settings: only(['judge']), student: null, judge, against: [], answers: [] }
  expect(await client.curation.estimate(wanted)).toMatchObject({ requests: RECORDS.length, known: 0 })
  expect(provider.seen).toHaveLength(0)
  await client.curation.start(wanted)
  let last: CurateJob | null = null
  for await (const { job } of await client.curation.watch({ project })) {
    last = job
    if (job && job.state.type !== 'running') break
  }
  expect(last).toMatchObject({ state: { type: 'done' } })
  // 0.00401 an answer: a second one may cost more than is left.
  expect(provider.seen).toHaveLength(1)
  const { curation } = await client.curation.latest({ project })
  expect(curation!.judging).toMatchObject({ answered: 1, unasked: RECORDS.length - 1, stopped: { code: 'budget-reached' }, usage: { requests: 1, promptTokens: 10, tokens: 400 }, budget: { cost: 0.008 } })
  expect(curation!.judging!.usage.cost).toBeCloseTo(0.00401, 9)
  await expect(client.curation.estimate({ ...wanted, judge: { ...judge, provider: 'gone' } })).rejects.toMatchObject({ data: { code: 'no-such-provider' } })
})

test('a judge in a file of the same name and size, with other content, is another judge', async () => {
  const folder = temporaryFolder()
  const bytes = readFileSync(TINY)
  const judgeIn = (name: string, change: (copy: Buffer) => void): string => {
    const copy = Buffer.from(bytes)
    change(copy)
    mkdirSync(join(folder, name))
    writeFileSync(join(folder, name, 'judge.gguf'), copy)
    return join(folder, name, 'judge.gguf')
  }
  const first = judgeIn('first', () => undefined)
  // One bit of the last weight.
  const second = judgeIn('second', (copy) => copy.writeUInt8(copy.at(-1)! ^ 1, copy.length - 1))
  for (const [path, replayed, requests] of [[first, 0, 1], [first, 1, 1], [second, 0, 2]] as const) {
    const judge = await openJudge({ type: 'local', path, terms: FREE }, { folder: join(folder, 'judge'), dry: false, onNotice: () => undefined, signal: NEVER })
    try {
      const [answer] = await judge.port.ask(['Good?'], () => undefined)
      expect(answer).toHaveProperty('text')
      expect(judge.judging()).toMatchObject({ usage: { replayed }, total: { requests, cost: 0 } })
    } finally {
      await judge.dispose()
    }
  }
})

test('what a judge said before it had a journal is not asked again, and counted as known', async () => {
  const provider = await dear()
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'judged.jsonl'), `${JSON.stringify({ key: sha256(`${provider.baseUrl} m\nGood?`), judge: 'judge: m', text: 'it was' })}\n{"key":`)
  const judge = await openJudge(paid(provider), { folder: join(folder, 'judge'), dry: false, onNotice: () => undefined, signal: NEVER })
  try {
    expect(await judge.port.ask(['Good?', 'Bad?'], () => undefined)).toEqual([{ text: 'it was' }, { text: '{"score": 4, "why": "fine"}' }])
    expect(judge.judging()).toMatchObject({ answered: 2, usage: { requests: 1, replayed: 1 } })
  } finally {
    await judge.dispose()
  }
})
