// A teacher behind an endpoint: the same distributions as here, asked for once, through whatever an endpoint does; its key nowhere.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readRows, readTopk } from '../../../src/core/formats/topk/index.ts'
import { createEngine } from '../../../src/engine/engine.ts'
import { openByteSource } from '../../../src/engine/files/index.ts'
import { importPaths, openProject } from '../../../src/engine/project/index.ts'
import { askPrompt, type Patience } from '../../../src/engine/providers/index.ts'
import type { WantedTeacher } from '../../../src/engine/teacher/index.ts'
import type { TeachProgress } from '../../../src/shared/contract/teaching.ts'
import { describeError } from '../../../src/shared/errors.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { ggufVariant, goldenTokens, texts } from '../../support/ggufVariant.ts'
import { goldenPath } from '../../support/golden.ts'
import { jsonEndpoint, type JsonEndpoint } from '../../support/jsonEndpoint.ts'
import { openPromptScorer, type PromptScorer } from '../../support/scoringEndpoint.ts'
import { chat } from '../store/records.ts'

const SAME = goldenPath('tiny/llama_tied.gguf')
const KEY = 'sk-planted-1234567890'
const K = 8
const home = mkdtempSync(join(tmpdir(), 'retort-'))
const project = join(home, 'p')
const OTHER = join(home, 'other.gguf')
const engine = createEngine({ machine: { platform: process.platform, env: {}, home }, cwd: '/' })
const scorers: PromptScorer[] = []
let [same, other]: PromptScorer[] = []

/** No merges, and a token with a text that nobody else has: its tokens are bytes. */
function writeOther(): void {
  const tokens = goldenTokens('tiny/llama_tied.gguf')
  writeFileSync(OTHER, ggufVariant('tiny/llama_tied.gguf', { metadata: { 'tokenizer.ggml.tokens': texts(tokens.with(tokens.length - 1, 'nobody')), 'tokenizer.ggml.merges': texts([]) } }))
}

beforeAll(async () => {
  const opened = openProject(project, { create: true })
  const file = join(home, 'chats.jsonl')
  writeFileSync(file, ['river', 'the longest bridge', 'ü and 🙂', 'queen'].map((word) => chat(`which ${word}?`, word)).join('\n'))
  await importPaths(opened, [file], {})
  opened.dispose()
  writeOther()
  scorers.push(await openPromptScorer(SAME), await openPromptScorer(OTHER))
  ;[same, other] = scorers
})
afterAll(async () => {
  for (const scorer of scorers) await scorer.dispose()
  rmSync(home, { recursive: true, force: true })
})

const BRISK = { timeoutMs: 60_000, backoffMs: [5, 5, 5, 5] }
const behind = ({ baseUrl }: JsonEndpoint, change: Partial<Extract<WantedTeacher, { type: 'endpoint' }>> = {}): WantedTeacher => ({
  type: 'endpoint', model: 'big', asks: 'auto', concurrency: 1, patience: BRISK, endpoint: { id: 'e', name: 'E', kind: 'openai-compatible', baseUrl, models: [], key: KEY }, ...change,
})
const teach = (teacher: WantedTeacher, path: string, { signal = new AbortController().signal, onProgress = () => {} }: { signal?: AbortSignal; onProgress?: (progress: TeachProgress) => void } = {}) =>
  engine.scoreTeacher({ project, teacher, student: SAME, path, k: K, context: 'student', onProgress, signal })
const newFile = (): string => join(temporaryFolder(), 'a.topk')
const both = () => jsonEndpoint({ '/chat/completions': (body) => same!.chat(body), '/completions': (body) => same!.completions(body) })

type Row = { readonly ids: number[]; readonly logProbs: number[] }
/** By example and token. */
function rowsOf(path: string): Map<string, Row> {
  const source = openByteSource(path)
  const { records, k } = readTopk(source)
  const rows = records.flatMap((record) => {
    const { tokens, ids, logProbs } = readRows(source, { record, k, crc32 })
    const named = (row: number): number[] => [...ids.subarray(row * k, (row + 1) * k)].filter((id) => id !== -2)
    return [...tokens].map((token, row): [string, Row] => [`${record.key} ${token}`, { ids: named(row), logProbs: [...logProbs.subarray(row * k, row * k + named(row).length)] }])
  })
  source.close()
  return new Map(rows)
}

function recordsOf(path: string): number {
  const source = openByteSource(path)
  const { records } = readTopk(source)
  source.close()
  return records.length
}

test('an endpoint with the same tokens, which it names by ids: the same rows as the local teacher of the same file', async () => {
  const [local, remote] = [newFile(), newFile()]
  const expected = await teach({ type: 'local', path: SAME }, local)
  const report = await teach(behind(await both()), remote)
  expect(report.label).toMatch(/by its own template$/)
  expect(report).toMatchObject({ tokens: expected.tokens, of: expected.of, scored: expected.scored, overlap: null, left: [] })
  expect(report.mass).toBeCloseTo(expected.mass!, 5)
  const [here, there] = [rowsOf(local), rowsOf(remote)]
  expect([...there.keys()].sort()).toEqual([...here.keys()].sort())
  for (const [place, row] of there) {
    expect(row.ids, place).toEqual(here.get(place)!.ids)
    row.logProbs.forEach((logProb, i) => expect(Math.abs(logProb - here.get(place)!.logProbs[i]!)).toBeLessThan(1e-5))
  }
})

test.each([['the same', SAME, () => same!], ['other', OTHER, () => other!]])('by text, with %s tokens: what both have by the same bytes, the rest in the tail; tokens that are no text have no name', async (_, file, scorer) => {
  const [local, remote] = [newFile(), newFile()]
  await teach({ type: 'local', path: file }, local)
  const endpoint = await jsonEndpoint({ '/completions': (body) => scorer().completions(body) })
  const report = await teach(behind(endpoint), remote)
  expect(report.label).toBe(`big at ${endpoint.baseUrl}, shown the student's messages in the student's template`)
  // The bytes of a character are one unclear stretch: the student's tokens within it have no row.
  expect(report.tokens).toBeGreaterThan(0.9 * report.of)
  expect(report.tokens).toBeLessThan(report.of)
  const here = rowsOf(local)
  let named = 0
  for (const [place, { ids, logProbs }] of rowsOf(remote)) {
    const known = here.get(place)!
    // What the student has no token for takes room in the local teacher's row, and unclear tokens are taken for none.
    for (const [i, id] of ids.entries()) {
      if (!known.ids.includes(id)) continue
      expect(known.logProbs[known.ids.indexOf(id)]).toBeCloseTo(logProbs[i]!, 4)
      named += 1
    }
  }
  expect(named).toBeGreaterThan(4 * report.tokens)
  expect(report.mass!).toBeGreaterThan(0)
})

test('is asked again through a busy, broken and slow endpoint, and nothing is asked twice after a stop', async () => {
  const [whole, parts] = [newFile(), newFile()]
  await teach(behind(await both()), whole)
  const endpoint = await both()
  const notices = new Set<string | null>()
  endpoint.fail({ type: 'refuse', status: 429, headers: { 'retry-after': '0' } }, { type: 'refuse', status: 500 }, { type: 'malformed' }, { type: 'cut' })
  const stop = new AbortController()
  const watch = ({ done, notice }: TeachProgress): void => {
    notices.add(notice)
    if (done === 2) stop.abort(new Error('stopped here'))
  }
  await expect(teach(behind(endpoint), parts, { signal: stop.signal, onProgress: watch })).rejects.toThrow('stopped here')
  expect([...notices].join('\n')).toMatch(/status 429[\s\S]*status 500/)
  const kept = rowsOf(parts).size
  expect(kept).toBeGreaterThan(0)
  const [before, recordsBefore] = [endpoint.seen.length, recordsOf(parts)]
  const rest = await teach(behind(endpoint), parts)
  expect(rest.scored).toBe(rowsOf(whole).size - kept)
  expect(rowsOf(parts)).toEqual(rowsOf(whole))
  // One for the trial question, and one for each example that was not there.
  const second = endpoint.seen.slice(before).map(({ body }) => JSON.stringify(body))
  expect(second.length).toBe(new Set(second).size)
  expect(second.length).toBe(1 + recordsOf(parts) - recordsBefore)
  const again = endpoint.seen.length
  expect(await teach(behind(endpoint), parts)).toMatchObject({ scored: 0, tokens: rest.tokens })
  expect(endpoint.seen.length).toBe(again + 1)
})

test('silence has an end, and is asked again; what is no answer is said after the last try', async () => {
  const answer = { prompt_token_ids: [1, 2], prompt_logprobs: [null, { 2: { logprob: -1, rank: 1, decoded_token: 'b' }, 1: { logprob: -9999, rank: 3 } }] }
  const endpoint = await jsonEndpoint({ '/chat/completions': () => answer })
  const notices: string[] = []
  const asker = (patience: Patience) => ({ endpoint: { id: 'e', name: 'E', kind: 'openai-compatible' as const, baseUrl: endpoint.baseUrl, models: [], key: null }, model: 'm', k: 2, patience, onNotice: (text: string) => void notices.push(text) })
  const question = { way: 'chat' as const, prompt: { messages: [], tools: undefined, text: '' }, signal: new AbortController().signal }
  endpoint.fail({ type: 'silent' })
  const tokens = [{ id: 1, text: '', top: null }, { id: 2, text: 'b', top: [{ id: 2, text: 'b', logProb: -1 }] }]
  expect(await askPrompt(asker({ timeoutMs: 500, backoffMs: [1, 1, 1] }), question)).toEqual({ type: 'tokens', tokens })
  expect(notices[0]).toMatch(/nothing within 0.5 s; asked again/)
  endpoint.fail({ type: 'malformed' }, { type: 'malformed' })
  await expect(askPrompt(asker({ timeoutMs: 10_000, backoffMs: [1] }), question)).rejects.toMatchObject({ code: 'endpoint-unintelligible' })
})

test('no more requests at a time than asked for', async () => {
  const endpoint = await both()
  const report = await teach(behind(endpoint, { concurrency: 2 }), newFile())
  expect(report.left).toEqual([])
  expect(endpoint.most()).toBe(2)
})

test('the key goes to the endpoint, and is in no file, notice or error', async () => {
  const folder = temporaryFolder()
  const endpoint = await both()
  const seen: TeachProgress[] = []
  endpoint.fail({ type: 'refuse', status: 500, body: `{"error":{"message":"bad ${KEY}"}}` })
  await teach(behind(endpoint), join(folder, 'a.topk'), { onProgress: (progress) => seen.push(progress) })
  expect(endpoint.seen.every(({ headers }) => headers.authorization === `Bearer ${KEY}`)).toBe(true)
  endpoint.fail({ type: 'refuse', status: 401, body: `{"error":{"message":"wrong key ${KEY}"}}` })
  const error: unknown = await teach(behind(endpoint), join(folder, 'b.topk')).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'endpoint-refused' })
  const told = [JSON.stringify(seen), ...describeError(error), String((error as Error).stack), ...readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))].join('\n')
  expect(told).toContain('[key]')
  expect(told).not.toContain(KEY)
})

test('an endpoint that scores no prompts is refused with what it said to each way', async () => {
  const endpoint = await jsonEndpoint({ '/chat/completions': () => ({ choices: [] }) })
  await expect(teach(behind(endpoint), newFile())).rejects.toMatchObject({ code: 'no-prompt-logprobs', found: expect.stringMatching(/chat: an answer without them; completions: status 404/) })
  await expect(teach(behind(endpoint, { endpoint: { id: 'e', name: 'E', kind: 'anthropic', baseUrl: endpoint.baseUrl, models: [], key: null } }), newFile())).rejects.toMatchObject({ code: 'no-prompt-logprobs' })
})
