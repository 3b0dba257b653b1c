// Tasks: equal questions share a key; the split follows from the key alone.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { heldOut, taskKey } from '../../../src/core/pipeline/task/index.ts'
import { sha256 } from '../../../src/engine/files/sha256.ts'
import { haveShared, sharedPath } from '../../support/shared.ts'

const key = (question: string): string => taskKey(question, sha256)
const idOf = (value: bigint): string => value.toString(16).padStart(64, '0')

describe('taskKey', () => {
  test('is the sha256 of the question', () => {
    // printf 'Who?' | sha256sum
    expect(key('Who?')).toBe('d991a24e8e04231cbae0f2b1372ebefd45b169c3855830d33b17fb3e98a68c96')
  })
  test('does not see Unicode form, line ends or white space at the ends', () => {
    expect(key(' Caf\u00e9\r\nnoir? \n')).toBe(key('Cafe\u0301\nnoir?'))
    expect(key('Caf\u00e9 noir?')).not.toBe(key('caf\u00e9 noir?'))
  })
})

describe('heldOut', () => {
  test('0.1 is exactly id mod 10 = 0', () => {
    for (let n = 0n; n < 400n; n += 1n) {
      const id = sha256(String(n))
      expect(heldOut(id, 0.1)).toBe(BigInt(`0x${id}`) % 10n === 0n)
    }
  })
  test('reads the decimal digits from the last one on, to six digits', () => {
    // ...123: place 0.321
    expect(heldOut(idOf(9_876_000_123n), 0.321)).toBe(false)
    expect(heldOut(idOf(9_876_000_123n), 0.321001)).toBe(true)
    // 0.07 * 10^6 is 70000.00000000001 in floating point: place 0.07 is not below 0.07
    expect(heldOut(idOf(70n), 0.07)).toBe(false)
    expect(heldOut(idOf(70n), 0.08)).toBe(true)
  })
  test('nothing is below 0, and a larger fraction holds out all that a smaller one does', () => {
    for (let n = 0; n < 200; n += 1) {
      const id = sha256(`task ${n}`)
      expect(heldOut(id, 0)).toBe(false)
      if (heldOut(id, 0.2)) expect(heldOut(id, 0.5)).toBe(true)
    }
  })
  test('says what is wrong with its arguments', () => {
    expect(() => heldOut('12', 0.1)).toThrow('found task id "12", expected 64 hex digits')
    expect(() => heldOut(idOf(1n), 1)).toThrow('found held-out fraction 1, expected 0 <= fraction < 1')
    expect(() => heldOut(idOf(1n), Number.NaN)).toThrow('found held-out fraction NaN')
  })
  const file = 'data/fireact/hotpotqa_multimethod.openai.jsonl'
  test.skipIf(!haveShared(file))('holds out 72 of the 733 records of the reference run', () => {
    const lines = readFileSync(sharedPath(file), 'utf8').trimEnd().split('\n')
    const questions =
      lines.map((line) => (JSON.parse(line) as { messages: { content: string }[] }).messages[0]!.content)
    expect(questions).toHaveLength(733)
    expect(questions.filter((question) => heldOut(key(question), 0.1))).toHaveLength(72)
  })
})
