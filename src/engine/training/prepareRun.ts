// From trajectories to a run: masks every member of the dataset and checks, before anything runs, that it can be trained.
import { maskTrajectory, planSteps, RECIPES } from '../../core/pipeline/training/index.ts'
import type { ChatTemplate, Tokenizer } from '../../core/ports/index.ts'
import { RetortError } from '../../shared/errors.ts'
import type { StepLabel } from '../../shared/records/correction.ts'
import type { TokenKind } from '../../shared/records/example.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { Span } from '../../shared/records/span.ts'
import type { Trajectory } from '../../shared/records/trajectory.ts'
import type { SplitExample } from './runFolder.ts'

export type Member = {
  readonly trajectory: Trajectory
  readonly spans: readonly (readonly Span[])[]
  readonly labels: ReadonlyMap<number, StepLabel>
  readonly split: 'train' | 'heldout'
}

export type Prepared = {
  /** The recipe and what its losses are. */
  readonly recipe: string
  readonly examples: SplitExample[]
  readonly steps: number
  /** Trained tokens of the training side by kind, and all its tokens, over one epoch. */
  readonly counts: Partial<Record<TokenKind, number>>
  readonly tokens: number
  readonly straddling: number
  /** Trajectories that are not trained on, each with the reason. */
  readonly left: { readonly trajectoryId: string; readonly reason: string }[]
}

export type PrepareInput = {
  readonly members: readonly Member[]
  readonly student: { readonly template: ChatTemplate; readonly tokenizer: Tokenizer }
  readonly settings: TrainSettings
  /** Called now and then with the number of members masked. */
  readonly onProgress?: (done: number) => Promise<void>
}

/**
 * Masks the members in order. Throws RetortError `no-trained-tokens` when nothing would be learned, and
 * `too-long` when examples exceed the context and the settings refuse to drop them.
 */
export async function prepareRun({ members, student, settings, onProgress }: PrepareInput): Promise<Prepared> {
  const recipe = RECIPES[settings.recipe]
  const examples: SplitExample[] = []
  const left: { trajectoryId: string; reason: string }[] = []
  const tooLong: string[] = []
  for (const [index, { trajectory, spans, labels, split }] of members.entries()) {
    if (index % 20 === 0) await onProgress?.(index)
    const masked = maskTrajectory({ trajectory, spans, labels, recipe, ...student })
    if (masked.refused !== null) left.push({ trajectoryId: trajectory.id, reason: masked.refused })
    for (const { example } of masked.examples) {
      const reason = unusable(example, split, settings)
      if (reason?.long) tooLong.push(`${example.id}: ${example.ids.length} tokens`)
      if (reason) left.push({ trajectoryId: trajectory.id, reason: reason.text })
      else examples.push({ ...example, split })
    }
  }
  await onProgress?.(members.length)
  if (tooLong.length > 0 && settings.tooLong === 'refuse') {
    throw new RetortError({
      code: 'too-long',
      message: `${tooLong.length} examples are longer than the context`,
      found: tooLong.slice(0, 10).join('; ') + (tooLong.length > 10 ? `; and ${tooLong.length - 10} more` : ''),
      expected: `at most ${settings.context} tokens`,
      advice: 'raise --context, or leave them out with --too-long drop',
    })
  }
  return { ...tallyOf(examples, settings), recipe: recipe.label('text'), examples, left }
}

function unusable(
  { ids, ce, id }: Pick<SplitExample, 'ids' | 'ce' | 'id'>,
  split: 'train' | 'heldout',
  { context }: TrainSettings,
): { text: string; long: boolean } | null {
  if (ids.length > context) return { text: `${id} has ${ids.length} tokens, the context holds ${context}`, long: true }
  if (split === 'train' && !ce.some((weight, token) => token > 0 && weight > 0))
    return { text: `${id} has no token with a loss weight`, long: false }
  return null
}

function tallyOf(examples: readonly SplitExample[], settings: TrainSettings) {
  const trained = examples.filter((example) => example.split === 'train')
  const counts: Partial<Record<TokenKind, number>> = {}
  for (const { ce, kinds } of trained) {
    ce.forEach((weight, token) => {
      const kind = kinds[token] as TokenKind
      if (weight > 0) counts[kind] = (counts[kind] ?? 0) + 1
    })
  }
  if (Object.keys(counts).length === 0) {
    throw new RetortError({
      code: 'no-trained-tokens',
      message: 'no token would be trained',
      found: `${trained.length} training examples, none of them with a token that has a loss weight`,
      expected: 'at least one',
      advice: `look at a trajectory with \`retort mask\`; the recipe is ${settings.recipe}`,
    })
  }
  return {
    counts,
    steps: planSteps(trained.map((example) => example.ids.length), settings).length,
    tokens: trained.reduce((sum, example) => sum + example.ids.length, 0),
    straddling: examples.reduce((sum, example) => sum + example.straddling, 0),
  }
}
