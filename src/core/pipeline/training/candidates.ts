// Distributions of a batch as feeds: for each target the tokens that they name, and their log-probabilities in one order.
import { CANDIDATES, candidateCount, logProbsOf, restOf, termWeightsOf, unsharedOf, type LossTerm } from '../../nn/index.ts'
import type { FedTensor, SharedVocabulary, TeacherRow } from '../../ports/index.ts'

/** A term with what its feeds are made of; rows are those of the batch's targets. */
export type FedTerm = {
  readonly term: LossTerm
  /** null: no distribution is known; the weight must then be 0. */
  readonly rowOf: (target: number) => TeacherRow | null
  readonly weightOf: (target: number) => number
  /** Where the tokens differ. */
  readonly vocabulary: SharedVocabulary | null
}

/** "Not among the named ones": its probability lies in the tail. */
const UNNAMED = 1
/** The least log-probability of a tail: what rounding makes of nothing must not become infinite in reverse KL. */
const LEAST_TAIL = -30

/**
 * Feeds of terms whose distributions are given by their top-k. `labels` are the batch's, one per target. A token that several
 * distributions name stands in one column; columns that a target does not need repeat its label and are named by none.
 */
export function distributionFeeds(labels: readonly number[], terms: readonly FedTerm[]): Map<string, FedTensor> {
  const rows = labels.length
  const width = 1 + candidateCount(terms.map(({ term }) => term))
  const candidates = new BigInt64Array(rows * width)
  const fed = terms.map((one) => startTerm(one, { rows, columns: width + 1 }))
  labels.forEach((label, row) => {
    candidates.fill(BigInt(label), row * width, (row + 1) * width)
    const columnOf = new Map([[label, 0]])
    for (const { rowOf, fill } of fed) {
      const found = rowOf(row)
      if (found === null) continue
      fill(row, found, (id) => {
        const known = columnOf.get(id)
        if (known !== undefined) return known
        const column = columnOf.size
        columnOf.set(id, column)
        candidates[row * width + column] = BigInt(id)
        return column
      })
    }
  })
  return new Map<string, FedTensor>([
    ...(width > 1 ? ([[CANDIDATES, { dtype: 'i64', shape: [rows, width], data: candidates }]] as const) : []),
    ...fed.flatMap(({ feeds }) => feeds),
  ])
}

type Size = { readonly rows: number; readonly columns: number }

function startTerm({ term, rowOf, weightOf, vocabulary }: FedTerm, { rows, columns }: Size) {
  const { given, source } = term
  if (given.kind === 'full') throw new Error('distributionFeeds: a distribution over the whole vocabulary has no top-k')
  const f32 = (shape: number[], data: Float32Array): FedTensor => ({ dtype: 'f32', shape, data })
  const logProbs = new Float32Array(rows * columns).fill(UNNAMED)
  // Without a distribution all is tail on both sides, and the loss is 0.
  for (let row = 0; row < rows; row++) logProbs[(row + 1) * columns - 1] = 0
  const weights = Float32Array.from({ length: rows }, (_, row) => weightOf(row))
  const many = given.kind === 'otherTokens' ? given.rest : 0
  const rest = new Float32Array(rows * many)
  const fill = (row: number, { ids, logProbs: given }: TeacherRow, columnOf: (id: number) => number): void => {
    let mass = 0
    const unshared: number[] = []
    for (let i = 0; i < ids.length; i++) {
      const [id, logProb] = [ids[i] as number, given[i] as number]
      if (id < 0) {
        unshared.push(Math.exp(logProb))
        continue
      }
      mass += Math.exp(logProb)
      logProbs[row * columns + columnOf(id)] = Math.min(0, logProb)
    }
    logProbs[(row + 1) * columns - 1] = Math.max(LEAST_TAIL, Math.log(Math.max(0, 1 - mass)))
    rest.set(unshared.sort((a, b) => b - a).slice(0, many), row * many)
  }
  const feeds: [string, FedTensor][] = [
    [termWeightsOf(source), f32([rows], weights)],
    [logProbsOf(source), f32([rows, columns], logProbs)],
  ]
  if (given.kind === 'otherTokens') {
    if (!vocabulary) throw new Error('distributionFeeds: which strings are shared must be known where the tokens differ')
    feeds.push(
      [restOf(source), f32([rows, many], rest)],
      [unsharedOf(source), f32([vocabulary.shared.length], Float32Array.from(vocabulary.shared, (shared) => 1 - shared))],
    )
  }
  return { rowOf, fill, feeds }
}
