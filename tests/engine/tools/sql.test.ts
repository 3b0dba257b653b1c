// SQL for agents: rows, limits, copies, and nothing outside of the database.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createToolbox, type Toolbox } from '../../../src/core/agent/index.ts'
import { systemClock } from '../../../src/engine/agent/clock.ts'
import { openSql } from '../../../src/engine/tools/sql.ts'
import { temporaryFolder } from '../../support/folder.ts'

const SCRIPT = `CREATE TABLE city (name TEXT, people INTEGER); INSERT INTO city VALUES ('Elm', 12345678901234567), ('Oak', NULL);`

function toolboxOf(access: 'read' | 'write'): Toolbox {
  const tool = openSql({ script: SCRIPT, access })
  onTestFinished(() => tool.dispose())
  return createToolbox([tool.kit()], systemClock)
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

test('a statement that does not end is ended, and the next one runs', async () => {
  const toolbox = toolboxOf('read')
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'
  expect(await say(toolbox, endless, 0.3)).toEqual({ status: 'timed-out', text: 'sql gave no answer within 0.3 s.' })
  expect((await say(toolbox, 'SELECT 1 AS one')).text).toBe('one\n1')
})

test('a script that makes no database is refused', () => {
  expect(() => openSql({ script: 'CREATE TABEL x', access: 'read' })).toThrow('no script')
})
