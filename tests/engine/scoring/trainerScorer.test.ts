// Scoring in a process of its own: the figures of the golden, errors as they were thrown, an abort that ends it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scoreWithTrainer } from '../../../src/engine/scoring/trainerScorer.ts'
import type { ScoreJob, TokenNll } from '../../../src/engine/scoring/tokenScorer.ts'
import type { MaskedExample } from '../../../src/shared/records/example.ts'
import { goldenPath, readFloatTensors, readJson } from '../../support/golden.ts'
import { temporaryFolder } from '../../support/folder.ts'

const NAME = 'llama_tied'
const { ids } = readJson<{ ids: number[] }>(goldenPath(`tiny/${NAME}.json`))
const expected = readFloatTensors(goldenPath(`tiny/${NAME}.safetensors`)).get('nll')!

const example = (change: Partial<MaskedExample> = {}): MaskedExample => ({
  id: 'a', trajectoryId: 'a', ids, kinds: ids.map(() => 'act' as const), parts: ids.map(() => 'none' as const),
  steps: ids.map(() => 0), ce: ids.map(() => 0), kl: ids.map(() => 0), own: 0, straddling: 0, ...change,
})

function jobOf(change: Partial<ScoreJob>): { job: ScoreJob; scores: TokenNll[]; done: number[] } {
  const [scores, done]: [TokenNll[], number[]] = [[], []]
  const job: ScoreJob = {
    student: goldenPath(`tiny/${NAME}.gguf`), adapter: null, examples: [example()], kinds: new Set(['act']), cacheDir: temporaryFolder(),
    onScore: (score) => scores.push(score), onProgress: (count) => done.push(count), signal: new AbortController().signal, ...change,
  }
  return { job, scores, done }
}

describe('scoring process', () => {
  test('scores the tokens of the kinds asked for that an example owns', async () => {
    const half = Math.floor(ids.length / 2)
    const kinds = ids.map((_, t) => (t === ids.length - 1 ? ('observe' as const) : ('act' as const)))
    const { job, scores, done } = jobOf({ examples: [example(), example({ own: half, kinds })] })
    await scoreWithTrainer(job)
    const tokens = (which: number) => scores.filter((score) => score.example === which).map((score) => score.token)
    expect(tokens(0)).toEqual(ids.map((_, t) => t).slice(1))
    expect(tokens(1)).toEqual(ids.map((_, t) => t).slice(half, -1))
    for (const { token, nll } of scores) expect(nll).toBeCloseTo(expected[token]!, 3)
    expect(done.at(-1)).toBe(2)
  })
  test('an error comes back with its parts', async () => {
    const adapter = join(temporaryFolder(), 'adapter.gguf')
    writeFileSync(adapter, 'no adapter')
    const { job } = jobOf({ adapter })
    await expect(scoreWithTrainer(job)).rejects.toMatchObject({ name: 'RetortError', code: expect.stringMatching(/^(?!score-)/), where: expect.anything() })
  })
  test('an abort ends it with the reason of the abort, and nothing is scored after', async () => {
    const stop = new AbortController()
    const many = Array.from({ length: 400 }, () => example())
    const { job, scores } = jobOf({ examples: many, signal: stop.signal, onProgress: (count) => count > 0 && stop.abort(new Error('enough')) })
    await expect(scoreWithTrainer(job)).rejects.toThrow('enough')
    const counted = scores.length
    expect(counted).toBeLessThan(400 * (ids.length - 1))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(scores).toHaveLength(counted)
  })
  test('aborted before it began', async () => {
    await expect(scoreWithTrainer(jobOf({ signal: AbortSignal.abort(new Error('no')) }).job)).rejects.toThrow('no')
  })
})
