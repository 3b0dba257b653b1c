// safetensors files: read and write.
export { readSafetensors } from './reader.ts'
export type { Dtype, Safetensors, SafetensorsTensor } from './reader.ts'
export { TensorAccessError, readBytes, readFloats, readInt32s, readInt64s } from './values.ts'
export type { TensorAccess } from './values.ts'
export { writeSafetensors } from './writer.ts'
export type { SafetensorsContent, SafetensorsInput } from './writer.ts'
