// Training: from trajectories to the tokens, kinds and weights that a student learns from.
export type { MaskedRendering, MaskInput, MaskResult } from './mask.ts'
export { maskTrajectory } from './mask.ts'
export type { Recipe, TeacherSignal, Weights } from './recipes.ts'
export { RECIPES } from './recipes.ts'
export type { Conversation, PreparedConversation, RenderedToken, Rendering } from './render.ts'
export { prepareConversation, renderConversation } from './render.ts'
