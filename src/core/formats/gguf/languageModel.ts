// Whether a GGUF can be the language model it says it is, for any architecture: asked before native code trusts it.
import type { Gguf } from './reader.ts'
import { metadataNumber, metadataNumbers, metadataString, metadataStrings } from './metadata.ts'
import type { GgufArray, GgufValue } from './values.ts'

export type Implausible = { readonly found: string; readonly expected: string }

type Range = { readonly from: number; readonly to: number }

/** llama.cpp's arrays of per-layer values and of experts (llama-hparams.h, LLAMA_MAX_LAYERS, LLAMA_MAX_EXPERTS). */
const LAYERS: Range = { from: 1, to: 512 }
const EXPERTS: Range = { from: 0, to: 512 }
/** Well above any model, and far from where products of two of them leave 2^53. */
const SIZE: Range = { from: 1, to: 2 ** 24 }
const CONTEXT: Range = { from: 1, to: 2 ** 30 }
/** A layer without attention, or without an MLP, has none. */
const PER_LAYER: Range = { from: 0, to: 2 ** 24 }

/**
 * The first thing that cannot be true of a whole language model, or null. llama.cpp ends the process on several of these
 * (a failed GGML_ASSERT). Throws MetadataError for an entry that is missing or of another type.
 */
export function implausibleModel(gguf: Gguf): Implausible | null {
  return notAModel(gguf) ?? badSizes(gguf) ?? badBlocks(gguf) ?? badVocabulary(gguf)
}

function notAModel(gguf: Gguf): Implausible | null {
  const type = metadataString(gguf, 'general.type', 'model')
  return type === 'model' ? null : { found: `general.type ${type}`, expected: 'a model' }
}

function badSizes(gguf: Gguf): Implausible | null {
  const architecture = metadataString(gguf, 'general.architecture')
  const key = (name: string): string => `${architecture}.${name}`
  const whole = (name: string, range: Range, fallback?: number): Implausible | null =>
    outside(key(name), metadataNumber(gguf, key(name), fallback), range)
  const layers = whole('block_count', LAYERS)
  if (layers) return layers
  const count = metadataNumber(gguf, key('block_count'))
  return (
    whole('embedding_length', SIZE) ??
    whole('context_length', CONTEXT) ??
    experts(gguf, key) ??
    perLayer(gguf, { key: key('feed_forward_length'), count, needed: 'ffn_up.weight' }) ??
    perLayer(gguf, { key: key('attention.head_count'), count, needed: 'attn_q.weight' }) ??
    perLayer(gguf, { key: key('attention.head_count_kv'), count, needed: 'attn_k.weight', absent: 1 }) ??
    unevenHeads(gguf, key) ??
    evenSize(gguf, key('rope.dimension_count')) ??
    positive(gguf, key('attention.layer_norm_rms_epsilon')) ??
    positive(gguf, key('attention.layer_norm_epsilon')) ??
    positive(gguf, key('rope.freq_base')) ??
    scaling(gguf, key('rope.scaling.type'))
  )
}

function outside(key: string, value: number, { from, to }: Range): Implausible | null {
  if (Number.isInteger(value) && value >= from && value <= to) return null
  return { found: `${key} ${value}`, expected: `a whole number from ${from} to ${to}` }
}

function experts(gguf: Gguf, key: (name: string) => string): Implausible | null {
  const count = metadataNumber(gguf, key('expert_count'), 0)
  const wrong = outside(key('expert_count'), count, EXPERTS)
  if (wrong || count === 0) return wrong
  return outside(key('expert_used_count'), metadataNumber(gguf, key('expert_used_count'), 0), { from: 1, to: count })
}

type PerLayer = { readonly key: string; readonly count: number; readonly needed: string; readonly absent?: number }

/** One number for all layers, or one for each; not 0 for a layer that has the tensor which needs it. */
function perLayer(gguf: Gguf, { key, count, needed, absent = 0 }: PerLayer): Implausible | null {
  const entry = gguf.metadata.get(key)
  const list = entry?.type === 'array' ? metadataNumbers(gguf, key) : Array<number>(count).fill(metadataNumber(gguf, key, absent))
  if (list.length < count) return { found: `${key} with ${list.length} numbers`, expected: `${count}, one a layer` }
  for (const [layer, value] of list.slice(0, count).entries()) {
    const name = `blk.${layer}.${needed}`
    const wrong = outside(key, value, PER_LAYER)
    if (wrong) return wrong
    if (value === 0 && gguf.tensors.has(name)) return { found: `${key} 0, and ${name}`, expected: 'a number above 0' }
  }
  return null
}

/** Query heads share key and value heads in groups of one size. */
function unevenHeads(gguf: Gguf, key: (name: string) => string): Implausible | null {
  const entries = ['attention.head_count', 'attention.head_count_kv'].map((name) => gguf.metadata.get(key(name)))
  if (entries.some((entry) => entry === undefined || entry.type === 'array')) return null
  const [heads, kvHeads] = entries.map((entry) => Number(entry?.value)) as [number, number]
  if (heads === 0 || kvHeads === 0 || heads % kvHeads === 0) return null
  return { found: `${heads} heads over ${kvHeads} key and value heads`, expected: 'a multiple' }
}

/** Rotation turns pairs. */
function evenSize(gguf: Gguf, key: string): Implausible | null {
  const value = metadataNumber(gguf, key, 0)
  return outside(key, value, PER_LAYER) ?? (value % 2 === 0 ? null : { found: `${key} ${value}`, expected: 'an even number' })
}

function positive(gguf: Gguf, key: string): Implausible | null {
  const value = metadataNumber(gguf, key, 1)
  return value > 0 && Number.isFinite(value) ? null : { found: `${key} ${value}`, expected: 'a positive number' }
}

/** Of llama.cpp (llama-model.cpp, LLAMA_ROPE_SCALING_TYPES), which ends the process on any other. */
const SCALINGS: readonly string[] = ['none', 'linear', 'yarn', 'longrope']

function scaling(gguf: Gguf, key: string): Implausible | null {
  const type = metadataString(gguf, key, 'linear')
  return SCALINGS.includes(type) ? null : { found: `${key} ${type}`, expected: `one of ${SCALINGS.join(', ')}` }
}

/** Every block the metadata counts has tensors, and no other. Of a model in several files only the first is seen. */
function badBlocks(gguf: Gguf): Implausible | null {
  const layers = metadataNumber(gguf, `${metadataString(gguf, 'general.architecture')}.block_count`)
  const found = new Set<number>()
  for (const name of gguf.tensors.keys()) {
    const number = /^(?:enc\.|dec\.)?blk\.(\d+)\./.exec(name)?.[1]
    if (number === undefined) continue
    if (Number(number) >= layers) return { found: `tensor ${name}`, expected: `blocks below block_count ${layers}` }
    found.add(Number(number))
  }
  if (metadataNumber(gguf, 'split.count', 1) > 1) return null
  for (let layer = 0; layer < layers; layer++) {
    if (!found.has(layer)) return { found: `no tensor of block ${layer}`, expected: `tensors of all ${layers} blocks` }
  }
  return null
}

function badVocabulary(gguf: Gguf): Implausible | null {
  const model = metadataString(gguf, 'tokenizer.ggml.model')
  if (['none', 'no_vocab'].includes(model)) return { found: `tokenizer ${model}`, expected: 'a model with its vocabulary' }
  const tokens = metadataStrings(gguf, 'tokenizer.ggml.tokens')
  const rows = gguf.tensors.get('token_embd.weight')?.shape[0]
  if (rows !== undefined && rows !== tokens.length) {
    return { found: `${tokens.length} tokens and ${rows} rows of token_embd.weight`, expected: 'a row for every token' }
  }
  return (
    listOf(gguf, 'tokenizer.ggml.scores', { of: ['f32'], length: tokens.length }) ??
    listOf(gguf, 'tokenizer.ggml.token_type', { of: ['i32', 'u32'], length: tokens.length }) ??
    listOf(gguf, 'tokenizer.ggml.merges', { of: ['string'] }) ??
    repeated(tokens) ??
    (model === 'llama' ? missingByte(tokens) : null)
  )
}

function listOf(gguf: Gguf, key: string, expected: { of: GgufArray['of'][]; length?: number }): Implausible | null {
  const entry: GgufValue | undefined = gguf.metadata.get(key)
  if (!entry) return null
  const kinds = expected.of.join(' or ')
  if (entry.type !== 'array') return { found: `${key} of type ${entry.type}`, expected: `an array of ${kinds}` }
  if (!expected.of.includes(entry.of)) return { found: `${key}, an array of ${entry.of}`, expected: `an array of ${kinds}` }
  if (expected.length === undefined || entry.value.length === expected.length) return null
  return { found: `${key} with ${entry.value.length} elements`, expected: `${expected.length}, one a token` }
}

function repeated(tokens: readonly string[]): Implausible | null {
  const seen = new Map<string, number>()
  for (const [id, token] of tokens.entries()) {
    const first = seen.get(token)
    // Tokens without text are told apart by their numbers.
    if (first !== undefined && token !== '') return { found: `one text for tokens ${first} and ${id}`, expected: 'each once' }
    seen.set(token, id)
  }
  return null
}

/** SentencePiece spells what no token covers in tokens of single bytes; without them llama.cpp ends the process. */
function missingByte(tokens: readonly string[]): Implausible | null {
  const known = new Set(tokens)
  for (let byte = 0; byte < 256; byte++) {
    const name = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
    if (known.has(name) || (byte < 0x80 && known.has(String.fromCharCode(byte)))) continue
    return { found: `no token ${name}`, expected: 'a token for every byte (SentencePiece)' }
  }
  return null
}
