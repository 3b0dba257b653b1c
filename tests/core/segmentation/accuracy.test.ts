// Segmentation against turns labelled by hand: the share of characters with the right kind, per format.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { haveShared, sharedPath } from '../../support/shared.ts'
import { labelledFiles, labelledText, score } from './fixtures.ts'
import type { LabelledTurn } from './fixtures.ts'

const read = (path: string): string => readFileSync(sharedPath(path), 'utf8')
const lines = (path: string): string[] => read(path).split('\n')

/** How the text of a labelled turn is found again in the file that it was taken from. */
const originals: Record<string, (source: NonNullable<LabelledTurn['source']>) => string> = {
  'fireact-openai': ({ file, index = 0, turn = 0 }) =>
    (JSON.parse(lines(`data/fireact/${file}`)[index] ?? '') as { messages: { content: string }[] }).messages[turn]?.content ?? '',
  'fireact-alpaca': ({ file, index = 0, agentTurn = 0 }) => {
    const record = (JSON.parse(read(`data/fireact/${file}`)) as { output: string }[])[index]
    return record?.output.split(/^Observation:[^\n]*\n/m)[agentTurn]?.replace(/\n$/, '') ?? ''
  },
  alfworld: ({ file, key = '', line = 0 }) =>
    (JSON.parse(read(`data/alfworld-react/${file}`)) as Record<string, string>)[key]?.split('\n').slice(line).join('\n') ?? '',
  'swe-agent': ({ file, turn = 0 }) =>
    (JSON.parse(read(`data/swe-agent/${file}`)) as { history: { content: string }[] }).history[turn]?.content ?? '',
}

describe('characters with the right kind, guessed ones counted as wrong', () => {
  test.each(labelledFiles)('$format: at least 99 %', ({ format, turns }) => {
    const scores = turns.map(score)
    const right = scores.reduce((sum, one) => sum + one.right, 0)
    const total = scores.reduce((sum, one) => sum + one.total, 0)
    const wrong = scores.flatMap((one, index) => (one.right < one.total ? [index] : []))
    console.log(
      `${format}: ${((100 * right) / total).toFixed(2)} % of ${total} characters in ${turns.length} turns` +
        (wrong.length > 0 ? `; not all right in turns ${wrong.join(', ')}` : ''),
    )
    expect(turns.length).toBeGreaterThanOrEqual(format === 'swe-agent' ? 15 : 20)
    expect(right / total).toBeGreaterThanOrEqual(0.99)
  })
})

describe('the labelled turns are those of the files they name', () => {
  const taken = labelledFiles.filter(({ format }) => originals[format])
  test('five formats at least', () => expect(labelledFiles.length).toBeGreaterThanOrEqual(5))
  test.skipIf(!haveShared('data/fireact/hotpotqa.alpaca.json')).each(taken)('$format', ({ format, turns }) => {
    for (const turn of turns) {
      const original = originals[format]?.(turn.source ?? { file: '' }) ?? ''
      expect(original).not.toBe('')
      // Structured calls follow the content in the text; ALFWorld prompts go on after the turn.
      const text = labelledText(turn)
      if (format === 'alfworld') expect(`${original}\n`.startsWith(`${text}\n`)).toBe(true)
      else if (turn.calls) expect(text.startsWith(`${original}\n\n\`\`\`json`)).toBe(true)
      else expect(text).toBe(original)
    }
  })
})
