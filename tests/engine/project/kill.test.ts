// A process that imports is killed at random moments: every file is in the project as a whole or not at all.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { importPaths, listTrajectories, openProject } from '../../../src/engine/project/index.ts'
import { countTrajectories, listImportReports, searchTrajectories } from '../../../src/engine/store/index.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { chat } from '../store/records.ts'

const FILES = 4

/** `records` of each file, each with so many words; `step`: how much later, in milliseconds, every import is killed. */
type Scale = { records: number; words: number; step: number }

function writeSource({ records, words }: Scale): string {
  const source = temporaryFolder()
  for (let file = 0; file < FILES; file += 1) {
    const lines =
      Array.from({ length: records }, (_, n) => chat(`question ${file} ${n} ${'word '.repeat(words)}`, `answer ${n}`))
    writeFileSync(join(source, `${file}.jsonl`), lines.join('\n'))
  }
  return source
}

/** Starts an import and kills it the given time after the project is open; true when it had finished before. */
async function importAndKill(folder: string, source: string, milliseconds: number): Promise<boolean> {
  const script = resolve(import.meta.dirname, 'importChild.ts')
  const child = spawn(process.execPath, [script, folder, source], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  const opened = new Promise<void>((tell) => child.stdout.on('data', (data) => ((said += String(data)), tell())))
  const ended = once(child, 'exit')
  await Promise.race([opened, ended])
  await Promise.race([wait(milliseconds), ended])
  child.kill('SIGKILL')
  await ended
  return said.includes('done')
}

test.each([
  { how: 'read in one thread', records: 400, words: 40, step: 35 },
  { how: 'read in a thread of their own', records: 1500, words: 300, step: 300 },
])('P11, P12: kill -9 amid imports leaves whole files, and the import can be done again: $how', async (scale) => {
  const { records, step } = scale
  const source = writeSource(scale)
  const folder = join(temporaryFolder(), 'p')
  const partial = new Set<number>()
  // A delay for the whole import is not known beforehand: it grows until an import gets through.
  for (let milliseconds = 5; !(await importAndKill(folder, source, milliseconds)); milliseconds += step) {
    const project = openProject(folder, { create: false })
    const count = countTrajectories(project.store)
    partial.add(count)
    expect(count % records).toBe(0)
    const reports = listImportReports(project.store).map((item) => item.report)
    expect(reports.reduce((total, report) => total + report.kept, 0)).toBe(count)
    expect(listTrajectories(project)).toHaveLength(count)
    expect(searchTrajectories(project.store, 'question', { ranked: false }).seqs).toHaveLength(count)
    expect(project.store.statement('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
    expect(project.store.statement('PRAGMA foreign_key_check').all()).toEqual([])
    project.dispose()
  }
  expect(partial.size).toBeGreaterThan(1)
  const project = openProject(folder, { create: false })
  expect(countTrajectories(project.store)).toBe(FILES * records)
  const again = await importPaths(project, [source])
  expect([again.kept, again.duplicates]).toEqual([0, FILES * records])
  project.dispose()
})

test('P10, P12: kill -9 inside a transaction leaves what was there before it', async () => {
  const folder = join(temporaryFolder(), 'p')
  const child = spawn(process.execPath, [resolve(import.meta.dirname, 'killedChild.ts'), folder], { stdio: 'inherit' })
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  expect(statSync(join(folder, 'project.sqlite-wal')).size).toBeGreaterThan(1_000_000)
  const project = openProject(folder, { create: false })
  expect(listTrajectories(project).map((row) => row.task)).toEqual(['kept'])
  expect(searchTrajectories(project.store, 'half', { ranked: false }).seqs).toEqual([])
  project.dispose()
})
