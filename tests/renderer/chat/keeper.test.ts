// A conversation that two pages write: neither loses a word.
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { newConversation } from '../../../src/renderer/chat/conversation.ts'
import { createKeeper } from '../../../src/renderer/chat/keeper.ts'
import { type Conversation, conversationSchema } from '../../../src/shared/contract/routes/chat.ts'
import { RetortError } from '../../../src/shared/errors.ts'

/** Conversations as the engine keeps them; `lose`: the answer to the next write does not come. */
function project() {
  const kept = new Map<string, Conversation>()
  let ids = 0
  const engine = {
    kept,
    lose: false,
    conversations: {
      get: async ({ id }: { id: string }) => kept.get(id)!,
      async put({ conversation, expected }: { conversation: z.input<typeof conversationSchema>; expected: string | null }) {
        if ((kept.get(conversation.id)?.updatedAt ?? null) !== expected) throw new RetortError({ code: 'conversation-changed', message: 'changed' })
        kept.set(conversation.id, conversationSchema.parse(conversation))
        if (!engine.lose) return {}
        engine.lose = false
        throw new RetortError({ code: 'connection-lost', message: 'lost' })
      },
    },
  }
  const page = () => createKeeper({ conversations: engine.conversations, newId: () => `new-${++ids}`, now: () => new Date(0) })
  return { engine, page, systems: () => [...kept].map(([id, { system }]) => `${id}: ${system}`) }
}
const saying = (system: string, id = 'c'): Conversation => ({ ...newConversation(id, new Date(0).toISOString(), null), system })

test('the page that writes second goes on under an id of its own', async () => {
  const { engine, page, systems } = project()
  const [one, two] = [page(), page()]
  expect(await one.keep('/p', saying('first'))).toBe('c')
  two.opened(engine.kept.get('c')!)
  expect(await one.keep('/p', saying('of one'))).toBe('c')
  expect(await two.keep('/p', saying('of two'))).toBe('new-1')
  expect(await two.keep('/p', saying('of two, more', 'new-1'))).toBe('new-1')
  expect(await one.keep('/p', saying('of one, more'))).toBe('c')
  expect(systems()).toEqual(['c: of one, more', 'new-1: of two, more'])
})

test('a write whose answer was lost is known again, not taken for another page’s', async () => {
  const { engine, page, systems } = project()
  const one = page()
  engine.lose = true
  await expect(one.keep('/p', saying('first'))).rejects.toMatchObject({ code: 'connection-lost' })
  expect(await one.keep('/p', saying('second'))).toBe('c')
  expect(systems()).toEqual(['c: second'])
})

test('one that was removed elsewhere is kept anew', async () => {
  const { engine, page, systems } = project()
  const one = page()
  await one.keep('/p', saying('first'))
  engine.kept.delete('c')
  expect(await one.keep('/p', saying('second'))).toBe('new-1')
  expect(systems()).toEqual(['new-1: second'])
})
