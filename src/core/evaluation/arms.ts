// The rungs of a suite's ladder, as data: what each trains on, how, and how it is asked. Other ladders are other lists of these.
import { type LadderArm, ladderArmSchema, type LadderSpec } from '../../shared/records/ladder.ts'
import type { Plan } from '../../shared/records/plan.ts'
import type { FirstThought } from '../../shared/records/rollout.ts'
import type { Suite } from '../suites/index.ts'
import { promptingsOf } from './attempt.ts'

/** One pass, from the shortest thoughts and acts to the longest (methods.md 2 and 6): as many tokens as without it. */
const EASY_TO_HARD: Plan = {
  version: 1,
  name: 'Easy to hard',
  complexity: { metric: 'sad', a: 1, b: 1, g: 0 },
  pacing: null,
  stages: [{ name: 'All', filter: {}, order: 'easy-to-hard', length: { unit: 'passes', passes: 1 }, mix: null, replay: 0, recipe: null, lr: null, losses: {}, gate: null }],
}

/** Name of the rung that the others are compared with. */
const BASELINE = 'sft'

/** `firstThought`: where a teacher that is a model begins with its own thought; null: it is a script. */
type LadderChoice = { readonly samples: number; readonly firstThought: FirstThought | null }

/** From prompt only to self-consistent actions; what does not apply to the suite or to a scripted teacher says so. */
export function ladderArms(suite: Suite, { samples, firstThought }: LadderChoice): LadderArm[] {
  const there = promptingsOf(suite)
  const cot = there.includes('cot') ? {} : { notApplicable: `tasks of ${suite.name} have no answer in words` }
  const retrieval = there.includes('cot+retrieval') ? {} : { notApplicable: `${suite.name} has nothing to look up` }
  const thought = firstThought === null ? { notApplicable: 'the teacher is a script and has no thought of its own to begin with' } : firstThought === 'off' ? { notApplicable: 'it was not asked for' } : {}
  // A script's slips are made on purpose: whoever wants them asks for them, with a recipe that does not train them.
  const agent = { form: 'agent' as const, ...(firstThought === null ? { expert: { recovery: 0, ...suite.ladderExpert } } : {}) }
  return [
    { name: 'prompt', title: 'Prompt only, one example', example: true },
    { name: 'cot', title: 'CoT distilled', prompting: 'cot' as const, train: { data: { form: 'cot' as const }, settings: { recipe: 'cot' as const } }, ...cot },
    { name: 'cot+retrieval', title: 'CoT distilled + retrieval', prompting: 'cot+retrieval' as const, train: { data: { form: 'cot+retrieval' as const }, settings: { recipe: 'cot' as const } }, ...retrieval },
    { name: BASELINE, title: 'Agent distilled, sft', train: { data: agent, settings: { recipe: 'sft' as const } } },
    // Without a distribution of the teacher its weights are those of sft, and its order is what is left of it.
    { name: 'sad', title: 'Agent distilled, sad, easy to hard', train: { data: agent, settings: { recipe: 'sad' as const }, plan: EASY_TO_HARD } },
    { name: 'first-thought', title: '+ first thought', train: { data: { ...agent, ...(firstThought === null ? {} : { firstThought }) }, settings: { recipe: 'sft' as const } }, ...thought },
    { name: 'sft+sag', title: 'sft + self-consistent actions', like: BASELINE, sag: { samples } },
  ].map((arm) => ladderArmSchema.parse(arm))
}

/** The rung that the others are compared with: `sft` where there is one, else the first that is trained; null: none is. */
export const baselineOf = ({ arms }: Pick<LadderSpec, 'arms'>): string | null =>
  (arms.find(({ name }) => name === BASELINE) ?? arms.find(({ train, notApplicable }) => train !== null && notApplicable === undefined))?.name ?? null
