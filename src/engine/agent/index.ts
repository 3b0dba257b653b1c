// Agents that run here: the core's loop over local students and endpoints.
export { type AgentVoice, agentEpisode, type EpisodeRequest } from './agentEpisode.ts'
export { systemClock } from './clock.ts'
export { endpointModel } from './endpointModel.ts'
export { localModel } from './localModel.ts'
