// llama.cpp in this process: one instance, made when first asked for, shared by all students.
import { availableParallelism } from 'node:os'
import type { Llama } from 'node-llama-cpp'

let shared: Promise<Llama> | undefined

async function load(): Promise<Llama> {
  // Only now: a trainer that takes no samples never needs it, and loading it takes longer than a short run's steps.
  const { getLlama, LlamaLogLevel } = await import('node-llama-cpp')
  return getLlama({
    gpu: false,
    build: 'never',
    // Of all contexts together: with fewer, contexts that have a thread each would take turns.
    maxThreads: availableParallelism(),
    logLevel: LlamaLogLevel.error,
    // Standard output belongs to the command line's documents.
    logger: (level, message) => process.stderr.write(`llama.cpp ${level}: ${message.trimEnd()}\n`),
    progressLogs: false,
  })
}

/**
 * The process's llama.cpp on CPU. It lives until the process ends: unloading and loading its backends again is not safe.
 */
export const llamaRuntime = (): Promise<Llama> => (shared ??= load())
