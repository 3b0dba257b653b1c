// llama.cpp in this process: one instance, made when first asked for, shared by all students.
import { availableParallelism } from 'node:os'
import { getLlama, type Llama, LlamaLogLevel } from 'node-llama-cpp'

let shared: Promise<Llama> | undefined

/**
 * The process's llama.cpp on CPU. It lives until the process ends: unloading and loading its backends again is not safe.
 * Threads: all cores but one, because on all cores of a small machine llama.cpp's spinning threads starve each other.
 */
export function llamaRuntime(): Promise<Llama> {
  shared ??= getLlama({
    gpu: false,
    build: 'never',
    maxThreads: Math.max(1, availableParallelism() - 1),
    logLevel: LlamaLogLevel.error,
    // Standard output belongs to the command line's documents.
    logger: (level, message) => process.stderr.write(`llama.cpp ${level}: ${message.trimEnd()}\n`),
    progressLogs: false,
  })
  return shared
}
