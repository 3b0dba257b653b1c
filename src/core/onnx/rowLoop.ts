// `chunkedRows` as an ONNX Loop over chunks of rows: what its body holds in between never exists for all rows at once.
import type { DType, Value } from '../tensor/index.ts'
import type { Emission } from './emission.ts'
import { int, type OnnxValueInfo } from './model.ts'
import type { Scope } from './scope.ts'

/** Rows of one chunk: large enough for the matrix product to run at full rate, 25 MB of logits at 49k vocabulary. */
const CHUNK_ROWS = 128

const i64 = (scope: Scope, value: number, dims: number[] = [1]): string => scope.literal('i64', dims, [value])

/** Results of the chunks are collected as sequences, since the last chunk may be shorter than the others; sums are carried along. */
export function emitRowLoop({ scope, inputs, outputs, used, attributes: { body }, write }: Emission<'chunkedRows'>): string[] {
  const wanted = outputs.map((_, i) => i).filter((i) => used[i])
  const rows = scope.node('Gather', [scope.node('Shape', [inputs[0] as string]), i64(scope, 0, [])])
  const lastRow = scope.node('Add', [rows, i64(scope, CHUNK_ROWS - 1, [])])
  const trips = scope.node('Div', [lastRow, i64(scope, CHUNK_ROWS, [])])
  const go = scope.literal('bool', [], [1])
  const dtypeOf = (i: number): DType => (outputs[i] as Value).dtype
  const isSum = (i: number): boolean => i >= outputs.length - body.summed
  const empty = wanted.map((i) =>
    isSum(i) ? zeros(scope, outputs[i] as Value) : scope.node('SequenceEmpty', [], { attributes: { dtype: int(ELEMENT[dtypeOf(i)]) } }),
  )

  const inner = scope.inner()
  const names = { iteration: `${trips}_iteration`, go: `${trips}_go`, carried: wanted.map((i) => `${trips}_in_${i}`) }
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
  const carriedOut = results.map((value, i) =>
    inner.node(isSum(wanted[i] as number) ? 'Add' : 'SequenceInsert', [names.carried[i] as string, value]),
  )
  const goOut = inner.node('Identity', [names.go])

  const carried = (name: string, i: number): OnnxValueInfo => {
    const output = wanted[i] as number
    return { kind: isSum(output) ? 'tensor' : 'sequence', name, dtype: dtypeOf(output), dims: null }
  }
  const graph = inner.finish({
    name: 'chunk_of_rows',
    inputs: [
      { kind: 'tensor', name: names.iteration, dtype: 'i64', dims: [] },
      { kind: 'tensor', name: names.go, dtype: 'bool', dims: [] },
      ...names.carried.map(carried),
    ],
    outputs: [{ kind: 'tensor', name: goOut, dtype: 'bool', dims: [] }, ...carriedOut.map(carried)],
  })
  const sequences = scope.nodes('Loop', [trips, go, ...empty], {
    attributes: { body: { type: 'graph', value: graph } },
    outputs: wanted.length,
  })
  const found = new Map(
    wanted.map((output, i) => {
      const result = sequences[i] as string
      return [output, isSum(output) ? result : scope.node('ConcatFromSequence', [result], { attributes: { axis: int(0) } })] as const
    }),
  )
  return outputs.map((_, i) => found.get(i) ?? '')
}

function zeros(scope: Scope, { shape }: Value): string {
  if (!shape.every((dim) => typeof dim === 'number')) throw new Error('chunkedRows: a sum over chunks needs a fixed shape')
  return scope.node('ConstantOfShape', [scope.literal('i64', [shape.length], shape)])
}

/** onnx.proto3, TensorProto.DataType. */
const ELEMENT: Record<DType, number> = { f32: 1, i64: 7, bool: 9 }
