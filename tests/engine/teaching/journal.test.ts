// The journal of requests: what it has after every way to end, also in the middle of a line.
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openRequestJournal } from '../../../src/engine/teaching/journal.ts'
import { temporaryFolder } from '../../support/folder.ts'

const ANSWER = { events: [{ type: 'text', text: 'Ja — 42 🜁' }, { type: 'end', reason: 'stop', tokens: 3, promptTokens: 9 }], tokens: null } as const
const MOST = { promptTokens: 100, tokens: 10 }
const PAID = { promptTokens: 9, tokens: 3, assumed: false }

const journalPath = (): string => join(temporaryFolder(), 'requests.jsonl')

describe('the journal', () => {
  test('answers are there after it was opened again, and numbers go on', async () => {
    const path = journalPath()
    const first = openRequestJournal(path)
    await first.answered({ request: await first.asked('a', MOST), key: 'a', answer: ANSWER, paid: PAID })
    await first.failed({ request: await first.asked('b', MOST), key: 'b', error: { code: 'endpoint-refused', message: 'no' }, paid: null })
    await first.failed({ request: await first.asked('c', MOST), key: 'c', error: { code: 'endpoint-broke-off', message: 'half' }, paid: { ...MOST, assumed: true } })
    await first.close()
    const again = openRequestJournal(path)
    expect(again.answer('a')).toEqual(ANSWER)
    expect(again.answer('b')).toBeUndefined()
    expect(again.before).toEqual({ requests: 2, answered: 1, failed: 2, promptTokens: 109, tokens: 13, assumed: 1, lost: 0 })
    expect(await Promise.all([again.asked('d', MOST), again.asked('e', MOST)])).toEqual([3, 4])
    await again.close()
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(8)
  })

  test('cut anywhere: each request is answered, or lost and counted at its most', async () => {
    const path = journalPath()
    const journal = openRequestJournal(path)
    for (const key of ['a', 'b']) await journal.answered({ request: await journal.asked(key, MOST), key, answer: ANSWER, paid: PAID })
    await journal.close()
    const whole = readFileSync(path)
    const lineEnds = [...whole.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at + 1] : []))
    const middles = lineEnds.map((end, index) => Math.floor((end + (lineEnds[index - 1] ?? 0)) / 2))
    for (const length of [0, 1, ...middles, ...lineEnds.flatMap((end) => [end - 1, end, end + 1])].filter((at) => at <= whole.length)) {
      writeFileSync(path, whole.subarray(0, length))
      const cut = openRequestJournal(path)
      const lines = lineEnds.filter((end) => end <= length).length
      const [answered, lost] = [Math.floor(lines / 2), lines % 2]
      expect(cut.before).toEqual({ requests: answered + lost, answered, failed: 0, promptTokens: 9 * answered + 100 * lost, tokens: 3 * answered + 10 * lost, assumed: lost, lost })
      expect(cut.answer('a') !== undefined).toBe(answered > 0)
      await cut.close()
      // What was half a line is gone, so that the next one is whole.
      expect(readFileSync(path).length).toBe(lineEnds.findLast((end) => end <= length) ?? 0)
    }
  })

  test('a damaged line is named, and nothing is taken for granted', () => {
    const path = journalPath()
    writeFileSync(path, '{"type":"asked","request":0,"key":"a","most":{"promptTokens":1,"tokens":1}}\n{"type":"ans\n')
    expect(() => openRequestJournal(path)).toThrow(expect.objectContaining({ code: 'journal-damaged', where: `${path}, line 2` }))
    truncateSync(path, 0)
    appendFileSync(path, '{"type":"paid"}\n')
    expect(() => openRequestJournal(path)).toThrow(expect.objectContaining({ code: 'journal-damaged', where: `${path}, line 1` }))
  })
})
