// A llama.cpp context over a student, with an adapter laid over its weights at a given scale.
import { availableParallelism } from 'node:os'
import type { LlamaContext } from 'node-llama-cpp'
import { RetortError } from '../../shared/errors.ts'
import { checkAdapter } from '../models/index.ts'
import { adapterName } from './adapterName.ts'
import type { Student } from './student.ts'

/** A LoRA adapter as llama.cpp's GGUF; `scale` multiplies its effect: 0 is the plain student, 1 the adapter as trained. */
export type AdapterChoice = { readonly path: string; readonly scale: number }

export type ContextInput = {
  readonly student: Student
  readonly adapter?: AdapterChoice | undefined
  /** Tokens that fit, in each sequence. */
  readonly size: number
  /** Conversations in it; one when absent. */
  readonly sequences?: number | undefined
  /** `exact`: keys and values in F32 and plain attention; `lean`: F16 and what llama.cpp finds fastest. */
  readonly precision: 'exact' | 'lean'
  /** All cores but one when absent: on all of a small machine llama.cpp's spinning threads starve each other. */
  readonly threads?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export async function createContext(input: ContextInput): Promise<LlamaContext> {
  const { student, adapter } = input
  if (student.weights === 'none') throw new Error(`the student was opened without weights: ${student.path}`)
  // llama.cpp ends the process on some misfits, and ignores others.
  if (adapter !== undefined) checkAdapter({ adapter: adapter.path, student })
  const named = adapter && adapterName(student.model, adapter.path)
  try {
    return await student.model.createContext({
      contextSize: input.size,
      sequences: input.sequences ?? 1,
      // The whole window stays, so that a conversation can go on from any earlier place.
      swaFullCache: true,
      threads: input.threads ?? Math.max(1, availableParallelism() - 1),
      ...(input.signal === undefined ? {} : { createSignal: input.signal }),
      ...(adapter && named ? { lora: { adapters: [{ filePath: named.path, scale: adapter.scale }] } } : {}),
      ...(input.precision === 'exact' ? EXACT : {}),
    })
  } catch (cause) {
    if (input.signal?.aborted) throw cause
    throw new RetortError({
      code: adapter === undefined ? 'context-not-created' : 'adapter-not-applied',
      message:
        adapter === undefined
          ? 'No context can be made for the student'
          : 'The adapter cannot be applied to the student',
      found: cause instanceof Error ? cause.message : String(cause),
      expected:
        adapter === undefined ? `memory for ${input.size} tokens` : `a llama.cpp LoRA adapter made for ${student.path}`,
      where: adapter?.path ?? student.path,
      cause,
    })
  } finally {
    named?.release()
  }
}

const EXACT = {
  flashAttention: false,
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
} as const
