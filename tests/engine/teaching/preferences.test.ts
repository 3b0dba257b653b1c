// Preferences as they are read: in force, and of pairs that an older version stored twice one, with what else it is stored as.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { draftOf, foldEpisode } from '../../../src/core/agent/index.ts'
import { correctTrajectories, keepEpisode, undo } from '../../../src/engine/project/index.ts'
import { listPreferences } from '../../../src/engine/teaching/index.ts'
import type { Preference } from '../../../src/shared/records/preference.ts'
import { openedProject } from '../../support/batches.ts'
import { play } from '../../support/episodes.ts'

const BY = { author: 'Zoë', at: '2026-01-02T03:04:05.000Z' }

test('a pair that was stored twice is one and counted, whatever was accepted when; the file stays; what is undone does not count', async () => {
  const project = openedProject()
  const { events } = await play({ answers: ['Action: calc[1+1]', 'Action: finish[2]'] })
  const { id: trajectoryId } = await keepEpisode(project, foldEpisode(events))
  const { turns, tools } = draftOf(foldEpisode(events))
  const turn = turns.findIndex(({ role }) => role === 'agent')
  const note = (text: string) => correctTrajectories(project, { title: 'm', reason: '', ...BY, changes: [{ trajectoryId, change: { type: 'note', text } }] }).id
  const rejected = turns[turn]!
  const pair = (id: string, entry: number, more: Partial<Preference> = {}): Preference => ({
    id, ...BY, trajectoryId, taskId: 'x', turn, step: 0, tools, context: turns.slice(0, turn), chosen: { ...rejected, text: 'Action: calc[2]' }, rejected, entry,
    provenance: { teacher: 'T', asked: `asking ${id}`, continuation: 0, temperature: 0, topP: 1, seed: 0 }, ...more,
  })
  const [first, second, third] = [note('1'), note('2'), note('3')]
  const path = join(project.folder, 'preferences.jsonl')
  const text = [pair('a', first), pair('b', second, { author: 'Ann', at: '2026-01-03T00:00:00.000Z' }), pair('c', third, { chosen: { ...rejected, text: 'Action: calc[3]' } })].map((one) => `${JSON.stringify(one)}\n`).join('')
  writeFileSync(path, text)
  const again = [{ id: 'b', author: 'Ann', at: '2026-01-03T00:00:00.000Z', entry: second, provenance: pair('b', second).provenance }]
  expect(listPreferences(project).map((one) => [one.id, one.again])).toEqual([['a', again], ['c', []]])
  expect(readFileSync(path, 'utf8')).toBe(text)
  undo(project, BY)
  undo(project, BY)
  expect(listPreferences(project).map(({ id, again }) => [id, again.length])).toEqual([['a', 0]])
})
