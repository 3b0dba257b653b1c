// Writes the starter's text, a document a line, without those that are not clear of what suites measure: node scripts/starter/write-text.ts FILE
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { createCheck } from './clear.ts'
import { corpus, textOf } from './corpus.ts'

const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('found no file, expected: node scripts/starter/write-text.ts FILE')
const SEED = 20_261_122
const CHARACTERS = 26_000_000

const problemOf = createCheck()
const file = createWriteStream(path)
const counts = new Map<string, { lines: number; characters: number }>()
for (const { genre, line } of corpus({ seed: SEED, characters: CHARACTERS })) {
  const text = textOf(line)
  const problem = problemOf(text)
  if (problem !== null) {
    console.log(`left out, a line of ${genre} with ${problem}`)
    continue
  }
  const count = counts.get(genre) ?? { lines: 0, characters: 0 }
  counts.set(genre, { lines: count.lines + 1, characters: count.characters + text.length })
  if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain')
}
file.end()
await once(file, 'finish')
for (const [genre, { lines, characters }] of counts) console.log(`${genre}: ${lines} lines, ${characters} characters`)
