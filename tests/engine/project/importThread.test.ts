// Reading in a thread, and here where no thread can be had: the same events.
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { readHere, readInThread, type FileReader } from '../../../src/engine/project/importThread.ts'

const FIXTURES = resolve(import.meta.dirname, '../../fixtures/import')
const FILES = ['fireact.openai.jsonl', 'humanevalfix-python-0.traj'].map((name) => join(FIXTURES, name))

async function eventsOf(reader: FileReader): Promise<unknown[]> {
  const events: unknown[] = []
  for (const path of FILES) for await (const event of reader.next(path)) events.push(JSON.parse(JSON.stringify(event, (key, value: unknown) => (key === 'begun' ? 0 : value))))
  reader.dispose()
  return events
}

test.each([
  ['a thread', () => readInThread(FILES)],
  ['no thread, since its entry cannot be loaded', () => readInThread(FILES, join(FIXTURES, 'none.js'))],
])('%s gives what reading here gives', async (_, open) => {
  const expected = await eventsOf(readHere())
  expect(expected.length).toBeGreaterThan(2)
  expect(await eventsOf(open())).toEqual(expected)
})
