// Handlers of the chat surface.
import { plainTurn } from '../../core/pipeline/trajectory/index.ts'
import type { ChatEvent, ChatMessage } from '../../shared/contract/routes/chat.ts'
import { errorParts, RetortError } from '../../shared/errors.ts'
import { listConversations, readConversation, removeConversation, writeConversation } from '../chat/index.ts'
import { answerOfEndpoint, listEndpointModels } from '../providers/index.ts'
import { toolChoices } from '../tools/index.ts'
import { os } from './base.ts'
import { actInChat } from './chatAgent.ts'
import type { World } from './world.ts'

const folderOf = ({ projects }: World, project: string): string => projects.get(project).folder

const ROLES = { system: 'system', user: 'user', assistant: 'agent' } as const satisfies Record<ChatMessage['role'], string>

export const chat = os.chat.router({
  generate: os.chat.generate.handler(async function* ({ context, input, signal }): AsyncGenerator<ChatEvent, void, undefined> {
    const { voice, messages, sampling } = input
    // Leaving the stream ends the generator; the signal also ends what it is waiting for.
    const left = new AbortController()
    const stop = signal ? AbortSignal.any([signal, left.signal]) : left.signal
    try {
      if (voice.type === 'local') {
        const turns = messages.map(({ role, text }) => plainTurn(ROLES[role], text))
        for await (const event of context.voices.answer({ voice, turns, sampling }, stop)) {
          if (event.type === 'end') {
            const { cut: _, ...end } = event
            yield end
          } else yield event
        }
      } else yield* answerOfEndpoint({ endpoint: await context.providers.endpoint(voice.provider), model: voice.model, messages, sampling }, stop)
    } catch (error) {
      if (!(error instanceof RetortError)) throw error
      yield { type: 'failed', error: errorParts(error) }
    } finally {
      left.abort()
    }
  }),
  act: os.chat.act.handler(({ context, input, signal }) => actInChat(context, input, signal)),
  tools: os.chat.tools.handler(() => toolChoices()),
  conversations: {
    list: os.chat.conversations.list.handler(({ context, input }) => listConversations(folderOf(context, input.project))),
    get: os.chat.conversations.get.handler(({ context, input }) => readConversation(folderOf(context, input.project), input.id)),
    put: os.chat.conversations.put.handler(({ context, input }) => {
      writeConversation(folderOf(context, input.project), input.conversation, input.expected)
      return {}
    }),
    remove: os.chat.conversations.remove.handler(({ context, input }) => {
      removeConversation(folderOf(context, input.project), input.id)
      return {}
    }),
  },
  providers: {
    list: os.chat.providers.list.handler(({ context }) => context.providers.list()),
    put: os.chat.providers.put.handler(async ({ context, input }) => {
      await context.providers.put(input)
      context.changed.send({ type: 'settings' })
      return {}
    }),
    remove: os.chat.providers.remove.handler(async ({ context, input }) => {
      await context.providers.remove(input.id)
      context.changed.send({ type: 'settings' })
      return {}
    }),
    setKey: os.chat.providers.setKey.handler(async ({ context, input }) => {
      await context.providers.setKey(input.id, input.key)
      context.changed.send({ type: 'settings' })
      return {}
    }),
    models: os.chat.providers.models.handler(async ({ context, input, signal }) => ({
      models: await listEndpointModels(await (input.draft ? context.providers.draft(input.draft) : context.providers.endpoint(input.id)), signal),
    })),
  },
})
