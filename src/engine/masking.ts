// Trajectories as the student's masked tokens: one for looking at, many for training and scoring.
import { maskIfPossible, maskTrajectory, RECIPES, type MaskInput, type MaskResult } from '../core/pipeline/training/index.ts'
import type { MaskView } from '../shared/contract/masking.ts'
import type { MaskedExample, TokenKind } from '../shared/records/example.ts'
import type { RecipeName } from '../shared/records/recipe.ts'
import { RetortError } from '../shared/errors.ts'
import type { Student } from './llama/index.ts'
import type { CorrectedTrajectory } from './project/index.ts'

export type MaskRequest = { readonly corrected: CorrectedTrajectory; readonly student: Student; readonly recipe: RecipeName }

function inputOf({ corrected, student, recipe }: MaskRequest): MaskInput {
  const { template, tokenizer } = student
  const { trajectory, spans, labels } = corrected
  return { trajectory, spans, labels, recipe: RECIPES[recipe], template, tokenizer }
}

type Examples = { examples: MaskedExample[]; refused: string | null }

const examplesOf = ({ examples, refused }: MaskResult): Examples => ({
  examples: examples.map(({ example }) => example),
  refused,
})

/** The examples of a trajectory; none, with the reason, when the recipe does not take it or it cannot be rendered. */
export const maskedExamples = (request: MaskRequest): Examples => examplesOf(maskIfPossible(inputOf(request)))

/** Every token of a trajectory with its text. Throws when the recipe does not take it or it cannot be rendered. */
export function maskView(request: MaskRequest): MaskView {
  const { examples, refused } = examplesOf(maskTrajectory(inputOf(request)))
  if (refused !== null) {
    const where = `trajectory ${request.corrected.trajectory.id}`
    throw new RetortError({ code: 'recipe-refused', message: `recipe ${request.recipe} does not take this trajectory`, found: refused, where })
  }
  const decoder = new TextDecoder()
  const text = (id: number) => decoder.decode(request.student.tokenizer.bytes(id))
  const tokens = examples.flatMap(({ ids, kinds, steps, ce, kl }) =>
    ids.map((id, i) => ({ id, text: text(id), kind: kinds[i]!, step: steps[i]!, ce: ce[i]!, kl: kl[i]! })),
  )
  const counts: Partial<Record<TokenKind, number>> = {}
  for (const { kind } of tokens) counts[kind] = (counts[kind] ?? 0) + 1
  return {
    recipe: RECIPES[request.recipe].label('text'),
    tokens,
    examples: examples.map(({ id, ids }) => ({ id, tokens: ids.length })),
    counts,
    trained: tokens.filter(({ ce, kl }) => ce > 0 || kl > 0).length,
    straddling: examples.reduce((sum, example) => sum + example.straddling, 0),
  }
}
