// From trajectories to a run: masks every member of the dataset and checks, before anything runs, that it can be trained.
import { chosenRecipe, maskIfPossible, planSteps, stepCount, withoutSteps, type PlannedStep, type Stretch, type TeacherSignal } from '../../core/pipeline/training/index.ts'
import type { ChatTemplate, Tokenizer } from '../../core/ports/index.ts'
import type { Left, TrainedOn } from '../../shared/contract/training.ts'
import { leftText } from '../../shared/leftText.ts'
import { RetortError } from '../../shared/errors.ts'
import { emptyTeacher } from '../../shared/teacherCoverage.ts'
import type { MaskedExample, TokenKind } from '../../shared/records/example.ts'
import { SPAN_WEIGHTS, type TrainSettings } from '../../shared/records/run.ts'
import type { SplitExample } from './runFolder.ts'
import { isModelFile, type Lesson, type Told } from '../teacher/index.ts'
import { teach, teachLive } from './teaching.ts'

/** `hash` names its content, where masks may be kept. */
export type Member = Stretch & { readonly split: 'train' | 'heldout'; readonly hash?: string }

export type Masks = { readonly examples: readonly MaskedExample[]; readonly refused: string | null }

export type Prepared = {
  /** The recipe and what its losses are. */
  readonly recipe: string
  readonly examples: SplitExample[]
  readonly steps: number
  /** Trained tokens of the training side by kind, and all its tokens, over one epoch. */
  readonly counts: Partial<Record<TokenKind, number>>
  readonly tokens: number
  /** Where the steps are limited: examples of the training side that some step takes, and their tokens. */
  readonly seen?: { readonly examples: number; readonly tokens: number }
  readonly straddling: number
  /** Tokens of the longest example. */
  readonly longest: number
  /** Trajectories that are not trained on, or not whole, each with the reason. */
  readonly left: Left[]
  readonly teacher?: TrainedOn['teacher']
  /** Of a teacher that is a model. */
  readonly lessons?: readonly Lesson[]
}

export type PrepareInput = {
  readonly members: readonly Member[]
  readonly student: { readonly template: ChatTemplate; readonly tokenizer: Tokenizer; /** What it was made for. */ readonly trainedContext?: number }
  readonly settings: TrainSettings
  /** Masks that were made before. */
  readonly known?: MaskMemory
  /** Called before each masking with the number of members masked; throwing ends the preparation. */
  readonly onProgress?: (done: number) => Promise<void>
}

/** Keeps masks of this student: see `createMaskMemory`. */
export type MaskMemory = {
  find(key: MaskKey): Masks | null
  keep(key: MaskKey, masks: Masks): void
}
/** `recipe`: its key. */
export type MaskKey = { readonly hash: string; readonly recipe: string; readonly teacher: TeacherSignal; readonly dropped: number }

/** What a run would be, and why it cannot be, if so. */
export type Draft = Prepared & { readonly plan: PlannedStep[]; readonly blocked: RetortError | null }

/**
 * Masks the members in order. One that cannot be masked is left out, with the reason. Throws RetortError `no-trained-tokens` when nothing would be learned, and
 * `too-long` when examples exceed the context and the settings refuse to drop them.
 */
export async function prepareRun(input: PrepareInput): Promise<Prepared> {
  const { blocked, plan: _, ...prepared } = await draftRun(input)
  if (blocked) throw blocked
  return prepared
}

/** The same, with what would be thrown beside what is known without it. */
export async function draftRun(input: PrepareInput): Promise<Draft> {
  const { members, settings, onProgress } = input
  const recipe = chosenRecipe(settings)
  const masked: SplitExample[] = []
  const left: Left[] = []
  const tooLong: string[] = []
  const told: Told[] = []
  const mask = masker(input)
  for (const [index, member] of members.entries()) {
    const { trajectory, split } = member
    const maskWithout = async (dropped: number): Promise<Masks> => {
      await onProgress?.(index)
      return mask(member, dropped)
    }
    const { masked: masks, dropped } = await fitted(member, maskWithout, settings)
    if (dropped > 0) left.push({ trajectoryId: trajectory.id, reason: `its first ${dropped} steps do not fit into the context`, why: 'shortened' })
    if (masks.refused !== null) left.push({ trajectoryId: trajectory.id, reason: masks.refused, why: 'refused' })
    else if (masks.examples.length === 0) left.push({ trajectoryId: trajectory.id, reason: 'it has no agent turn', why: 'no-example' })
    for (const example of masks.examples) {
      const reason = unusable(example, split, settings)
      if (reason?.why === 'too-long') tooLong.push(`${example.id}: ${example.ids.length} tokens`)
      if (reason) left.push({ trajectoryId: trajectory.id, ...reason })
      else masked.push({ ...example, split })
    }
    if (masks.examples.length > 0) told.push(dropped === 0 ? member : withoutSteps(member, dropped))
  }
  await onProgress?.(members.length)
  const taught = await taughtBy(input, { masked, told })
  const examples = taught ? taught.examples.map((example, i): SplitExample => ({ ...example, split: masked[i]!.split })) : masked
  const taken = new Set(examples.map(({ trajectoryId }) => trajectoryId))
  const tally = tallyOf(examples, settings)
  const blocked =
    tooLong.length > 0 && settings.tooLong === 'refuse'
      ? longerThanContext(tooLong, { context: settings.context, made: input.student.trainedContext })
      : Object.keys(tally.counts).length === 0
        ? nothingTrained(examples, { settings, left })
        : emptyTeacher(taught?.teacher)
  return { ...tally, recipe: recipe.label(signalOf(settings)), ...(taught && { teacher: taught.teacher, ...(taught.lessons && { lessons: taught.lessons }) }), examples, left: left.map((one) => (taken.has(one.trajectoryId) ? { ...one, part: true } : one)), blocked }
}

/** By a file, or by a model that is asked while the run trains; null without a teacher. */
function taughtBy({ settings, student }: PrepareInput, { masked, told }: { masked: readonly SplitExample[]; told: readonly Told[] }) {
  const { teacher } = settings
  if (teacher === undefined) return null
  return isModelFile(teacher) ? teachLive(masked, { settings: { ...settings, teacher }, student, told }) : teach(teacher, masked, student)
}

export const signalOf = ({ teacher }: TrainSettings): TeacherSignal => (teacher === undefined ? 'text' : 'distribution')

/** Masks a member without its first steps, or remembers. */
function masker({ student, settings, known }: PrepareInput): (member: Member, dropped: number) => Masks {
  // Asked for once: a student without a template fails here, not member by member.
  const { template, tokenizer } = student
  const recipe = chosenRecipe(settings)
  const teacher = signalOf(settings)
  return (member, dropped) => {
    const key = member.hash === undefined ? null : { hash: member.hash, recipe: recipe.key, teacher, dropped }
    const before = key && known?.find(key)
    if (before) return before
    const stretch = dropped === 0 ? member : withoutSteps(member, dropped)
    const { examples, refused } = maskIfPossible({ ...stretch, recipe, teacher, template, tokenizer })
    const masks = { examples: examples.map(({ example }) => example), refused }
    if (key) known?.keep(key, masks)
    return masks
  }
}

function longerThanContext(tooLong: readonly string[], { context, made }: { readonly context: number; readonly made: number | undefined }): RetortError {
  const ofStudent = made !== undefined && context >= made
  return new RetortError({
    code: 'too-long',
    message: tooLong.length === 1 ? '1 example is longer than the context' : `${tooLong.length} examples are longer than the context`,
    found: tooLong.slice(0, 10).join('; ') + (tooLong.length > 10 ? `; and ${tooLong.length - 10} more` : ''),
    expected: `at most ${context} tokens (${ofStudent ? 'what the student was made for: --context cannot go beyond' : '--context'})`,
    advice: `${ofStudent ? 'take a student with a longer context' : 'raise --context'}, leave them out with --too-long drop, or keep their last steps with --too-long keep-last`,
  })
}

const longestOf = ({ examples }: Masks): number => Math.max(0, ...examples.map((example) => example.ids.length))

/**
 * The member masked; when it is too long and the settings say so, without as few first steps as it takes. Lengths fall with
 * every step that goes, so that number is found by halving; when even the last step alone is too long, nothing is dropped.
 */
async function fitted(member: Member, mask: (dropped: number) => Promise<Masks>, { context, tooLong }: TrainSettings) {
  const whole = { masked: await mask(0), dropped: 0 }
  if (tooLong !== 'keep-last' || longestOf(whole.masked) <= context) return whole
  let best = whole
  let low = 1
  let high = stepCount(member.trajectory)
  while (low < high) {
    // From the end first: the last step alone is quickly masked, and says whether anything fits.
    const dropped = best === whole ? high - 1 : (low + high) >> 1
    const masked = await mask(dropped)
    if (masked.refused !== null || longestOf(masked) > context) {
      if (best === whole) return whole
      low = dropped + 1
    } else {
      best = { masked, dropped }
      high = dropped
    }
  }
  return best
}

function unusable(
  { ids, ce, kl, id }: Pick<SplitExample, 'ids' | 'ce' | 'kl' | 'id'>,
  split: 'train' | 'heldout',
  { context }: TrainSettings,
): Omit<Left, 'trajectoryId'> | null {
  if (ids.length > context) {
    return { reason: `${id} has ${ids.length} tokens, the context holds ${context}`, why: 'too-long', tokens: ids.length }
  }
  if (split === 'train' && !ce.some((weight, token) => token > 0 && (weight > 0 || kl[token]! > 0)))
    return { reason: `${id} has no token with a loss weight`, why: 'no-example' }
  return null
}

function tallyOf(examples: readonly SplitExample[], settings: TrainSettings) {
  const trained = examples.filter((example) => example.split === 'train')
  const counts: Partial<Record<TokenKind, number>> = {}
  for (const { ce, kl, kinds } of trained) {
    ce.forEach((weight, token) => {
      const kind = kinds[token] as TokenKind
      if (weight > 0 || kl[token]! > 0) counts[kind] = (counts[kind] ?? 0) + 1
    })
  }
  const plan = planSteps(trained, settings)
  return {
    counts,
    plan,
    steps: plan.length,
    ...(settings.maxSteps !== undefined && { seen: seenOf(trained, plan) }),
    tokens: trained.reduce((sum, example) => sum + example.ids.length, 0),
    longest: examples.reduce((most, example) => Math.max(most, example.ids.length), 0),
    straddling: examples.reduce((sum, example) => sum + example.straddling, 0),
  }
}

function seenOf(trained: readonly SplitExample[], plan: readonly PlannedStep[]): NonNullable<Prepared['seen']> {
  const taken = [...new Set(plan.flatMap((step) => step.examples))]
  return { examples: taken.length, tokens: taken.reduce((sum, index) => sum + trained[index]!.ids.length, 0) }
}

function nothingTrained(
  examples: readonly SplitExample[],
  { settings, left: [first, ...others] }: { settings: TrainSettings; left: Prepared['left'] },
): RetortError {
  const zero = SPAN_WEIGHTS.filter((name) => settings[name] === 0)
  return new RetortError({
    code: 'no-trained-tokens',
    message: 'no token would be trained',
    found: [
      `${examples.filter((example) => example.split === 'train').length} training examples, none of them with a token that has a loss weight`,
      ...(first ? [`left out: ${leftText(first)}`] : []),
      ...(others.length > 0 ? [`and ${others.length} more`] : []),
    ].join('; '),
    expected: 'at least one',
    advice: `${zero.length > 0 ? `give a weight above 0 instead of ${zero.map((name) => `${name} 0`).join(', ')}, or leave them out; ` : ''}look at a trajectory with \`retort mask\`; the recipe is ${settings.recipe}`,
  })
}
