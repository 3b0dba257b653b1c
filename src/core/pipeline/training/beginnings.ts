// The texts that a template gives for the beginnings of one conversation, each rendered once, or cut from the whole.
import { RetortError } from '../../../shared/errors.ts'
import type { ChatTemplate, OrderedRendering } from '../../ports/index.ts'
import type { MarkedConversation } from './chatMessages.ts'

/** What stands behind the last message: the prompt that asks for an agent turn, or nothing more. */
export type Ending = 'prompted' | 'closed'

export type Beginnings = {
  /** What the first `count` turns are for the template. */
  messages(count: number): MarkedConversation
  /** Their rendering. Throws RetortError `template-refused`. */
  text(count: number, ending: Ending): string
}

/** `build` makes the messages of the first turns, `total` of them in all. */
export function createBeginnings(input: {
  template: ChatTemplate
  build: (count: number) => MarkedConversation
  total: number
}): Beginnings {
  const { template, build, total } = input
  const whole = build(total)
  const rendered = new Map<string, string>()
  const messages = (count: number): MarkedConversation => {
    const made = whole.begins[count]
    if (count === total) return whole
    if (made === null || made === undefined) return build(count)
    return {
      ...whole,
      messages: whole.messages.slice(0, made),
      regions: whole.regions.filter((region) => region.turn < count),
      begins: whole.begins.slice(0, count + 1),
    }
  }
  const render = (count: number, ending: Ending): string => {
    const key = `${count} ${ending}`
    const text = rendered.get(key) ?? renderTemplate(template, { ...messages(count), addGenerationPrompt: ending === 'prompted' })
    rendered.set(key, text)
    return text
  }
  let ordered: Record<Ending, OrderedRendering> | null | undefined
  const inOrder = () => (ordered === undefined ? (ordered = orderOf()) : ordered)
  const orderOf = () => {
    const { messages: all, tools } = whole
    const given = (ending: Ending) => ({ messages: all, addGenerationPrompt: ending === 'prompted', ...(tools ? { tools } : {}) })
    try {
      const prompted = template.renderInOrder?.(given('prompted')) ?? null
      const closed = template.renderInOrder?.(given('closed')) ?? null
      return prompted !== null && closed !== null && closed.text === render(total, 'closed') ? { prompted, closed } : null
    } catch {
      // What refuses the whole need not refuse its beginnings: each is then rendered by itself.
      return null
    }
  }
  return {
    messages,
    text(count, ending) {
      const made = whole.begins[count]
      if (count === total || made === null || made === undefined) return render(count, ending)
      const known = inOrder()?.[ending]
      const end = known?.ends[made]
      return known === undefined || end === null || end === undefined
        ? render(count, ending)
        : known.text.slice(0, end) + known.closing
    },
  }
}

function renderTemplate(
  template: ChatTemplate,
  input: Pick<MarkedConversation, 'messages' | 'tools'> & { addGenerationPrompt: boolean },
): string {
  const { messages, addGenerationPrompt, tools } = input
  try {
    return template.render({ messages, addGenerationPrompt, ...(tools === undefined ? {} : { tools }) })
  } catch (cause) {
    throw new RetortError({
      code: 'template-refused',
      message: "The student's chat template refuses this conversation",
      found: `${cause instanceof Error ? cause.message : String(cause)} (roles: ${messages.map((m) => m.role).join(', ')})`,
      expected: 'a conversation that the template can render',
      cause,
    })
  }
}
