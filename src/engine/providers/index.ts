// Providers: endpoints in the network (or on this machine) that answer in place of a student.
export { answerOfEndpoint, eventsOfEndpoint } from './answer.ts'
export { namedEndpoint, type Endpoint } from './endpoint.ts'
export { listEndpointModels } from './listModels.ts'
export type { Patience } from './postJson.ts'
export { askPrompt, type Prompt, type PromptAsker, type PromptToken, type PromptWay } from './promptLogProbs.ts'
export type { Providers } from './providers.ts'
export { openProviders } from './providers.ts'
