// Conversations of a project: written, listed by their first line, read back; ids and sizes that are refused.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openProject } from '../../../src/engine/project/index.ts'
import type { Conversation } from '../../../src/shared/contract/routes/chat.ts'
import { temporaryFolder } from '../../support/folder.ts'
import { testService } from '../../support/testService.ts'

const SAMPLING = { temperature: 0.7, topP: 0.9, seed: 3, maxTokens: 100 }
const pane = { voice: { type: 'local' as const, student: 's.gguf', adapter: { path: 'a.gguf', scale: 0.5 }, context: null }, sampling: SAMPLING, agent: null }
const conversation = (id: string, change: Partial<Conversation> = {}): Conversation => ({
  id,
  title: 'A title with "quotes",\nlines and \u{1f642}',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
  system: 'Be short.',
  panes: [pane, { voice: null, sampling: SAMPLING, agent: null }],
  exchanges: [
    {
      question: 'And?',
      answers: [
        {
          text: 'So.',
          voice: pane.voice,
          sampling: SAMPLING,
          end: { type: 'end', reason: 'stop', text: 'So.', tokens: 2, promptTokens: 9, firstTokenSeconds: 0.1, tokensPerSecond: null, used: 11 },
          error: null,
          episode: null,
        },
        null,
      ],
    },
  ],
  ...change,
})

function inProject() {
  const project = temporaryFolder()
  openProject(project, { create: true }).dispose()
  const { client } = testService()
  return { project, client, chats: join(project, 'chats'), calls: client.chat.conversations }
}

test('kept, listed newest first, read back as they were, replaced, removed', async () => {
  const { project, calls, chats } = inProject()
  expect(await calls.list({ project })).toEqual([])
  const [old, young] = [conversation('old'), conversation('young', { updatedAt: '2026-02-01T00:00:00.000Z', title: 'x'.repeat(200) })]
  for (const each of [old, young]) await calls.put({ project, conversation: each, expected: null })
  expect(await calls.list({ project })).toEqual(
    [young, old].map(({ id, title, createdAt, updatedAt }) => ({ id, title, createdAt, updatedAt })),
  )
  expect(await calls.get({ project, id: 'old' })).toEqual(old)
  await calls.put({ project, conversation: { ...old, exchanges: [], updatedAt: '2026-03-01T00:00:00.000Z' }, expected: old.updatedAt })
  expect((await calls.list({ project })).map(({ id }) => id)).toEqual(['old', 'young'])
  expect((await calls.get({ project, id: 'old' })).exchanges).toEqual([])
  await calls.remove({ project, id: 'old' })
  expect(readdirSync(chats)).toEqual(['.lock', 'young.json'])
  await expect(calls.remove({ project, id: 'old' })).rejects.toMatchObject({ code: 'RETORT', data: { code: 'conversation-missing' } })
})

test('of two that write the same conversation the second is refused, and so is one whose file is gone', async () => {
  const { project, calls } = inProject()
  const [one, two] = ['2026-01-02T00:00:00.001Z', '2026-01-02T00:00:00.002Z'].map((updatedAt) => conversation('c', { updatedAt, system: updatedAt })) as [Conversation, Conversation]
  const [first] = [conversation('c')]
  await calls.put({ project, conversation: first, expected: null })
  await expect(calls.put({ project, conversation: first, expected: null })).rejects.toMatchObject({ data: { code: 'conversation-changed' } })
  await calls.put({ project, conversation: one, expected: first.updatedAt })
  await expect(calls.put({ project, conversation: two, expected: first.updatedAt })).rejects.toMatchObject({
    data: { code: 'conversation-changed', found: one.updatedAt, expected: first.updatedAt },
  })
  expect(await calls.get({ project, id: 'c' })).toEqual(one)
  await calls.remove({ project, id: 'c' })
  await expect(calls.put({ project, conversation: two, expected: one.updatedAt })).rejects.toMatchObject({ data: { found: 'none' } })
})

test('each file is JSON, and its first line has what the list shows', async () => {
  const { project, calls, chats } = inProject()
  const kept = conversation('one')
  await calls.put({ project, conversation: kept, expected: null })
  const file = readFileSync(join(chats, 'one.json'), 'utf8')
  expect(JSON.parse(file)).toEqual(kept)
  const { id, title, createdAt, updatedAt } = kept
  expect(JSON.parse(file.split('\n')[0]!.replace(/,$/, '}'))).toEqual({ id, title, createdAt, updatedAt })
})

test('an id is a name of a file in this folder and of none elsewhere', async () => {
  const { project, calls } = inProject()
  writeFileSync(join(project, 'secret.json'), JSON.stringify(conversation('secret')))
  for (const id of ['../secret', '..', '', 'a/b', 'a\\b', 'a.b', 'x'.repeat(65), 'a\0']) {
    await expect(calls.get({ project, id })).rejects.toMatchObject({ data: { code: 'bad-id' } })
    await expect(calls.remove({ project, id })).rejects.toMatchObject({ data: { code: 'bad-id' } })
    await expect(calls.put({ project, conversation: conversation(id), expected: null })).rejects.toMatchObject({ code: 'BAD_REQUEST' })
  }
})

test('a damaged file is in the list and says so; it can be removed', async () => {
  const { project, calls, chats } = inProject()
  mkdirSync(chats)
  writeFileSync(join(chats, 'bad.json'), '{"id":"bad","tit')
  writeFileSync(join(chats, 'foreign.json'), '{"some":"thing"}')
  writeFileSync(join(chats, 'notes.txt'), 'not listed')
  expect((await calls.list({ project })).map(({ id, title }) => [id, title]).sort()).toEqual([
    ['bad', 'bad.json cannot be read'],
    ['foreign', 'foreign.json cannot be read'],
  ])
  await expect(calls.get({ project, id: 'bad' })).rejects.toMatchObject({ data: { code: 'conversation-damaged', where: join(chats, 'bad.json') } })
  await calls.remove({ project, id: 'bad' })
  expect(await calls.list({ project })).toHaveLength(1)
})

test('one that is too large is refused, and what was there stays', async () => {
  const { project, calls } = inProject()
  await calls.put({ project, conversation: conversation('one'), expected: null })
  const large = conversation('one', { system: 'ä'.repeat(9 * 1024 * 1024) })
  await expect(calls.put({ project, conversation: large, expected: large.updatedAt })).rejects.toMatchObject({
    data: { code: 'conversation-too-large', expected: 'at most 16777216' },
  })
  expect(await calls.get({ project, id: 'one' })).toEqual(conversation('one'))
})

test('only in a project', async () => {
  const { client } = testService()
  await expect(client.chat.conversations.list({ project: temporaryFolder() })).rejects.toMatchObject({ data: { code: 'project-missing' } })
})
