// The loss of a pass at the LM head, in chunks of rows: cross entropy of every row, and terms against distributions.
import {
  add, chunkedRows, concat, constant, feed, fillColumns, gatherRows, gradients, lessOrEqual, logSoftmax, logSumExp, matmul, mul,
  reshape, split, sum, timesDim, where, withGradient, type Dim, type Value,
} from '../../tensor/index.ts'
import { FAR } from './arithmetic.ts'
import { crossEntropy } from './crossEntropy.ts'
import { logProbsOf } from './distributions.ts'
import { LOSSES } from './table.ts'
import type { LossFeed, LossTerm } from './row.ts'

/** The least float32: a logit that adds nothing to a sum of exponentials. */
const LOWEST = -3.4028234663852886e38

export type HeadLossInputs = {
  /** W [V, d]. */
  readonly head: Value
  /** [N]. */
  readonly labels: Value
  /** [N], of the cross entropy. */
  readonly weights: Value
  readonly terms?: readonly LossTerm[]
  /** Whether a gradient flows into the head, too. */
  readonly trainHead?: boolean
}

export type HeadLoss = {
  /** sum of weight * cross entropy, and of each term's own weight * loss: a scalar. */
  readonly loss: Value
  /** [N], nats. */
  readonly nll: Value
  /** [N], 1 where no logit is larger than the label's. */
  readonly correct: Value
  /** [N], each term's losses. */
  readonly terms: ReadonlyMap<LossTerm['source'], Value>
}

export const termWeightsOf = (source: LossTerm['source']): string => `${source}Weights`
/** Fed where a term names tokens: [N, 1 + K] ids, the label first, then candidates; the label again where there are fewer. */
export const CANDIDATES = 'candidates'

const namedTokens = ({ given }: LossTerm): number => (given.kind === 'full' ? 0 : given.k)
/** Columns of candidates for these terms. */
export const candidateCount = (terms: readonly LossTerm[]): number => terms.reduce((total, term) => total + namedTokens(term), 0)

/**
 * The loss of hidden states h [N, d] and its gradient with respect to h, and to the head where that is trained. Logits exist for
 * one chunk of rows at a time. The softmax of each chunk is multiplied with W once; weights are applied to that product's rows.
 */
export function headLoss(h: Value, { head, labels, weights, terms = [], trainHead = false }: HeadLossInputs): HeadLoss {
  const [vocabulary] = head.shape as [number]
  const [rows] = h.shape as [Dim]
  const sizes = { rows, candidates: candidateCount(terms), vocabulary }
  const needed = terms.flatMap((term): LossFeed[] => [
    { name: termWeightsOf(term.source), shape: [rows], perRow: true },
    ...LOSSES[term.loss].feeds(term, sizes),
  ])
  const named: LossFeed[] = sizes.candidates === 0 ? [] : [{ name: CANDIDATES, shape: [rows, 1 + sizes.candidates], dtype: 'i64', perRow: true }]
  const extra = [...named, ...needed]
  const leaves = new Map(extra.map(({ name, shape, dtype }) => [name, feed(name, { shape, ...(dtype && { dtype }) })]))
  const values = (names: readonly string[]): Value[] => names.map((name) => leaves.get(name) as Value)
  const cut = extra.filter(({ perRow }) => perRow).map(({ name }) => name)
  const whole = extra.filter(({ perRow }) => !perRow).map(({ name }) => name)

  const results = chunkedRows(
    { rows: [h, labels, weights, ...values(cut)], shared: [head, ...values(whole)] },
    ([chunkH, chunkLabels, chunkWeights, ...fedRows], [w, ...fedShared]) => {
      const fed = new Map([...cut.map((name, i) => [name, fedRows[i]] as const), ...whole.map((name, i) => [name, fedShared[i]] as const)])
      return chunkLosses({
        h: chunkH as Value,
        head: w as Value,
        labels: chunkLabels as Value,
        weights: chunkWeights as Value,
        terms,
        trainHead,
        fed: (name) => fed.get(name) as Value,
      })
    },
    { summed: trainHead ? 1 : 0 },
  )
  const [nll, correct, gradient, ...ofTerms] = results as [Value, Value, Value, ...Value[]]
  const weighted = terms.map(({ source }, i) => mul(leaves.get(termWeightsOf(source)) as Value, ofTerms[i] as Value))
  const total = [mul(weights, nll), ...weighted].map((values) => sum(values, [0])).reduce(add)
  return {
    loss: withGradient(total, [[h, gradient], ...(trainHead ? ([[head, results.at(-1) as Value]] as const) : [])]),
    nll,
    correct,
    terms: new Map(terms.map(({ source }, i) => [source, ofTerms[i] as Value])),
  }
}

type Chunk = {
  readonly h: Value
  readonly head: Value
  readonly labels: Value
  readonly weights: Value
  readonly terms: readonly LossTerm[]
  readonly trainHead: boolean
  readonly fed: (name: string) => Value
}

/** Of one chunk: nll [C], correct [C], d loss / d h [C, d], the losses [C] of each term, and d loss / d W [V, d] where asked for. */
function chunkLosses({ h, head, labels, weights, terms, trainHead, fed }: Chunk): Value[] {
  const rows = h.shape[0] as Dim
  const count = candidateCount(terms)
  const ids = count === 0 ? reshape(labels, [rows, 1]) : fed(CANDIDATES)
  const logits = matmul(h, head, { transposeB: true })
  // The tokens that are named get their logits from their own rows of W: their gradients need no array over the vocabulary.
  const own = namedLogits(h, head, ids)
  const rest = fillColumns(logits, ids, LOWEST)
  const tail = logSumExp(rest)
  const tokens = terms.reduce(
    (otherwise, { source, given }) =>
      given.kind === 'full' ? otherwise : where(isNamed(fed(logProbsOf(source))), own, otherwise),
    count === 0 ? own : where(labelColumn(1 + count), own, constant(FAR)),
  )
  const outcomes = logSoftmax(concat([tokens, tail.y]))
  const chunk = { outcomes, logits, fed }
  const nll = crossEntropy(chunk)
  const ofTerms = terms.map((term) => LOSSES[term.loss].perRow(chunk, term))
  const weighted = [mul(weights, nll), ...terms.map(({ source }, i) => mul(fed(termWeightsOf(source)), ofTerms[i] as Value))]
  const total = sum(weighted.reduce(add), [0])
  const whole = terms.some(readsLogits) ? [logits] : []
  const wanted = [h, ...(trainHead ? [head] : [])]
  const found = gradients(total, [...wanted, rest, ...whole])
  const throughLogits = found.slice(wanted.length).reduce(add)
  const toH = add(found[0] as Value, pullThroughHead(throughLogits, head))
  const toHead = trainHead ? [add(found[1] as Value, matmul(throughLogits, h, { transposeA: true }))] : []
  return [nll, isFirst(concat([tokens, tail.top])), toH, ...ofTerms, ...toHead]
}

const readsLogits = ({ given }: LossTerm): boolean => given.kind !== 'top'

/** Logits [C, M] of the tokens ids [C, M]. */
function namedLogits(h: Value, head: Value, ids: Value): Value {
  const [rows, many] = ids.shape as [Dim, number]
  const width = head.shape[1] as number
  const vectors = reshape(gatherRows(head, reshape(ids, [timesDim(rows, many)])), [rows, many, width])
  return reshape(matmul(reshape(h, [rows, 1, width]), vectors, { transposeB: true }), [rows, many])
}

const labelColumn = (columns: number): Value =>
  constant(Array.from({ length: columns }, (_, i) => Number(i === 0)), { shape: [columns], dtype: 'bool' })

/** Which of the label and the candidates a distribution names; its last column is the tail. */
function isNamed(logProbs: Value): Value {
  const columns = logProbs.shape[1] as number
  return lessOrEqual(split(logProbs, [columns - 1, 1])[0] as Value, constant(0))
}

/** [C]: 1 where no column is larger than the first. */
function isFirst(logits: Value): Value {
  const [first] = split(logits, [1, (logits.shape[1] as number) - 1]) as [Value]
  const larger = sum(where(lessOrEqual(logits, first), constant(0), constant(1)), [1])
  return where(lessOrEqual(larger, constant(0.5)), constant(1), constant(0))
}

/** (c P) W = c (P W): a factor per row is applied to the product, which is a hundredth of P in size. */
function pullThroughHead(gradient: Value, head: Value): Value {
  const [x, factor] = gradient.node.op === 'mul' ? gradient.node.inputs : []
  if (x && factor && factor.shape[1] === 1 && x.shape[1] !== 1) return mul(matmul(x, head), factor)
  return matmul(gradient, head)
}
