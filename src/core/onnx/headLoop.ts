// The head's cross entropy as an ONNX Loop over chunks of rows: logits of a whole sequence never exist.
import type { Emission } from './emission.ts'
import { int } from './model.ts'
import type { Scope } from './scope.ts'

/** Rows of one chunk: large enough for the matrix product to run at full rate, 25 MB of logits at 49k vocabulary. */
const CHUNK_ROWS = 128

const i64 = (scope: Scope, value: number, dims: number[] = [1]): string => scope.literal('i64', dims, [value])

/**
 * Per chunk, with P = softmax(h W^T): nll = max + log-sum - logit[label], where log-sum = -log(max P);
 * d(w nll)/dh = w (P W - W[label]). The weight of a row is applied to the small result, never to the logits.
 */
export function emitHeadCrossEntropy({ scope, inputs, used }: Emission<'headCrossEntropy'>): string[] {
  const [h, head, labels, weights] = inputs as [string, string, string, string]
  const rows = scope.node('Gather', [scope.node('Shape', [h]), i64(scope, 0, [])])
  const lastRow = scope.node('Add', [rows, i64(scope, CHUNK_ROWS - 1, [])])
  const trips = scope.node('Div', [lastRow, i64(scope, CHUNK_ROWS, [])])
  const go = scope.literal('bool', [], [1])
  const withGradient = used[3] === true
  const results = withGradient ? 3 : 2
  const empty = Array.from({ length: results }, () => scope.node('SequenceEmpty', []))

  const body = scope.inner()
  const names = { iteration: `${empty[0]}_iteration`, go: `${empty[0]}_go`, carried: empty.map((name) => `${name}_in`) }
  const iteration = body.node('Reshape', [names.iteration, i64(body, 1)])
  const start = body.node('Mul', [iteration, i64(body, CHUNK_ROWS)])
  const end = body.node('Add', [start, i64(body, CHUNK_ROWS)])
  const chunk = (name: string): string => body.node('Slice', [name, start, end, i64(body, 0)])
  const [chunkH, chunkLabels, chunkWeights] = [h, labels, weights].map(chunk) as [string, string, string]
  const axis1 = i64(body, 1)

  const logits = body.node('Gemm', [chunkH, head], { attributes: { transB: int(1) } })
  const probabilities = body.node('Softmax', [logits], { attributes: { axis: int(-1) } })
  const top = body.node('ReduceMax', [logits, axis1], { attributes: { keepdims: int(1) } })
  const topProbability = body.node('ReduceMax', [probabilities, axis1], { attributes: { keepdims: int(1) } })
  const labelColumn = body.node('Unsqueeze', [chunkLabels, axis1])
  const labelLogit = body.node('GatherElements', [logits, labelColumn], { attributes: { axis: int(1) } })
  const belowTop = body.node('Sub', [top, labelLogit])
  const nll = body.node('Squeeze', [body.node('Sub', [belowTop, body.node('Log', [topProbability])]), axis1])
  const isTop = body.node('GreaterOrEqual', [labelLogit, top])
  const correct = body.node('Squeeze', [body.node('Cast', [isTop], { attributes: { to: int(1) } }), axis1])
  const gradient = (): string => {
    const pull = body.node('Gemm', [probabilities, head])
    const residual = body.node('Sub', [pull, body.node('Gather', [head, chunkLabels])])
    return body.node('Mul', [residual, body.node('Unsqueeze', [chunkWeights, axis1])])
  }
  const carriedOut = [nll, correct, ...(withGradient ? [gradient()] : [])].map((value, i) =>
    body.node('SequenceInsert', [names.carried[i] as string, value]),
  )
  const goOut = body.node('Identity', [names.go])

  const graph = body.finish({
    name: 'head_chunk',
    inputs: [
      { kind: 'tensor', name: names.iteration, dtype: 'i64', dims: [] },
      { kind: 'tensor', name: names.go, dtype: 'bool', dims: [] },
      ...names.carried.map((name) => ({ kind: 'sequence', name, dtype: 'f32', dims: null }) as const),
    ],
    outputs: [
      { kind: 'tensor', name: goOut, dtype: 'bool', dims: [] },
      ...carriedOut.map((name) => ({ kind: 'sequence', name, dtype: 'f32', dims: null }) as const),
    ],
  })
  const sequences = scope.nodes('Loop', [trips, go, ...empty], {
    attributes: { body: { type: 'graph', value: graph } },
    outputs: results,
  })
  const [nllAll, correctAll, gradientAll] = sequences.map((name) =>
    scope.node('ConcatFromSequence', [name], { attributes: { axis: int(0) } }),
  ) as [string, string, string | undefined]
  const weighted = scope.node('Mul', [weights, nllAll])
  const loss = scope.node('ReduceSum', [weighted], { attributes: { keepdims: int(0) } })
  return [loss, nllAll, correctAll, gradientAll ?? '']
}
