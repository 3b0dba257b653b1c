// Frozen weights that are stored as codes, or in half precision: where a graph reads one, it is turned into float32 there and
// then, so that the float32 copy of one weight lives only as long as the operation that reads it.
import type { OpName, Value } from '../tensor/index.ts'
import { int, type OnnxInitializer } from './model.ts'
import type { Scope } from './scope.ts'

type External = Extract<OnnxInitializer['data'], { kind: 'external' }>

export type CodedWeight =
  | {
      readonly kind: 'codes'
      /** Values of a row, one behind the other, that share scale and minimum: value = (code - zero) * scale + minimum. */
      readonly group: number
      readonly zero: number
      /**
       * [rows, groups, group] bytes: 'i8' and 'u8' one code each; 'u4' [rows, groups / 2, group] bytes, whose low halves are the codes of the
       * first half of a row's groups, whose high halves those of the second.
       */
      readonly packing: 'i8' | 'u8' | 'u4'
      readonly codes: External
      /** float32 [rows, groups]. */
      readonly scales: External
      readonly minima: External | null
    }
  | { readonly kind: 'half'; readonly dtype: 'f16' | 'bf16'; readonly data: External }

const FLOAT = 1
const INT64 = 7
const BOOL = 9

/** A weight [rows, columns] by the names of its parts. */
export type StoredCodes = { readonly rows: number; readonly columns: number; readonly weight: CodedWeight; readonly parts: Parts }
type Parts = { readonly data: string; readonly scales: string; readonly minima: string | null }

const vector = (scope: Scope, values: readonly number[]): string => scope.literal('i64', [values.length], values)

/** Adds the parts of a weight to the graph. */
export function storeCodes(scope: Scope, { name, shape }: { name: string; shape: readonly number[] }, weight: CodedWeight): StoredCodes {
  const [rows, columns] = shape as [number, number]
  if (shape.length !== 2) throw new Error(`${name}: ${shape.length} axes in codes, two expected`)
  if (weight.kind === 'half') {
    scope.add({ name: `${name}.half`, dtype: weight.dtype, dims: shape, data: weight.data })
    return { rows, columns, weight, parts: { data: `${name}.half`, scales: '', minima: null } }
  }
  const { group, packing, codes, scales, minima } = weight
  const groups = columns / group
  const stored = packing === 'u4' ? groups / 2 : groups
  scope.add({ name: `${name}.codes`, dtype: packing === 'i8' ? 'i8' : 'u8', dims: [rows, stored, group], data: codes })
  scope.add({ name: `${name}.scales`, dtype: 'f32', dims: [rows, groups, 1], data: scales })
  if (minima) scope.add({ name: `${name}.minima`, dtype: 'f32', dims: [rows, groups, 1], data: minima })
  return { rows, columns, weight, parts: { data: `${name}.codes`, scales: `${name}.scales`, minima: minima && `${name}.minima` } }
}

/**
 * A weight as float32 for one reader. It waits for `token`, another input of that reader: all that it is made of is stored, so the
 * runtime would else compute it when it loads the graph and keep it, or before it is needed, or once for all readers.
 */
export function decoded(scope: Scope, { rows, columns, weight, parts }: StoredCodes, token: { readonly name: string; readonly rank: number }): string {
  const dims = weight.kind === 'half' ? [rows, columns] : storedDims({ rows, columns, weight })
  const waiting = scope.node('Reshape', [parts.data, scope.node('Add', [nothing(scope, token), vector(scope, dims)])])
  scope.describe({ kind: 'tensor', name: waiting, dtype: elementOf(weight), dims })
  return toFloat(scope, { rows, columns, weight, parts: { ...parts, data: waiting } })
}

/** The rows of a weight that `index` [count] names. */
export function decodedRows(scope: Scope, { columns, weight, parts }: StoredCodes, index: { readonly name: string; readonly count: number | string }): string {
  const pick = (name: string): string => scope.node('Gather', [name, index.name])
  const picked = { data: pick(parts.data), scales: parts.scales && pick(parts.scales), minima: parts.minima && pick(parts.minima) }
  return toFloat(scope, { rows: index.count, columns, weight, parts: picked })
}

const elementOf = (weight: CodedWeight): 'u8' | 'i8' | 'f16' | 'bf16' =>
  weight.kind === 'half' ? weight.dtype : weight.packing === 'i8' ? 'i8' : 'u8'

const storedDims = ({ rows, columns, weight }: { rows: number; columns: number; weight: Extract<CodedWeight, { kind: 'codes' }> }): number[] =>
  [rows, columns / weight.group / (weight.packing === 'u4' ? 2 : 1), weight.group]

/** [0] as whole numbers, known when the first element of `token` is; also where that is no number. */
function nothing(scope: Scope, { name, rank }: { readonly name: string; readonly rank: number }): string {
  const at = (value: number): string => vector(scope, Array<number>(rank).fill(value))
  const first = scope.node('Slice', [name, at(0), at(1)])
  const truth = scope.node('Cast', [first], { attributes: { to: int(BOOL) } })
  const whole = scope.node('Reshape', [scope.node('Cast', [truth], { attributes: { to: int(INT64) } }), vector(scope, [1])])
  return scope.node('Mul', [whole, vector(scope, [0])])
}

type Decoding = Omit<StoredCodes, 'rows'> & { readonly rows: number | string }

/** What is computed here depends on what is fed, all of it. */
function toFloat(scope: Scope, { rows, columns, weight, parts }: Decoding): string {
  const describe = (name: string, dtype: 'f32' | 'u8' | 'i8', dims: readonly (number | string)[]): string => {
    scope.describe({ kind: 'tensor', name, dtype, dims })
    return name
  }
  const asFloat = (name: string, dims: readonly (number | string)[]): string =>
    describe(scope.node('Cast', [name], { attributes: { to: int(FLOAT) } }), 'f32', dims)
  if (weight.kind === 'half') return asFloat(parts.data, [rows, columns])
  const { group, packing, zero } = weight
  const groups = columns / group
  const dims = [rows, groups, group]
  const codes = packing === 'u4' ? describe(unpacked(scope, parts.data), 'u8', dims) : parts.data
  const numbers = asFloat(codes, dims)
  const centred = zero === 0 ? numbers : describe(scope.node('Sub', [numbers, scope.literal('f32', [], [zero])]), 'f32', dims)
  const scaled = describe(scope.node('Mul', [centred, parts.scales]), 'f32', dims)
  const whole = parts.minima === null ? scaled : describe(scope.node('Add', [scaled, parts.minima]), 'f32', dims)
  return scope.node('Reshape', [whole, vector(scope, [-1, columns])])
}

/** Bytes [.., groups / 2, group] as codes [.., groups, group]. */
function unpacked(scope: Scope, bytes: string): string {
  const low = scope.node('BitwiseAnd', [bytes, scope.literal('u8', [], [15])])
  const high = scope.node('BitShift', [bytes, scope.literal('u8', [], [4])], { attributes: { direction: { type: 'string', value: 'RIGHT' } } })
  return scope.node('Concat', [low, high], { attributes: { axis: int(1) } })
}

export type Reading = { readonly op: OpName; readonly values: readonly Value[]; readonly names: readonly string[] }

/** A value that is computed and not stored, which a reader of a weight waits for anyway. */
export function tokenOf({ op, values, names }: Reading, stored: ReadonlyMap<string, StoredCodes>): { name: string; rank: number } {
  const i = values.findIndex((value, at) => value.dtype === 'f32' && value.shape.length > 0 && !stored.has(names[at] as string))
  if (i < 0) throw new Error(`${op}: reads a weight in codes and nothing else`)
  return { name: names[i] as string, rank: (values[i] as Value).shape.length }
}
