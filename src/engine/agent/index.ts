// Agents that run here: the core's loop over local students and endpoints.
export { type AgentVoice, agentEpisode, type EpisodeRequest, openVoice } from './agentEpisode.ts'
export { systemClock } from './clock.ts'
export { endpointModel } from './endpointModel.ts'
export { localModel } from './localModel.ts'
export { shownTurns } from './shownTurns.ts'
export { suiteEpisode, type SuiteEpisodeRequest } from './suiteEpisode.ts'
