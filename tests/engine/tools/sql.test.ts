// SQL for agents: rows, limits, copies, and nothing outside of the database.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { createToolbox, type Toolbox } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { runSql } from '../../../src/engine/tools/runSql.ts'
import { openSql } from '../../../src/engine/tools/sql.ts'
import { temporaryFolder } from '../../support/folder.ts'

const SCRIPT = `CREATE TABLE city (name TEXT, people INTEGER); INSERT INTO city VALUES ('Elm', 12345678901234567), ('Oak', NULL);`

function toolboxOf(access: 'read' | 'write'): Toolbox {
  const tool = openSql({ script: SCRIPT, access })
  onTestFinished(() => tool.dispose())
  return createToolbox([tool.kit()], systemClock)
}

function emptyDatabase(): Uint8Array {
  const database = new DatabaseSync(':memory:')
  database.exec('CREATE TABLE t (x)')
  return database.serialize()
}

async function say(toolbox: Toolbox, query: string, seconds = 20): Promise<{ status: string; text: string; value?: string }> {
  const prepared = toolbox.prepare({ name: 'sql', argument: query, form: 'brackets' })
  return 'status' in prepared ? prepared : toolbox.run(prepared, { seconds, signal: new AbortController().signal })
}

test('rows come as a table, at most 50 of them; order does not count for comparing', async () => {
  const toolbox = toolboxOf('read')
  const down = await say(toolbox, 'SELECT name, people FROM city ORDER BY name')
  expect(down.text).toBe('name | people\nElm | 12345678901234567\nOak | NULL')
  expect((await say(toolbox, 'SELECT name, people FROM city ORDER BY name DESC')).value).toBe(down.value)
  const { text } = await say(toolbox, 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n')
  expect(text.split('\n').slice(-2)).toEqual(['50', '[more than 50 rows]'])
  expect(await say(toolbox, 'SELEC 1')).toMatchObject({ status: 'failed', text: expect.stringContaining('syntax error') })
})

test('reading changes nothing, and nothing reaches out of the database', async () => {
  const file = join(temporaryFolder(), 'out.sqlite')
  const toolbox = toolboxOf('read')
  for (const query of [`INSERT INTO city VALUES ('Ash', 1)`, 'DROP TABLE city', 'PRAGMA writable_schema = 1', `ATTACH '${file}' AS x`, `VACUUM INTO '${file}'`, `SELECT load_extension('x')`, 'SELECT zeroblob(1000000000)']) {
    expect((await say(toolbox, query)).status, query).toBe('failed')
  }
  const writing = toolboxOf('write')
  for (const query of [`ATTACH '${file}' AS x`, `VACUUM INTO '${file}'`, 'PRAGMA journal_mode = WAL']) expect((await say(writing, query)).status, query).toBe('failed')
  expect(existsSync(file)).toBe(false)
  expect((await say(toolbox, 'SELECT count(*) FROM city')).text).toBe('count(*)\n2')
})

test('what is written stays with the copy that wrote it', async () => {
  const live = toolboxOf('write')
  const copy = await live.copy()
  expect((await say(copy, 'DELETE FROM city')).text).toBe('done')
  expect((await say(copy, 'SELECT count(*) FROM city')).text).toBe('count(*)\n0')
  expect((await say(live, 'SELECT count(*) FROM city')).text).toBe('count(*)\n2')
})

/** SQL of a text of this many thousand characters. */
const thousands = (count: number): string => `replace('${'x'.repeat(count)}', 'x', replace('${'y'.repeat(100)}', 'y', '0123456789'))`

test('cells and tables are limited, and what is left out is said', async () => {
  const toolbox = toolboxOf('read')
  const wide = await say(toolbox, `SELECT ${thousands(3000)} AS x, 'end' AS y`)
  expect(wide.text).toMatch(/^x \| y\n\d{2000}\[2998000 more characters\] \| end$/)
  expect(wide.value!.length).toBeLessThan(2100)
  const long = await say(toolbox, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 40) SELECT i, ${thousands(1)} FROM n`)
  expect(long.text).toMatch(/\[more rows: the first 20 have 20000 characters\]$/)
  expect([long.text.length < 22_000, long.value!.length < 22_000]).toEqual([true, true])
})

test('a statement takes no more than its memory', () => {
  const grown = Array.from({ length: 9 }).reduce<string>((inner) => `replace(${inner}, '0', '0000000000')`, "'0'")
  const result = runSql({ database: emptyDatabase(), sql: `SELECT ${grown} AS x`, most: { rows: 50, cell: 100, characters: 200 }, access: 'read' })
  expect(result).toMatchObject({ problem: expect.stringContaining('too big') })
})

test('a statement that does not end is ended, and the next one runs', async () => {
  const toolbox = toolboxOf('read')
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
  expect(await say(toolbox, endless, 0.3)).toEqual({ status: 'timed-out', text: 'sql gave no answer within 0.3 s.' })
  expect((await say(toolbox, 'SELECT 1 AS one')).text).toBe('one\n1')
})

test('a script that makes no database is refused', () => {
  expect(() => openSql({ script: 'CREATE TABEL x', access: 'read' })).toThrow('no script')
})
