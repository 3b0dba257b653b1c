// The losses as PyTorch computed them (tests/golden/losses), each as a head loss whose head is the identity.
import { CANDIDATES, headLoss, logitsOf, logProbsOf, restOf, unsharedOf, termWeightsOf, type LossTerm } from '../../src/core/nn/losses/index.ts'
import { div, feed, gradients, ndarray, symbol, type NdArray, type Value } from '../../src/core/tensor/index.ts'
import { distributionFeeds } from '../../src/core/pipeline/training/candidates.ts'
import { goldenPath, readFloatTensors, readJson } from './golden.ts'
import { random } from './random.ts'

type Golden = {
  n: number
  vocab: number
  k: number
  labels: number[]
  weights: number[]
  losses: Record<string, { per_token: number[]; weighted_mean: number }>
}
const first = readJson<Golden>(goldenPath('losses/losses.json'))
/** With the rows of tests/golden/losses/make_more.py. */
export const golden: Golden = { ...first, losses: { ...first.losses, ...readJson<Golden>(goldenPath('losses/more.json')).losses } }
export const tensors = new Map([...readFloatTensors(goldenPath('losses/losses.safetensors')), ...readFloatTensors(goldenPath('losses/more.safetensors'))])
export const { n, vocab, k, labels, weights } = golden
const tensor = (name: string): Float32Array => tensors.get(name) as Float32Array

export type LossCase = {
  /** Row of the golden. */
  readonly golden: string
  readonly perToken: Value
  /** sum(w l) / sum(w), and its gradient with respect to the logits. */
  readonly mean: Value
  readonly gradient: Value
  readonly feeds: Map<string, NdArray>
}

const N = symbol('N')
const softmax = (logits: ArrayLike<number>): number[] => {
  const top = Math.max(...Array.from(logits))
  const exps = Array.from(logits, (x) => Math.exp(x - top))
  const total = exps.reduce((a, b) => a + b, 0)
  return exps.map((x) => x / total)
}
const rowOf = (name: string, row: number, width: number): Float32Array => tensor(name).subarray(row * width, (row + 1) * width)
const identity = ndarray([vocab, vocab], Array.from({ length: vocab * vocab }, (_, i) => (i % (vocab + 1) === 0 ? 1 : 0)))

/** Top-k of the teacher as the batch feeds them; the label is named where it is among them. */
function topFeeds(source: string, logitsName: string, count: number): Map<string, NdArray> {
  const ids: number[] = []
  const logProbs: number[] = []
  for (let row = 0; row < n; row++) {
    const p = softmax(rowOf(logitsName, row, vocab))
    const top = p.map((x, id) => ({ x, id })).sort((a, b) => b.x - a.x).slice(0, count)
    const label = labels[row] as number
    const own = top.find(({ id }) => id === label)
    const others = top.filter(({ id }) => id !== label)
    ids.push(label, ...others.map(({ id }) => id), ...Array<number>(count - others.length).fill(label))
    const tail = 1 - top.reduce((sum, { x }) => sum + x, 0)
    logProbs.push(own ? Math.log(own.x) : 1, ...others.map(({ x }) => Math.log(x)), ...Array<number>(count - others.length).fill(1), Math.log(tail))
  }
  return new Map([
    [CANDIDATES, ndarray([n, 1 + count], ids)],
    [logProbsOf(source as 'teacher'), ndarray([n, count + 2], logProbs)],
  ])
}

function caseOf(name: string, term: LossTerm | null, feedsOfTerm: ReadonlyMap<string, NdArray> = new Map()): LossCase {
  const h = feed('h', { shape: [N, vocab] })
  const head = feed('head', { shape: [vocab, vocab] })
  const label = feed('labels', { shape: [N], dtype: 'i64' })
  const weight = feed('weights', { shape: [N] })
  const result = headLoss(h, { head, labels: label, weights: weight, terms: term ? [term] : [] })
  const perToken = term ? (result.terms.get(term.source) as Value) : result.nll
  const total = feed('total', { shape: [] })
  const mean = div(result.loss, total)
  const none = weights.map(() => 0)
  const feeds = new Map<string, NdArray>([
    ['h', ndarray([n, vocab], tensor('student_logits'))],
    // The identity: the logits are h.
    ['head', identity],
    ['labels', ndarray([n], labels)],
    ['weights', ndarray([n], term ? none : weights)],
    ['total', ndarray([], [weights.reduce((a, b) => a + b, 0)])],
    ...(term ? ([[termWeightsOf(term.source), ndarray([n], weights)]] as const) : []),
    ...feedsOfTerm,
  ])
  return { golden: name, perToken, mean, gradient: gradients(mean, [h])[0] as Value, feeds }
}

const TERM = { source: 'teacher', beta: 0.5, temperature: 1 } as const
const full = (loss: LossTerm['loss'], change: Partial<LossTerm> = {}): LossTerm => ({ ...TERM, loss, given: { kind: 'full' }, ...change })
const top = (loss: LossTerm['loss'], change: Partial<LossTerm> = {}): LossTerm => ({ ...TERM, loss, given: { kind: 'top', k }, ...change })
const teacherLogits = new Map([[logitsOf('teacher'), ndarray([n, vocab], tensor('teacher_logits'))]])

/** A teacher with other tokens has 80 of them, the student 64. */
const otherTeacher = (row: number): number[] => {
  const width = tensor('teacher_logits_uld').length / n
  return softmax(rowOf('teacher_logits_uld', row, width))
}

/** All of ULD in its L1 part: no string is shared. */
function uldFeeds(): Map<string, NdArray> {
  const sorted = Array.from({ length: n }, (_, row) => otherTeacher(row).sort((a, b) => b - a))
  return new Map([
    ...topFeeds('teacher', 'teacher_logits', 0),
    [restOf('teacher'), ndarray([n, vocab], sorted.flatMap((p) => p.slice(0, vocab)))],
    [unsharedOf('teacher'), ndarray([vocab], Array<number>(vocab).fill(1))],
  ])
}

/** Even ids mean the same to both, all others have no counterpart: both parts count. The feeds are those that a batch makes. */
function mixedFeeds(term: LossTerm): Map<string, NdArray> {
  const shared = Uint8Array.from({ length: vocab }, (_, id) => Number(id % 2 === 0))
  const rowOf = (row: number) => {
    const named = otherTeacher(row).map((x, id) => ({ x, id })).sort((a, b) => b.x - a.x).slice(0, k)
    return { ids: named.map(({ id }) => (shared[id] === 1 ? id : -1)), logProbs: named.map(({ x }) => Math.log(x)) }
  }
  const fed = distributionFeeds(labels, [{ term, rowOf, weightOf: (row) => weights[row] as number, vocabulary: { shared, overlap: 0.4 } }])
  return new Map([...fed].map(([name, { shape, data }]) => [name, ndarray(shape, data)]))
}
const MIXED: LossTerm = { ...TERM, loss: 'uld', given: { kind: 'otherTokens', k, rest: k, overlap: 0.4 } }

export const lossCases: Readonly<Record<string, LossCase>> = {
  ce: caseOf('ce', null),
  'forward KL, whole vocabulary': caseOf('forward_kl', full('forwardKl'), teacherLogits),
  'reverse KL, whole vocabulary': caseOf('reverse_kl', full('reverseKl'), teacherLogits),
  'JSD 0.1': caseOf('jsd_beta_0.1', full('jsd', { beta: 0.1 }), teacherLogits),
  'JSD 0.5': caseOf('jsd_beta_0.5', full('jsd'), teacherLogits),
  'JSD 0.9': caseOf('jsd_beta_0.9', full('jsd', { beta: 0.9 }), teacherLogits),
  'JSD 0 is forward KL': caseOf('forward_kl', full('jsd', { beta: 0 }), teacherLogits),
  'JSD 1 is reverse KL': caseOf('reverse_kl', full('jsd', { beta: 1 }), teacherLogits),
  'forward KL at temperature 2, times 4': caseOf('forward_kl_temp2_times_t2', full('forwardKl', { temperature: 2 }), teacherLogits),
  'forward KL, top 8 and tail': caseOf('topk8_tail_forward_kl', top('forwardKl'), topFeeds('teacher', 'teacher_logits', k)),
  'JSD 0, top 8 and tail, is forward KL': caseOf('topk8_tail_forward_kl', top('jsd', { beta: 0 }), topFeeds('teacher', 'teacher_logits', k)),
  // All but one token named: the tail is one token, so that the whole vocabulary's figures are to be found.
  'forward KL, top 63 and tail': caseOf('forward_kl', top('forwardKl', { given: { kind: 'top', k: vocab - 1 } }), topFeeds('teacher', 'teacher_logits', vocab - 1)),
  'reverse KL, top 63 and tail': caseOf('reverse_kl', top('reverseKl', { given: { kind: 'top', k: vocab - 1 } }), topFeeds('teacher', 'teacher_logits', vocab - 1)),
  'JSD 0.9, top 63 and tail': caseOf('jsd_beta_0.9', top('jsd', { beta: 0.9, given: { kind: 'top', k: vocab - 1 } }), topFeeds('teacher', 'teacher_logits', vocab - 1)),
  'forward KL at temperature 2, top 63 and tail': caseOf('forward_kl_temp2_times_t2', top('forwardKl', { temperature: 2, given: { kind: 'top', k: vocab - 1 } }), topFeeds('teacher', 'teacher_logits', vocab - 1)),
  'ULD, no shared string': caseOf('uld_l1_first64', { ...TERM, loss: 'uld', given: { kind: 'otherTokens', k: 0, rest: vocab, overlap: 0 } }, uldFeeds()),
  'reverse KL, top 8 and tail': caseOf('topk8_tail_reverse_kl', top('reverseKl'), topFeeds('teacher', 'teacher_logits', k)),
  'JSD 0.3, top 8 and tail, temperature 1.5': caseOf('topk8_tail_jsd_beta_0.3_temp1.5', top('jsd', { beta: 0.3, temperature: 1.5 }), topFeeds('teacher', 'teacher_logits', k)),
  'ULD, half of the strings shared': caseOf('uld_mixed', MIXED, mixedFeeds(MIXED)),
}

/** A head that is trained too, with a teacher's top 3 and a base's top 2 beside the cross entropy, over chunks of rows. */
export function trainedHead(rows: number) {
  const next = random(12)
  const [V, d] = [11, 4]
  const reals = (shape: number[]): NdArray => ndarray(shape, Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 3 * (next() - 0.5)))
  const h = feed('h', { shape: [N, d] })
  const head = feed('head', { shape: [V, d] })
  const terms: LossTerm[] = [top('forwardKl', { given: { kind: 'top', k: 3 } }), top('reverseKl', { source: 'base', given: { kind: 'top', k: 2 } })]
  const label = feed('labels', { shape: [N], dtype: 'i64' })
  const weight = feed('weights', { shape: [N] })
  const { loss } = headLoss(h, { head, labels: label, weights: weight, terms, trainHead: true })
  const ids = Array.from({ length: rows }, () => Math.floor(next() * V))
  const rowOf = (k: number) => (target: number) => {
    const p = softmax(Array.from({ length: V }, (_, id) => Math.sin(3 * id + target + k)))
    const best = p.map((x, id) => ({ x, id })).sort((a, b) => b.x - a.x).slice(0, k)
    // Every fourth row has no distribution.
    return target % 4 === 3 ? null : { ids: best.map(({ id }) => id), logProbs: best.map(({ x }) => Math.log(x)) }
  }
  const fed = distributionFeeds(ids, terms.map((term, i) => ({
    term,
    rowOf: rowOf(3 - i),
    weightOf: (target) => (target % 4 === 3 ? 0 : 0.3 + 0.1 * (target % 3)),
    vocabulary: null,
  })))
  const feeds = new Map<string, NdArray>([
    ['h', reals([rows, d])],
    ['head', reals([V, d])],
    ['labels', ndarray([rows], ids)],
    ['weights', ndarray([rows], ids.map((_, row) => (row % 5) / 4))],
    ...[...fed].map(([name, { shape, data }]) => [name, ndarray(shape, data)] as const),
  ])
  return { loss, gradients: gradients(loss, [h, head]), feeds }
}
