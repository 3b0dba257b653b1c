// llama.cpp behind the engine's ports: students with tokenizer and template, chat, scoring.
export type { Chat, ChatEvent, ChatRequest, Sampling } from './chat.ts'
export { openChat } from './chat.ts'
export { openContinuer, textOf } from './continuation.ts'
export type { AdapterChoice } from './context.ts'
export type { Scorer } from './score.ts'
export { openScorer } from './score.ts'
export type { Student } from './student.ts'
export { openStudent } from './student.ts'
