// The passes of one optimiser step: batches, weights that sum to one over the whole step, accumulated gradients and figures.
import type { MaskedExample, TokenKind } from '../../../shared/records/example.ts'
import type { SpanKind } from '../../../shared/records/span.ts'
import { gradientOf, projectConflicts, spanWeight, termLossOf, trainedTensors, type ModelConfig, type Parameters, type Trainable } from '../../nn/index.ts'
import type { CompiledGraph, FedTensor, TeacherDistributions } from '../../ports/index.ts'
import { adapterFeeds, makeBatch, type Target } from './batch.ts'
import { distributionFeeds, type FedTerm } from './candidates.ts'
import type { Objective } from './objective.ts'
import type { PlannedStep } from './plan.ts'
import { learnedKind, scalarOf, type SpanWeights } from './spanWeights.ts'
import { createTally, type Tally } from './tally.ts'

export type StepInput = {
  readonly config: ModelConfig
  readonly trainable: Trainable
  readonly examples: readonly MaskedExample[]
  readonly graph: CompiledGraph
  readonly parameters: Parameters
  readonly objective: Objective
  /** null: the weights are those of the recipe. */
  readonly spanWeights: SpanWeights | null
  readonly step: PlannedStep
  /** Also report the losses of what the environment wrote. */
  readonly reference: boolean
  readonly now: () => number
  readonly proceed: () => Promise<'go' | 'stop'>
}

export type StepResult = {
  /**
   * sum(w l) / sum(w) over the step; with learned weights sum_k exp(-s_k) L_k + s_k. Comparable between steps: pacing is left out
   * of it, while what is minimised is sum(f w l) / sum(w) with the factor f of each trajectory.
   */
  readonly loss: number
  /** sum(f w) / sum(w): the share of the step's weight that pacing lets through; null without pacing. */
  readonly pace: number | null
  readonly gradients: Map<string, Float32Array>
  readonly kinds: Tally<TokenKind>
  /** KL to the teacher of the tokens that are trained towards it, and of all trained tokens to the base. */
  readonly teacherKl: Tally<TokenKind>
  readonly baseKl: Tally<TokenKind>
  /** L_k of each kind that the step has; without learned weights empty. */
  readonly meanByKind: ReadonlyMap<SpanKind, number>
  readonly tokens: number
  readonly trainedTokens: number
  /** Targets that the teacher has no distribution for: they were trained towards their token. */
  readonly withoutTeacher: number
  /** Adapter matrices whose gradients by reason and by the rest oppose; null where they are not taken apart. */
  readonly conflicts: { readonly opposed: number; readonly of: number } | null
  /** Milliseconds in `proceed`: a paused run is not a slow one. */
  readonly waited: number
}

/** Of a token, before weights are divided by the step's sum. */
type Weights = { readonly ce: number; readonly kl: number }

/** Groups of tokens with gradients of their own, where those are to be projected. */
const TOGETHER = [() => true] as const
const APART = [(kind: SpanKind) => kind === 'reason', (kind: SpanKind) => kind !== 'reason'] as const

/** Resolves to null when the run shall stop: a step begun is then given up. */
export async function runStep(input: StepInput): Promise<StepResult | null> {
  const { objective, step } = input
  const weighing = weigh(input)
  const figures = createFigures(input, weighing)
  const matrices = trainedTensors(input.config, input.trainable)
  const groups: readonly ((kind: SpanKind) => boolean)[] = objective.projectGradients ? APART : TOGETHER
  const gradients = groups.map(() => new Map<string, Float32Array>())
  let waited = 0
  for (const pass of step.passes) {
    // Where groups run one after the other, a token that runs in both is one token.
    const ends = new Map<number, number>()
    for (const [group, belongs] of groups.entries()) {
      const wanted = (index: number): boolean => weighing.isTrained(index, belongs)
      const places = pass.flatMap((index, place) => (wanted(index) ? [place] : []))
      const indices = places.map((place) => pass[place] as number)
      if (indices.length === 0) continue
      const asked = input.now()
      if ((await input.proceed()) === 'stop') return null
      waited += input.now() - asked
      const batch = batchOf(input, { weighing, indices, belongs })
      const results = await input.graph.run(new Map([...batch.feeds, ...adapterFeeds(matrices, input.parameters)]))
      figures.add(results, { ...batch, indices })
      places.forEach((place, sequence) => ends.set(place, Math.max(ends.get(place) ?? 0, batch.ends[sequence] as number)))
      accumulate(gradients[group] as Map<string, Float32Array>, results, matrices.map((matrix) => matrix.name))
    }
    figures.ran([...ends.values()].reduce((sum, end) => sum + end, 0))
  }
  const projected = objective.projectGradients ? projectConflicts(gradients[0] as Parameters, gradients[1] as Parameters) : null
  return {
    ...figures.result(),
    gradients: projected?.gradients ?? (gradients[0] as Map<string, Float32Array>),
    conflicts: projected && { opposed: projected.conflicts, of: projected.of },
    waited,
  }
}

type Weighing = ReturnType<typeof weigh>

/**
 * The weights of all tokens of a step. The sums that divide them are those of the whole step, whatever the packing, and of the
 * weights without pacing: divided by the paced ones, a factor that all examples of a step have alike would cancel, and in a
 * sorted stage that is nearly all of it.
 */
function weigh({ examples, objective, spanWeights, step }: StepInput) {
  const factorOf = new Map(step.examples.map((index, i) => [index, step.factors?.[i] ?? 1]))
  const pace = (index: number): number => factorOf.get(index) ?? 1
  const of = (index: number, token: number): Weights => {
    const example = examples[index] as MaskedExample
    const [ce, kl] = [example.ce[token] as number, example.kl[token] as number]
    // Without a distribution the token itself is the target.
    return kl !== 0 && !objective.teacher?.distributions.row(example.id, token) ? { ce: ce + kl, kl: 0 } : { ce, kl }
  }
  const both = (index: number, token: number): number => {
    const { ce, kl } = examples[index] as MaskedExample
    return (ce[token] as number) + (kl[token] as number)
  }
  const sums = new Map<SpanKind, number>()
  let paced = 0
  for (const index of step.examples) {
    const example = examples[index] as MaskedExample
    for (let token = 1; token < example.ids.length; token++) {
      const kind = learnedKind(example, token)
      const weight = both(index, token)
      sums.set(kind, (sums.get(kind) ?? 0) + weight)
      paced += weight * pace(index)
    }
  }
  const total = [...sums.values()].reduce((sum, weight) => sum + weight, 0)
  return {
    of,
    total,
    sums,
    /** The factor of all weights of an example. */
    pace,
    /** Null without pacing. */
    meanPace: step.factors && paced / total,
    /** What a token's weights are multiplied by, beside the pace. */
    scale: (kind: SpanKind): number =>
      spanWeights ? spanWeight(scalarOf(spanWeights, kind)) / (sums.get(kind) as number) : 1 / total,
    isTrained: (index: number, belongs: (kind: SpanKind) => boolean): boolean =>
      (examples[index] as MaskedExample).ids.some((_, token) => {
        if (token === 0 || both(index, token) === 0) return false
        return belongs(learnedKind(examples[index] as MaskedExample, token))
      }),
  }
}

type Weighed = Weights & { readonly scale: number; readonly pace: number }
type BatchInput = { readonly weighing: Weighing; readonly indices: readonly number[]; readonly belongs: (kind: SpanKind) => boolean }

function batchOf({ config, examples, objective, reference }: StepInput, { weighing, indices, belongs }: BatchInput) {
  const sequences = indices.map((index) => examples[index] as MaskedExample)
  const weightsAt = ({ sequence, token }: Target): Weighed => {
    const index = indices[sequence] as number
    const { ce, kl } = weighing.of(index, token)
    const scale = ce + kl === 0 ? 0 : weighing.scale(learnedKind(sequences[sequence] as MaskedExample, token))
    return { ce, kl, scale, pace: weighing.pace(index) }
  }
  const batch = makeBatch({
    config,
    sequences,
    weightOf: (target) => {
      const example = sequences[target.sequence] as MaskedExample
      if (!belongs(learnedKind(example, target.token))) return null
      const { ce, kl, scale, pace } = weightsAt(target)
      // Weight 0: a result without a gradient.
      const shown = reference && example.kinds[target.token] === 'observe'
      return ce + kl === 0 && !shown ? null : ce * scale * pace
    },
  })
  const { targets } = batch
  const weights = targets.map(weightsAt)
  const labels = targets.map(({ sequence, token }) => (sequences[sequence] as MaskedExample).ids[token] as number)
  const terms: FedTerm[] = []
  const rows = (distributions: TeacherDistributions) => (target: number) => {
    const { sequence, token } = targets[target] as Target
    return distributions.row((sequences[sequence] as MaskedExample).id, token)
  }
  if (objective.teacher) {
    const { term, distributions } = objective.teacher
    terms.push({
      term,
      vocabulary: distributions.vocabulary,
      rowOf: rows(distributions),
      weightOf: (target) => {
        const { kl, scale, pace } = weights[target] as Weighed
        return kl * scale * pace
      },
    })
  }
  if (objective.base) {
    const { term, distributions, weight } = objective.base
    // Not scaled by learned weights: how close the student stays is not its own choice.
    const weightOf = (target: number): number => {
      const { ce, kl, pace } = weights[target] as Weighed
      return (weight * (ce + kl) * pace) / weighing.total
    }
    terms.push({ term, vocabulary: null, rowOf: rows(distributions), weightOf })
  }
  const extra = terms.length === 0 ? new Map<string, FedTensor>() : distributionFeeds(labels, terms)
  return { feeds: new Map([...batch.feeds, ...extra]), targets, weights, ends: batch.ends }
}

type Ran = Omit<ReturnType<typeof batchOf>, 'feeds' | 'ends'> & { readonly indices: readonly number[] }

/** Sums up what the passes give. */
function createFigures({ examples, objective, spanWeights }: StepInput, { sums, total, meanPace }: Weighing) {
  const [kinds, teacherKl, baseKl] = [createTally<TokenKind>(), createTally<TokenKind>(), createTally<TokenKind>()]
  const byKind = new Map<SpanKind, number>()
  let [loss, tokens, trainedTokens, withoutTeacher] = [0, 0, 0, 0]
  return {
    ran: (count: number): void => void (tokens += count),
    add(results: ReadonlyMap<string, Float32Array>, { targets, weights, indices }: Ran): void {
      const output = (name: string): Float32Array | undefined => results.get(name)
      const [nll, correct] = [output('nll') as Float32Array, output('correct') as Float32Array]
      const [toTeacher, toBase] = [output(termLossOf('teacher')), output(termLossOf('base'))]
      if (meanPace === null) loss += (output('loss') as Float32Array)[0] as number
      targets.forEach(({ sequence, token }, row) => {
        const example = examples[indices[sequence] as number] as MaskedExample
        const kind = example.kinds[token] as TokenKind
        const { ce, kl, scale } = weights[row] as Weighed
        const hit = correct[row] as number
        kinds.add(kind, { nll: nll[row] as number, correct: hit })
        if (kl !== 0 && toTeacher) teacherKl.add(kind, { nll: toTeacher[row] as number, correct: hit })
        if (ce + kl === 0) return
        trainedTokens += 1
        if (objective.teacher && kl === 0 && example.kl[token] !== 0) withoutTeacher += 1
        if (toBase) baseKl.add(kind, { nll: toBase[row] as number, correct: hit })
        const own = ce * (nll[row] as number) + (kl === 0 ? 0 : kl * ((toTeacher as Float32Array)[row] as number))
        const learned = learnedKind(example, token)
        byKind.set(learned, (byKind.get(learned) ?? 0) + own)
        if (meanPace === null) return
        const close = objective.base && toBase ? (objective.base.weight * (ce + kl) * (toBase[row] as number)) / total : 0
        loss += own * scale + close
      })
    },
    result() {
      const means = new Map([...byKind].map(([kind, sum]) => [kind, sum / (sums.get(kind) as number)] as const))
      const scalars = spanWeights ? [...means.keys()].reduce((sum, kind) => sum + scalarOf(spanWeights, kind), 0) : 0
      return { loss: loss + scalars, pace: meanPace, kinds, teacherKl, baseKl, meanByKind: means, tokens, trainedTokens, withoutTeacher }
    },
  }
}

/** Adds the gradients of a pass. The first pass's arrays become the sums. */
export function accumulate(gradients: Map<string, Float32Array>, results: ReadonlyMap<string, Float32Array>, names: readonly string[]): void {
  for (const name of names) {
    const pass = results.get(gradientOf(name)) as Float32Array
    const sum = gradients.get(name)
    if (!sum) gradients.set(name, pass)
    else for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (pass[i] as number)
  }
}
