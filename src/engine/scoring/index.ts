// Scoring: how likely a student finds the trajectories of a project, by kind and part of token and by trajectory.
import { heldOut } from '../../core/pipeline/task/index.ts'
import type { Nll } from '../../shared/contract/counts.ts'
import type { ScoreEngine, ScoreReport, ScoreSplit } from '../../shared/contract/scoring.ts'
import { RetortError } from '../../shared/errors.ts'
import type { MaskedExample, TokenKind, TokenPart } from '../../shared/records/example.ts'
import { openStudent } from '../llama/index.ts'
import { maskedExamples } from '../masking.ts'
import { checkAdapter } from '../models/index.ts'
import { getTrajectory, listTrajectories, type Project } from '../project/index.ts'
import { scoreWithLlama } from './llamaScorer.ts'
import type { TokenScorer } from './tokenScorer.ts'
import { scoreWithTrainer } from './trainerScorer.ts'

export { scoreWithTrainer }

const SCORERS: Readonly<Record<ScoreEngine, TokenScorer>> = { llama: scoreWithLlama, trainer: scoreWithTrainer }

export type ScoreRequest = {
  readonly project: Project
  readonly student: string
  readonly adapter: string | null
  readonly engine: ScoreEngine
  readonly split: ScoreSplit
  /** Share of tasks held out, as the run had it. */
  readonly heldout: number
  readonly cacheDir: string
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

const SCORED: ReadonlySet<TokenKind> = new Set(['reason', 'act', 'final', 'end', 'observe'])

/** Throws when nothing is left to score. */
export async function scoreProject(request: ScoreRequest): Promise<ScoreReport> {
  const { student, adapter, engine, split } = request
  const { examples, left } = await examplesOf(request)
  if (examples.length === 0) {
    const [first] = left
    const found =
      first === undefined
        ? `no trajectory in split ${split}`
        : `${left.length} trajectories, none of which can be scored; the first: ${first.id}: ${first.reason}`
    throw new RetortError({ code: 'nothing-to-score', message: 'there is nothing to score', found, where: request.project.folder })
  }
  const all = createFigures()
  const each = new Map<string, Figures>()
  await SCORERS[engine]({
    ...request,
    examples,
    kinds: SCORED,
    onScore: ({ example: index, token, nll }) => {
      const example = examples[index] as MaskedExample
      const figures = each.get(example.trajectoryId) ?? createFigures()
      each.set(example.trajectoryId, figures)
      for (const into of [all, figures]) into.add(example, token, nll)
    },
    onProgress: (done) => request.onProgress(done, examples.length),
  })
  const trajectories = [...each].map(([id, figures]) => ({ id, ...figures.result() }))
  return { student, adapter, engine, split, heldout: request.heldout, ...all.result(), trajectories, left }
}

/** The split's trajectories as examples; the recipe sets only weights, which scoring does not look at. */
async function examplesOf({ project, signal, ...request }: ScoreRequest): Promise<{ examples: MaskedExample[]; left: ScoreReport['left'] }> {
  const student = await openStudent({ path: request.student, weights: 'none', signal })
  const left: ScoreReport['left'] = []
  const examples: MaskedExample[] = []
  try {
    if (request.adapter !== null) checkAdapter({ adapter: request.adapter, student })
    for (const { id } of listTrajectories(project)) {
      signal.throwIfAborted()
      const corrected = getTrajectory(project, id)
      if (request.split === 'heldout' && !heldOut(corrected.task.id, request.heldout)) continue
      if (corrected.review === 'rejected') {
        left.push({ id, reason: 'a reviewer rejected it' })
        continue
      }
      const masked = maskedExamples({ corrected, student, recipe: 'sft' })
      const longest = Math.max(0, ...masked.examples.map((example) => example.ids.length))
      if (masked.refused !== null) left.push({ id, reason: masked.refused })
      else if (longest > student.trainedContext)
        left.push({ id, reason: `found ${longest} tokens, expected at most ${student.trainedContext} (the student's context)` })
      else examples.push(...masked.examples)
    }
  } finally {
    await student.dispose()
  }
  return { examples, left }
}

type Sum = { nll: number; tokens: number }
type Figures = ReturnType<typeof createFigures>

function createFigures() {
  const agent: Sum = { nll: 0, tokens: 0 }
  const kinds = new Map<TokenKind, Sum>()
  const parts = new Map<TokenPart, Sum>()
  const into = <Key>(table: Map<Key, Sum>, key: Key): Sum => {
    const sum = table.get(key) ?? { nll: 0, tokens: 0 }
    table.set(key, sum)
    return sum
  }
  const mean = ({ nll, tokens }: Sum): Nll => ({ nll: tokens === 0 ? 0 : nll / tokens, tokens })
  const means = <Key extends string>(table: Map<Key, Sum>) =>
    Object.fromEntries([...table].map(([key, sum]) => [key, mean(sum)])) as Partial<Record<Key, Nll>>
  return {
    add(example: MaskedExample, token: number, nll: number): void {
      const kind = example.kinds[token] as TokenKind
      const own = [into(kinds, kind)]
      if (kind !== 'observe') own.push(agent, into(parts, example.parts[token] as TokenPart))
      for (const sum of own) {
        sum.nll += nll
        sum.tokens += 1
      }
    },
    result: () => ({ ...mean(agent), byKind: means(kinds), byPart: means(parts) }),
  }
}
