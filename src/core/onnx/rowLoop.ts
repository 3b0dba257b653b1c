// `chunkedRows` as an ONNX Loop over chunks of rows: what its body holds in between never exists for all rows at once.
import type { DType, Value } from '../tensor/index.ts'
import type { Emission } from './emission.ts'
import { int } from './model.ts'
import type { Scope } from './scope.ts'

/** Rows of one chunk: large enough for the matrix product to run at full rate, 25 MB of logits at 49k vocabulary. */
const CHUNK_ROWS = 128

const i64 = (scope: Scope, value: number, dims: number[] = [1]): string => scope.literal('i64', dims, [value])

/** Results of the chunks are collected as sequences, since the last chunk may be shorter than the others. */
export function emitRowLoop({ scope, inputs, outputs, used, attributes: { body }, write }: Emission<'chunkedRows'>): string[] {
  const wanted = outputs.map((_, i) => i).filter((i) => used[i])
  const rows = scope.node('Gather', [scope.node('Shape', [inputs[0] as string]), i64(scope, 0, [])])
  const lastRow = scope.node('Add', [rows, i64(scope, CHUNK_ROWS - 1, [])])
  const trips = scope.node('Div', [lastRow, i64(scope, CHUNK_ROWS, [])])
  const go = scope.literal('bool', [], [1])
  const dtypeOf = (i: number): DType => (outputs[i] as Value).dtype
  const empty = wanted.map((i) => scope.node('SequenceEmpty', [], { attributes: { dtype: int(ELEMENT[dtypeOf(i)]) } }))

  const inner = scope.inner()
  const names = { iteration: `${empty[0]}_iteration`, go: `${empty[0]}_go`, carried: empty.map((name) => `${name}_in`) }
  const iteration = inner.node('Reshape', [names.iteration, i64(inner, 1)])
  const start = inner.node('Mul', [iteration, i64(inner, CHUNK_ROWS)])
  const end = inner.node('Add', [start, i64(inner, CHUNK_ROWS)])
  const known = new Map(
    body.leaves.map((leaf, i) => {
      const whole = inputs[i] as string
      return [leaf, i < body.rows ? inner.node('Slice', [whole, start, end, i64(inner, 0)]) : whole] as const
    }),
  )
  const results = write(inner, { known, outputs: wanted.map((i) => body.outputs[i] as Value) })
  const carriedOut = results.map((value, i) => inner.node('SequenceInsert', [names.carried[i] as string, value]))
  const goOut = inner.node('Identity', [names.go])

  const sequence = (name: string, i: number) => ({ kind: 'sequence', name, dtype: dtypeOf(wanted[i] as number), dims: null }) as const
  const graph = inner.finish({
    name: 'chunk_of_rows',
    inputs: [
      { kind: 'tensor', name: names.iteration, dtype: 'i64', dims: [] },
      { kind: 'tensor', name: names.go, dtype: 'bool', dims: [] },
      ...names.carried.map(sequence),
    ],
    outputs: [{ kind: 'tensor', name: goOut, dtype: 'bool', dims: [] }, ...carriedOut.map(sequence)],
  })
  const sequences = scope.nodes('Loop', [trips, go, ...empty], {
    attributes: { body: { type: 'graph', value: graph } },
    outputs: wanted.length,
  })
  const found = new Map(
    wanted.map((output, i) => [output, scope.node('ConcatFromSequence', [sequences[i] as string], { attributes: { axis: int(0) } })]),
  )
  return outputs.map((_, i) => found.get(i) ?? '')
}

/** onnx.proto3, TensorProto.DataType. */
const ELEMENT: Record<DType, number> = { f32: 1, i64: 7, bool: 9 }
