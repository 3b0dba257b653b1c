// What a teacher that computes while a run trains takes of memory beside the trainer.
import { readGguf } from '../../core/formats/gguf/index.ts'
import { readModelConfig } from '../../core/nn/index.ts'
import { openByteSource } from '../files/index.ts'

/** Node, node-llama-cpp and its vocabularies, as measured with a file of 1 MB. */
const PROCESS_BYTES = 200e6
/** Tokens of a batch, each with its logits (score.ts). */
const BATCH = 512
const F32 = 4

/**
 * Bytes. `context`: the longest sequence of the student; the teacher's may be as long again where its tokens are shorter. The
 * weights are mapped and lie in memory whole while they are used.
 */
export function liveTeacherBytes(path: string, context: number): number {
  const source = openByteSource(path)
  try {
    const { layers, kvHeads, headSize, vocabulary, context: trained, width, inner } = readModelConfig(readGguf(source), source)
    const tokens = Math.min(trained, Math.max(2 * context, 1024))
    const keysAndValues = 2 * layers * kvHeads * headSize * tokens * F32
    const batch = BATCH * (vocabulary + 4 * width + 2 * inner + tokens) * F32
    return PROCESS_BYTES + source.size + keysAndValues + batch
  } finally {
    source.close()
  }
}
