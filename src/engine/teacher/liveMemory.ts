// What a teacher that computes while a run trains takes of memory beside the trainer: of any GGUF, whatever its architecture.
import { metadataString, readGguf, type Gguf } from '../../core/formats/gguf/index.ts'
import { openByteSource } from '../files/index.ts'

/** Node and node-llama-cpp: the highest resident memory of the process with the tiny golden as its teacher, less its file, was 169 to 172 MB. */
const PROCESS_BYTES = 172e6
/** Of a token of the vocabulary, twice: the student's lies beside the teacher's. With SmolLM2 (49,152) as both the process had 215 MB more. */
const TOKEN_BYTES = 4400
/** Tokens of a batch, each with its logits (score.ts). */
const BATCH = 512
const F32 = 4

/**
 * Bytes. `context`: the longest sequence of the student; the teacher's may be as long again where its tokens are shorter. The
 * weights are mapped and lie in memory whole while they are used. Throws FormatError for a file that is no GGUF.
 */
export function liveTeacherBytes(path: string, context: number): number {
  const source = openByteSource(path)
  try {
    const { cacheWidth, vocabulary, context: trained, width, inner } = sizesOf(readGguf(source))
    const tokens = Math.min(trained, Math.max(2 * context, 1024))
    const batch = BATCH * (vocabulary + 4 * width + 2 * inner + tokens) * F32
    return PROCESS_BYTES + TOKEN_BYTES * vocabulary + source.size + cacheWidth * tokens * F32 + batch
  } finally {
    source.close()
  }
}

/** By the names that every architecture of llama.cpp uses; what is not written down counts as what is usual, or as nothing. */
function sizesOf(gguf: Gguf) {
  const architecture = metadataString(gguf, 'general.architecture', '')
  /** One number, or one a layer. */
  const numbers = (key: string): readonly number[] => {
    const value = gguf.metadata.get(`${architecture}.${key}`)?.value
    const all = Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as Iterable<unknown>, Number) : value === undefined ? [] : [Number(value)]
    return all.filter((one) => Number.isFinite(one) && one >= 0)
  }
  const most = (key: string, fallback: number): number => (numbers(key).length === 0 ? fallback : Math.max(...numbers(key)))
  const layers = most('block_count', 0)
  const width = most('embedding_length', 0)
  const heads = most('attention.head_count', 0)
  const keys = most('attention.key_length', heads > 0 ? width / heads : 0)
  const kvHeads = numbers('attention.head_count_kv')
  const allHeads = kvHeads.length > 1 ? kvHeads.reduce((sum, one) => sum + one, 0) : layers * (kvHeads[0] ?? heads)
  const [named] = gguf.tensors.get('token_embd.weight')?.shape ?? []
  return {
    /** Numbers that are kept of a token, over all layers. */
    cacheWidth: allHeads * (keys + most('attention.value_length', keys)),
    vocabulary: named ?? most('vocab_size', 0),
    context: most('context_length', Infinity),
    width,
    inner: most('feed_forward_length', 4 * width),
  }
}
