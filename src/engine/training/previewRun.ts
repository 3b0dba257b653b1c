// A preview: what a run would train on, found by the same code that makes the run.
import { chosenRecipe, stepTokens } from '../../core/pipeline/training/index.ts'
import type { RunPreview } from '../../shared/contract/routes/runs.ts'
import type { Left } from '../../shared/contract/training.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { MaskedExample, TokenKind } from '../../shared/records/example.ts'
import type { TrainSettings } from '../../shared/records/run.ts'
import type { Student } from '../llama/index.ts'
import type { RevisionNow } from '../project/index.ts'
import { draftPlan } from './draftPlan.ts'
import { fitMemory } from './memoryFit.ts'
import { draftRun, signalOf, type Draft, type MaskMemory } from './prepareRun.ts'
import type { SplitExample } from './runFolder.ts'
import { everySettings } from './stagedPlan.ts'
import { rejectedLeft } from './startRun.ts'
import { readStudentModel } from './runStudent.ts'
import type { WithPlan } from './startRun.ts'
import { fillSettings, type SettingsInput } from './settings.ts'
import { checkLosses } from './teaching.ts'

export type PreviewInput = {
  readonly settings: SettingsInput
  readonly plan?: WithPlan
  readonly studentPath: string
  readonly revisionOf: (heldout: number) => RevisionNow
  readonly taskOf: (trajectoryId: string) => string
  readonly openStudent: () => Promise<{ readonly student: Student; readonly masks: MaskMemory }>
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

/** Throws RetortError for settings that cannot be read at all, or a project that cannot. */
export async function previewRun(input: PreviewInput): Promise<RunPreview> {
  const { onProgress, signal } = input
  const settings = fillSettings(input.settings)
  const { members, rejected } = input.revisionOf(settings.heldout)
  const total = members.length
  onProgress(0, total)
  const empty = (error: RetortError): RunPreview => emptyPreview({ settings, rejected: rejected.length, blocked: errorParts(error) })
  try {
    checkLosses(everySettings({ settings, plan: input.plan?.plan }))
    const { student, masks } = await input.openStudent()
    const context = Math.min(settings.context, student.trainedContext)
    const tell = async (done: number, total: number): Promise<void> => {
      onProgress(done, total)
      await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
    }
    const common = { members, student, settings: { ...settings, context }, known: masks, signal }
    const staged = input.plan ? await draftPlan({ ...common, ...input.plan, onProgress: (_, done, total) => tell(done, total) }) : null
    const draft = staged ?? (await draftRun({ ...common, onProgress: (done) => tell(done, total) }))
    const wrong = draft.blocked ?? untrainable(input.studentPath)
    const fit = wrong ? null : fitMemory(input.studentPath, { ...draft, settings: { ...settings, context }, plan: input.plan?.plan, staged: staged?.staged ?? null })
    const blocked = wrong ?? fit?.blocked ?? null
    const preview = previewOf(draft, {
      settings: { ...settings, context },
      rejected: rejected.length,
      blocked: blocked && errorParts(blocked),
      memory: fit?.memory ?? null,
    })
    const tasks = new Map(members.map((m) => [m.trajectory.id, m.task.question]))
    const left = withTasks([...rejected.map(rejectedLeft), ...draft.left], (id) => tasks.get(id) ?? input.taskOf(id))
    return { ...preview, left, firstBatch: firstBatch(draft, student, tasks) }
  } catch (error) {
    if (error instanceof RetortError) return empty(error)
    throw error
  }
}

const withTasks = (left: readonly Left[], taskOf: (id: string) => string): RunPreview['left'] =>
  left.map((one) => ({ ...one, task: taskOf(one.trajectoryId) }))

/** Why a student that tokenizes cannot be trained, or null. */
function untrainable(path: string): RetortError | null {
  try {
    readStudentModel(path)
    return null
  } catch (error) {
    if (error instanceof RetortError) return error
    throw error
  }
}

type Rest = Partial<Pick<RunPreview, 'memory'>> & { readonly settings: TrainSettings; readonly rejected: number; readonly blocked: RetortErrorParts | null }

const emptyPreview = ({ settings, rejected, blocked, memory = null }: Rest): RunPreview => ({
  settings,
  recipe: chosenRecipe(settings).label(signalOf(settings)),
  trajectories: { train: 0, heldout: 0, rejected },
  left: [],
  tokens: 0,
  counts: {},
  trainedCounts: {},
  trained: 0,
  straddling: 0,
  heldoutTokens: 0,
  steps: 0,
  stepTokens: { total: 0, trained: 0 },
  memory,
  firstBatch: [],
  blocked,
})

const tokensOf = (examples: readonly SplitExample[]): number => examples.reduce((sum, { ids }) => sum + ids.length, 0)
const trainedOf = ({ ce, kl }: MaskedExample): number => ce.reduce((sum, weight, token) => (weight > 0 || kl[token]! > 0 ? sum + 1 : sum), 0)
const trajectoriesOf = (examples: readonly SplitExample[]): number => new Set(examples.map((example) => example.trajectoryId)).size

function previewOf(draft: Draft, rest: Rest): RunPreview {
  const { recipe, tokens, counts: trainedCounts, straddling, steps, plan } = draft
  const train = draft.examples.filter((example) => example.split === 'train')
  const heldout = draft.examples.filter((example) => example.split === 'heldout')
  const counts: Partial<Record<TokenKind, number>> = {}
  for (const { kinds } of train) for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1
  const trained = train.map(trainedOf)
  const drawn = plan.flatMap((step) => step.examples)
  return {
    ...emptyPreview(rest),
    recipe,
    trajectories: { train: trajectoriesOf(train), heldout: trajectoriesOf(heldout), rejected: rest.rejected },
    tokens,
    counts,
    trainedCounts,
    trained: trained.reduce((sum, count) => sum + count, 0),
    straddling,
    heldoutTokens: tokensOf(heldout),
    steps,
    stepTokens: {
      total: plan.reduce((sum, planned, step) => sum + stepTokens(step, planned, train), 0),
      trained: drawn.reduce((sum, index) => sum + trained[index]!, 0),
    },
  }
}

function firstBatch({ plan, examples }: Draft, { tokenizer }: Student, tasks: ReadonlyMap<string, string>): RunPreview['firstBatch'] {
  const train = examples.filter((example) => example.split === 'train')
  const decoder = new TextDecoder()
  return (plan[0]?.examples ?? []).map((index) => {
    const { id, trajectoryId, ids, kinds, steps, ce, kl } = train[index]!
    const tokens = ids.map((token, i) => ({
      id: token,
      text: decoder.decode(tokenizer.bytes(token)),
      kind: kinds[i]!,
      step: steps[i]!,
      ce: ce[i]!,
      kl: kl[i]!,
    }))
    return { id, trajectoryId, task: tasks.get(trajectoryId) ?? '', tokens }
  })
}
