// Every way in which the tiny model can say what cannot be true, and what is said about it.
import { f32, goldenTokens, text, texts, u32, type Variant } from './ggufVariant.ts'

export const TINY_GGUF = 'tiny/llama_tied.gguf'
const tokens = goldenTokens(TINY_GGUF)
const one = (key: string, value: NonNullable<Variant['metadata']>[string]): Variant => ({ metadata: { [key]: value } })

/** Name, variant, and what the refusal names. Those marked end the process in llama.cpp 3.22.1's build when it is asked. */
export const malformedModels: readonly [name: string, variant: Variant, found: string][] = [
  ['no architecture', one('general.architecture', null), 'general.architecture'],
  ['an adapter', one('general.type', text('adapter')), 'general.type adapter'],
  // Ends the process.
  ['2^32 - 1 blocks', one('llama.block_count', u32(2 ** 32 - 1)), 'block_count 4294967295'],
  ['no blocks', one('llama.block_count', u32(0)), 'block_count 0'],
  ['more blocks than tensors', one('llama.block_count', u32(3)), 'no tensor of block 2'],
  ['fewer blocks than tensors', one('llama.block_count', u32(1)), 'tensor blk.1.'],
  ['a block count that is text', one('llama.block_count', text('2')), 'type string'],
  ['no width', one('llama.embedding_length', u32(0)), 'embedding_length 0'],
  ['a width of 2^32 - 1', one('llama.embedding_length', u32(2 ** 32 - 1)), 'embedding_length 4294967295'],
  ['no context', one('llama.context_length', u32(0)), 'context_length 0'],
  ['a context of 2^32 - 1', one('llama.context_length', u32(2 ** 32 - 1)), 'context_length 4294967295'],
  // Ends the process.
  ['no inner width', one('llama.feed_forward_length', u32(0)), 'feed_forward_length 0, and blk.0.ffn_up.weight'],
  ['an inner width of 2^32 - 1', one('llama.feed_forward_length', u32(2 ** 32 - 1)), 'feed_forward_length 4294967295'],
  // Ends the process.
  ['no heads', one('llama.attention.head_count', u32(0)), 'head_count 0, and blk.0.attn_q.weight'],
  ['no key heads', one('llama.attention.head_count_kv', u32(0)), 'head_count_kv 0, and blk.0.attn_k.weight'],
  ['heads that key heads do not divide', one('llama.attention.head_count_kv', u32(3)), '4 heads over 3'],
  ['heads of one layer of two', one('llama.attention.head_count', { type: 'array', of: 'u32', value: Uint32Array.of(4) }), '1 numbers'],
  ['an odd rotation', one('llama.rope.dimension_count', u32(15)), 'dimension_count 15'],
  ['a rotation base of 0', one('llama.rope.freq_base', f32(0)), 'freq_base 0'],
  // Ends the process.
  ['a rope scaling that nobody knows', one('llama.rope.scaling.type', text('dynamic')), 'rope.scaling.type dynamic'],
  // Ends the process at the first token.
  ['a negative epsilon', one('llama.attention.layer_norm_rms_epsilon', f32(-1)), 'epsilon -1'],
  ['an epsilon that is no number', one('llama.attention.layer_norm_rms_epsilon', f32(NaN)), 'epsilon NaN'],
  // Ends the process.
  ['more experts than llama.cpp has room for', one('llama.expert_count', u32(100_000)), 'expert_count 100000'],
  ['experts that are never used', one('llama.expert_count', u32(8)), 'expert_used_count 0'],
  // Ends the process.
  ['no vocabulary', one('tokenizer.ggml.model', text('none')), 'tokenizer none'],
  ['no tokens', one('tokenizer.ggml.tokens', null), 'tokenizer.ggml.tokens'],
  ['fewer tokens than rows', one('tokenizer.ggml.tokens', texts(tokens.slice(0, 299))), '299 tokens and 300 rows'],
  // Ends the process.
  ['a token twice', one('tokenizer.ggml.tokens', texts(tokens.with(299, tokens[50] as string))), 'tokens 50 and 299'],
  ['types of three tokens', one('tokenizer.ggml.token_type', { type: 'array', of: 'i32', value: new Int32Array(3) }), '3 elements'],
  ['token types in bytes', one('tokenizer.ggml.token_type', { type: 'array', of: 'u8', value: new Uint8Array(300) }), 'array of u8'],
  ['a score that is no list', one('tokenizer.ggml.scores', f32(1)), 'type f32'],
  ['merges that are numbers', one('tokenizer.ggml.merges', { type: 'array', of: 'u8', value: new Uint8Array(3) }), 'array of u8'],
  // Ends the process.
  ['SentencePiece without bytes', one('tokenizer.ggml.model', text('llama')), 'no token <0x00>'],
  ['a block without tensors', { without: blockOne() }, 'no tensor of block 1'],
]

function blockOne(): string[] {
  const parts = ['attn_q', 'attn_k', 'attn_v', 'attn_output', 'attn_norm', 'ffn_gate', 'ffn_up', 'ffn_down', 'ffn_norm']
  return parts.map((part) => `blk.1.${part}.weight`)
}
