// Builds GGUF bytes by hand, sound or not, independently of the writer.

type Part = Uint8Array

export const u8 = (value: number): Part => Uint8Array.of(value)

export function u32(value: number): Part {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setUint32(0, value, true)
  return out
}

export function u64(value: number | bigint): Part {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(value), true)
  return out
}

export function f32(value: number): Part {
  const out = new Uint8Array(4)
  new DataView(out.buffer).setFloat32(0, value, true)
  return out
}

export const text = (value: string): Part => new TextEncoder().encode(value)

/** Length and bytes of a GGUF string. */
export const string = (value: string): Part => join(u64(text(value).length), text(value))

export function join(...parts: Part[]): Part {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Type numbers as the GGUF specification lists them. */
export const VALUE = {
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

export const entry = (key: string, type: number, ...value: Part[]): Part => join(string(key), u32(type), ...value)

export type TensorBytes = { name: string; ne: (number | bigint)[]; type: number; offset: number | bigint }

export const tensor = ({ name, ne, type, offset }: TensorBytes): Part =>
  join(string(name), u32(ne.length), ...ne.map(u64), u32(type), u64(offset))

export type FileBytes = {
  magic?: Part
  version?: number
  tensorCount?: number | bigint
  metadataCount?: number | bigint
  metadata?: Part[]
  tensors?: Part[]
  /** Data after the header, padded to `alignment`. */
  data?: Part
  alignment?: number
}

export function ggufFile(file: FileBytes): Part {
  const { magic = text('GGUF'), version = 3, metadata = [], tensors = [], alignment = 32 } = file
  const data = file.data ?? new Uint8Array(0)
  const counts = join(u64(file.tensorCount ?? tensors.length), u64(file.metadataCount ?? metadata.length))
  const head = join(magic, u32(version), counts, ...metadata, ...tensors)
  return join(head, new Uint8Array((alignment - (head.length % alignment)) % alignment), data)
}
