// GGUF files: read, dequantise, write.
export { readGguf } from './reader.ts'
export type { Gguf, GgufTensorInfo } from './reader.ts'
export {
  MetadataError,
  metadataBoolean,
  metadataNumber,
  metadataNumbers,
  metadataString,
  metadataStrings,
} from './metadata.ts'
export { implausibleModel } from './languageModel.ts'
export { DEQUANTISED_TYPES, UnsupportedTypeError, dequantise } from './dequantise.ts'
export { codingOf, recode, type Coding, type Recoded } from './recode.ts'
export { quantise, QUANTISED_TYPES, type QuantisedType } from './quantise.ts'
export { FILE_TYPES, storedType } from './quantisePreset.ts'
export { readTensorF32, streamTensorF32 } from './readTensor.ts'
export { GGML_TYPES } from './types.ts'
export type { GgmlTypeName } from './types.ts'
export type { GgufArray, GgufValue } from './values.ts'
export { writeGguf, writeGgufInSteps } from './writer.ts'
export type { GgufContent, GgufTensorInput } from './writer.ts'
export { writeF32Copy } from './f32Copy.ts'
