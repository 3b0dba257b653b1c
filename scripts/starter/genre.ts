// What a genre gives: a passage and what can be asked of it; and the forms it is put into, plain text or a chat.
import type { Draw } from './draw.ts'

export type Turn = { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }
/** A line of the text: what `retort pretrain` reads. */
export type Line = { readonly text: string } | { readonly messages: readonly Turn[] }
export type Asked = readonly [question: string, answer: string]
/** A passage, which may be empty, and what is asked about it. */
export type Piece = { readonly passage: string; readonly asked: readonly Asked[] }
export type Genre = { readonly name: string; /** Of all characters. */ readonly share: number; write(draw: Draw): Line }

const SYSTEMS = [
  'Answer the question.', 'Answer in short.', 'You are a helpful assistant.', 'Read the text and answer.', 'Do what you are asked, no more.', 'You answer questions about a text.',
  'Use the words and the numbers of the text.', 'Be brief and exact.', 'Follow the instruction. Copy names and numbers exactly.', 'You are a careful reader. Keep to what is written.',
] as const

const QUESTION_FORMS: readonly ((question: string, answer: string) => string)[] = [
  (question, answer) => `Question: ${question}\nAnswer: ${answer}`,
  (question, answer) => `Q: ${question}\nA: ${answer}`,
  (question, answer) => `${question}\n${answer}`,
  (question, answer) => `- ${question} ${answer}`,
]

const system = (draw: Draw): Turn[] => (draw.chance(0.6) ? [{ role: 'system', content: draw.some(SYSTEMS, draw.chance(0.2) ? 2 : 1).join(' ') }] : [])

function chat(draw: Draw, { passage, asked }: Piece): Line {
  const [first, ...rest] = asked as [Asked, ...Asked[]]
  const opening = passage === '' ? first[0] : draw.chance(0.75) ? `${passage}${draw.pick(['\n', ' ', '\n\n'])}${first[0]}` : `${first[0]}${draw.pick(['\n', ' ', '\n\n'])}${passage}`
  const turns = [[opening, first[1]], ...rest].flatMap(([question, answer]): Turn[] => [{ role: 'user', content: question }, { role: 'assistant', content: answer }])
  return { messages: [...system(draw), ...turns] }
}

function text(draw: Draw, { passage, asked }: Piece): Line {
  const form = draw.pick(QUESTION_FORMS)
  return { text: [...(passage === '' ? [] : [passage]), ...asked.map(([question, answer]) => form(question, answer))].join(draw.pick(['\n', '\n\n'])) }
}

/** As a chat in two cases of three, else as plain text. */
export const put = (draw: Draw, piece: Piece): Line => (piece.asked.length > 0 && draw.chance(0.67) ? chat(draw, piece) : text(draw, piece))
