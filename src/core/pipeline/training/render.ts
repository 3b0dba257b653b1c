// Messages to token ids: the one function that training and chat both use, so that what is trained on is what is fed.
//
// 1. Contents go into the student's own template with marks around each piece and spelled control tokens broken (marks.ts).
//    That rendering without marks must equal the rendering of the contents as they are, else the template is refused.
// 2. The text is split at the control tokens that the template itself wrote, and at the end of the generation prompt before
//    each agent turn: chat feeds that prompt and then generates, so no token may reach across. Each stretch is tokenised as
//    plain text.
// 3. Marks tell where each character comes from (locate.ts); tokens cover characters by bytes (alignTokens.ts).
// Templates need not be prefix-stable: an agent turn whose generation prompt is not a prefix of this rendering, whose text
// is not wholly in it, or that looks otherwise while it is the last turn, is `rewritten` here; the caller then renders up to
// that turn.
import { RetortError } from '../../../shared/errors.ts'
import type { Tool, Turn } from '../../../shared/records/trajectory.ts'
import type { ChatTemplate, Tokenizer } from '../../ports/index.ts'
import { alignTokens } from './alignTokens.ts'
import { type Beginnings, createBeginnings, type Ending } from './beginnings.ts'
import { chatMessages } from './chatMessages.ts'
import type { AgentBody, CharRole, CharSources } from './charSources.ts'
import { locate } from './locate.ts'
import { createMarks, type Marks, PLAIN } from './marks.ts'
import { templateTraits } from './templateTraits.ts'

export type RenderedToken = {
  readonly id: number
  /** UTF-16 range of the rendered text; neighbours overlap where they share a character. */
  readonly start: number
  readonly end: number
  /** The character that decides what the token is: its first that is not white space, else its first; -1 for a BOS. */
  readonly decidedBy: number
  readonly turn: number | null
  readonly role: CharRole
}

export type Rendering = {
  readonly text: string
  readonly ids: number[]
  readonly tokens: RenderedToken[]
  readonly sources: CharSources
  /** One entry per agent turn, in order. */
  readonly bodies: AgentBody[]
  /** UTF-8 bytes of contents that the student's vocabulary cannot spell and that are therefore not in the tokens. */
  readonly lostBytes: number
}

export type Conversation = {
  readonly turns: readonly Turn[]
  readonly tools: readonly Tool[]
  readonly template: ChatTemplate
  readonly tokenizer: Tokenizer
}

/** A conversation whose beginnings can be rendered one after the other. */
export type PreparedConversation = {
  /** The first `turns` turns; `generationPrompt` asks for the prompt of the next agent turn after them. */
  render(input: { turns: number; generationPrompt: boolean }): Rendering
}

/** Renders a whole conversation. Throws RetortError with the template's complaint, or why its rendering cannot be used. */
export function renderConversation(input: Conversation & { generationPrompt: boolean }): Rendering {
  return prepareConversation(input).render({ turns: input.turns.length, generationPrompt: input.generationPrompt })
}

export function prepareConversation(conversation: Conversation): PreparedConversation {
  const { turns, tools, template, tokenizer } = conversation
  const traits = templateTraits(template)
  const marks = createMarks(
    [
      ...turns.flatMap((turn) => [turn.text, ...turn.calls.flatMap((call) => [call.name, call.arguments])]),
      JSON.stringify(tools),
    ],
    tokenizer.control,
  )
  const [marked, plain] = [marks.marker, PLAIN].map((marker) =>
    createBeginnings({ template, build: (count) => chatMessages({ turns: turns.slice(0, count), tools, traits, marker }), total: turns.length }),
  ) as [Beginnings, Beginnings]
  return {
    render({ turns: count, generationPrompt }) {
      const ending: Ending = generationPrompt ? 'prompted' : 'closed'
      const markedText = marked.text(count, ending)
      const parsed = marks.parse(markedText)
      const text = plain.text(count, ending)
      if (parsed.text !== text) throw contentDependent(text, parsed.text)
      const starts = new Map<number, number | string>()
      turns.slice(0, count).forEach((turn, index) => {
        if (turn.role !== 'agent') return
        const prompt = marked.text(index, 'prompted')
        starts.set(index, markedText.startsWith(prompt) ? parsed.position(prompt.length) : NOT_PREFIX)
      })
      const placed = locate({
        turns,
        parsed,
        regions: marked.messages(count).regions,
        starts,
        endOfGeneration: tokenizer.endOfGeneration,
      })
      const bodies = placed.bodies.map((body): AgentBody => {
        const stable = body.state === 'rewritten' || plain.text(body.turn + 1, 'closed').startsWith(text.slice(0, body.end))
        return stable ? body : { turn: body.turn, state: 'rewritten', reason: OTHERWISE_WHILE_LAST }
      })
      const cuts = [...starts.values()].filter((start) => typeof start === 'number')
      if (generationPrompt) cuts.push(parsed.text.length)
      return {
        text,
        sources: placed.sources,
        bodies,
        ...tokenise({ parsed, cuts, tokenizer, sources: placed.sources }),
      }
    },
  }
}

const OTHERWISE_WHILE_LAST = 'the template writes the turn otherwise while it is the last'
const NOT_PREFIX = 'the prompt that asks for the turn is not the beginning of this rendering'

function tokenise(input: {
  parsed: ReturnType<Marks['parse']>
  cuts: readonly number[]
  tokenizer: Tokenizer
  sources: CharSources
}): Pick<Rendering, 'ids' | 'tokens' | 'lostBytes'> {
  const { parsed, tokenizer, sources } = input
  const { text } = parsed
  const tokens: RenderedToken[] = []
  let lostBytes = 0
  const add = (id: number, start: number, end: number) => {
    let decidedBy = start
    while (decidedBy < end && /\s/.test(text[decidedBy]!)) decidedBy++
    if (decidedBy >= end) decidedBy = Math.min(start, text.length - 1)
    const turn = sources.turn[decidedBy]!
    tokens.push({ id, start, end, decidedBy, turn: turn < 0 ? null : turn, role: sources.role[decidedBy]! })
  }
  const plain = (from: number, to: number) => {
    if (from === to) return
    const { tokens: aligned, lost } = alignTokens(text.slice(from, to), tokenizer)
    lostBytes += lost
    for (const token of aligned) add(token.id, from + token.start, from + token.end)
  }
  const cuts = [...input.cuts].sort((a, b) => a - b)
  let at = 0
  let nextCut = 0
  const upTo = (end: number) => {
    while (nextCut < cuts.length && cuts[nextCut]! <= end) {
      const cut = cuts[nextCut++]!
      if (cut <= at) continue
      plain(at, cut)
      at = cut
    }
    plain(at, end)
    at = end
  }
  for (const control of parsed.controls) {
    upTo(control.start)
    add(control.id, control.start, control.end)
    at = control.end
  }
  upTo(text.length)
  if (tokenizer.bos !== null && tokens[0]?.id !== tokenizer.bos) {
    tokens.unshift({ id: tokenizer.bos, start: 0, end: 0, decidedBy: -1, turn: null, role: 'template' })
  }
  return { ids: tokens.map((token) => token.id), tokens, lostBytes }
}

const excerpt = (text: string, at: number) => JSON.stringify(text.slice(at, at + 60))

function contentDependent(plain: string, marked: string): RetortError {
  let at = 0
  while (at < plain.length && plain[at] === marked[at]) at++
  return new RetortError({
    code: 'template-rewrites-content',
    message:
      "The student's chat template changes message contents in a way that cannot be followed, so spans cannot be placed",
    found: `with contents as they are ${excerpt(plain, at)}, with marks around them ${excerpt(marked, at)}`,
    expected: 'the same rendering',
    where: `character ${at} of the rendered text`,
  })
}
