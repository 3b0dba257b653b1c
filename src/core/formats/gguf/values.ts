// Metadata values of a GGUF file, with their stored types, and the table of those types.

export type NumberType = 'u8' | 'i8' | 'u16' | 'i16' | 'u32' | 'i32' | 'f32' | 'f64'
export type BigType = 'u64' | 'i64'
export type ScalarType = NumberType | BigType | 'bool'

export type NumberArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array

export type GgufArray =
  | { readonly type: 'array'; readonly of: NumberType; readonly value: NumberArray }
  | { readonly type: 'array'; readonly of: BigType; readonly value: BigUint64Array | BigInt64Array }
  | { readonly type: 'array'; readonly of: 'bool'; readonly value: readonly boolean[] }
  | { readonly type: 'array'; readonly of: 'string'; readonly value: readonly string[] }
  | { readonly type: 'array'; readonly of: 'array'; readonly value: readonly GgufArray[] }

export type GgufValue =
  | { readonly type: NumberType; readonly value: number }
  | { readonly type: BigType; readonly value: bigint }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | GgufArray

type NumberRow = {
  readonly size: number
  readonly get: (view: DataView, at: number) => number
  readonly set: (view: DataView, at: number, value: number) => void
  readonly array: (buffer: ArrayBuffer) => NumberArray
}

/** Number types: bytes, access, and the typed array that holds many of them. */
export const NUMBERS: { readonly [T in NumberType]: NumberRow } = {
  u8: { size: 1, get: (v, i) => v.getUint8(i), set: (v, i, x) => v.setUint8(i, x), array: (b) => new Uint8Array(b) },
  i8: { size: 1, get: (v, i) => v.getInt8(i), set: (v, i, x) => v.setInt8(i, x), array: (b) => new Int8Array(b) },
  u16: {
    size: 2,
    get: (v, i) => v.getUint16(i, true),
    set: (v, i, x) => v.setUint16(i, x, true),
    array: (b) => new Uint16Array(b),
  },
  i16: {
    size: 2,
    get: (v, i) => v.getInt16(i, true),
    set: (v, i, x) => v.setInt16(i, x, true),
    array: (b) => new Int16Array(b),
  },
  u32: {
    size: 4,
    get: (v, i) => v.getUint32(i, true),
    set: (v, i, x) => v.setUint32(i, x, true),
    array: (b) => new Uint32Array(b),
  },
  i32: {
    size: 4,
    get: (v, i) => v.getInt32(i, true),
    set: (v, i, x) => v.setInt32(i, x, true),
    array: (b) => new Int32Array(b),
  },
  f32: {
    size: 4,
    get: (v, i) => v.getFloat32(i, true),
    set: (v, i, x) => v.setFloat32(i, x, true),
    array: (b) => new Float32Array(b),
  },
  f64: {
    size: 8,
    get: (v, i) => v.getFloat64(i, true),
    set: (v, i, x) => v.setFloat64(i, x, true),
    array: (b) => new Float64Array(b),
  },
}

/** Type numbers of metadata values (GGUF specification, gguf_metadata_value_type). */
export const VALUE_TYPE_IDS: { readonly [T in GgufValue['type']]: number } = {
  u8: 0,
  i8: 1,
  u16: 2,
  i16: 3,
  u32: 4,
  i32: 5,
  f32: 6,
  bool: 7,
  string: 8,
  array: 9,
  u64: 10,
  i64: 11,
  f64: 12,
}

const BY_ID = new Map(Object.entries(VALUE_TYPE_IDS).map(([name, id]) => [id, name as GgufValue['type']]))

/** Name of a value type number; undefined when GGUF defines none. */
export const valueTypeName = (id: number): GgufValue['type'] | undefined => BY_ID.get(id)

export const isNumberType = (type: GgufValue['type']): type is NumberType => type in NUMBERS
