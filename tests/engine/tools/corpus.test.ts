// Search and lookup over articles.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createToolbox, type Toolbox } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { openCorpus } from '../../../src/engine/tools/corpus.ts'
import { openTools } from '../../../src/engine/tools/index.ts'
import { temporaryFolder } from '../../support/folder.ts'

const ARTICLES = [
  { title: 'Ada Brook', text: 'Ada Brook was an architect. She built the Hall of Winds. In 1901 she moved to Port Elm. "It rains," she wrote. She died in 1950. Her house is a museum. Port Elm named a street after her.' },
  { title: 'Port Elm', text: 'Port Elm is a harbour town. The Hall of Winds stands there.' },
  { title: 'Hall of Winds', text: 'The Hall of Winds is a concert hall. It was built by Ada Brook.' },
  { title: 'Élan', text: 'Élan is a river.' },
]

async function say(toolbox: Toolbox, name: string, argument: string): Promise<{ status: string; text: string }> {
  const prepared = toolbox.prepare({ name, argument, form: 'brackets' })
  return 'status' in prepared ? prepared : toolbox.run(prepared, { seconds: 5, signal: new AbortController().signal })
}

test('finds by title first, then by words, the title counting most', async () => {
  const corpus = openCorpus(ARTICLES)
  const toolbox = createToolbox([corpus.kit()], systemClock)
  expect(corpus.size).toBe(4)
  expect(await say(toolbox, 'Search', 'port elm')).toEqual({
    status: 'ok', value: 'Port Elm', text: 'Port Elm: Port Elm is a harbour town. The Hall of Winds stands there.\nSimilar: Ada Brook',
  })
  expect((await say(toolbox, 'search', 'who built the concert halls?')).text).toMatch(/^Hall of Winds: /)
  expect((await say(toolbox, 'search', 'elan')).text).toMatch(/^Élan: /)
  // Nothing of a query is search syntax.
  for (const query of ['"', 'NOT', 'title:Port', 'a* OR', '(', '-']) expect((await say(toolbox, 'search', query)).status).toMatch(/ok|failed/)
  expect(await say(toolbox, 'search', 'zzz')).toEqual({ status: 'failed', text: 'Nothing is found for zzz.' })
  corpus.dispose()
})

test('looks up one sentence after the other, in the article found last; a copy has its own place', async () => {
  const corpus = openCorpus(ARTICLES)
  const toolbox = createToolbox([corpus.kit()], systemClock)
  expect((await say(toolbox, 'lookup', 'she')).text).toBe('Nothing has been found to look in: search first.')
  const { text } = await say(toolbox, 'search', 'Ada Brook')
  expect(text).toContain('She died in 1950.')
  expect(text).not.toContain('museum')
  expect((await say(toolbox, 'lookup', 'port elm')).text).toBe('(1 of 2) In 1901 she moved to Port Elm.')
  const copy = await toolbox.copy()
  expect((await say(copy, 'lookup', 'Port Elm')).text).toBe('(2 of 2) Port Elm named a street after her.')
  expect((await say(toolbox, 'lookup', 'Port Elm')).text).toBe('(2 of 2) Port Elm named a street after her.')
  expect(await say(toolbox, 'lookup', 'Port Elm')).toEqual({ status: 'failed', text: 'Ada Brook has no further mention of Port Elm.' })
  expect((await say(toolbox, 'lookup', 'museum')).text).toBe('(1 of 1) Her house is a museum.')
  corpus.dispose()
})

test('tools by name, what they work on from files; what is wrong is said with its line', async () => {
  const folder = temporaryFolder()
  const path = join(folder, 'articles.jsonl')
  const database = join(folder, 'cities.sql')
  writeFileSync(database, 'CREATE TABLE city (name TEXT)')
  writeFileSync(path, `${JSON.stringify(ARTICLES[0])}\n\n${JSON.stringify(ARTICLES[1])}\n`)
  const tools = openTools({ names: ['calculator', 'search', 'calculator', 'sql'], corpus: path, database })
  expect(tools.kits.flatMap((kit) => kit.tools.map(({ tool }) => tool.name))).toEqual(['calc', 'search', 'lookup', 'sql'])
  await tools.dispose()
  expect(() => openTools({ names: ['search'] })).toThrow('nothing to work on')
  expect(() => openTools({ names: ['sql'], database: join(folder, 'none.sql') })).toThrow('no such file')
  expect(() => openTools({ names: ['toString'] })).toThrow('there is no such tool')
  writeFileSync(path, `${JSON.stringify(ARTICLES[0])}\n{"title": ""}\n`)
  expect(() => openTools({ names: ['search'], corpus: path })).toThrow(expect.objectContaining({ code: 'bad-article', where: `${path}, line 2` }))
})
