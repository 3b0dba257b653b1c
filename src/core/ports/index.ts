// What the core asks of the world.
export type { Sha256 } from './hash.ts'
export type { ByteSource } from './byteSource.ts'
export type { ByteSink } from './byteSink.ts'
export type { ChatMessage, ChatTemplate, ControlToken, OrderedRendering, Tokenizer } from './tokenizer.ts'
export type { Line, LineSource, TextPiece } from './lineSource.ts'
export type { CompressionMethod, Unpack } from './unpack.ts'
export type { CompiledGraph, FedTensor, GraphRuntime } from './graphRuntime.ts'
export type { SharedVocabulary, TeacherCoverage, TeacherDistributions, TeacherRow } from './teacherDistributions.ts'
