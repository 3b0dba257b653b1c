// Chat: local voices, and conversations that are kept.
export { listConversations, readConversation, removeConversation, writeConversation } from './conversations.ts'
export { voiceModel } from './voiceModel.ts'
export type { Voices } from './voices.ts'
export { createVoices } from './voices.ts'
