// Curation of a project: its trajectories through the funnel, and what comes of it into their reviews.
export { applyCuration, releaseCurated } from './applyCuration.ts'
export { curateProject, type CurateRequest, estimateCuration } from './curateProject.ts'
export type { WantedJudge } from './judge.ts'
export { getCuration, newestCuration, type KeptCuration } from './records.ts'
