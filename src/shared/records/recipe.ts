// Names of the span recipes; what each does is a row in core/pipeline/training/recipes.ts.
import { z } from 'zod'

export const recipeNameSchema = z.enum(['sft', 'sad', 'smartad', 'srft', 'cot', 'token'])
export type RecipeName = z.infer<typeof recipeNameSchema>
