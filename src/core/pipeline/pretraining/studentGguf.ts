// A model that was trained from nothing as a GGUF file: weights, tokenizer, chat template.
import { FILE_TYPES, quantise, storedType, type GgufTensorInput, type GgufValue, type QuantisedType } from '../../formats/gguf/index.ts'
import { llamaMetadata, trainedTensors, type ModelConfig, type Parameters } from '../../nn/index.ts'
import { CONTROL_TOKENS, END_OF_TEXT, TURN_END, TURN_START, type Vocabulary } from './vocabulary.ts'

/** Each turn between its marks, and the agent's turn begun when it is to answer (ChatML). */
const CHAT_TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"

/** llama.h, llama_token_type. */
const NORMAL = 1
const CONTROL = 3

export type NewStudent = {
  readonly config: ModelConfig
  readonly ropeBase: number
  readonly vocabulary: Vocabulary
  readonly parameters: Parameters
  readonly type: QuantisedType
  readonly name: string
  readonly provenance: Readonly<Record<string, string>>
}

/** What `writeGguf` takes. Rows of query and key are in the order of llama files, since they were trained in it. */
export function studentContent({ config, ropeBase, vocabulary, parameters, type, name, provenance }: NewStudent): {
  metadata: Map<string, GgufValue>
  tensors: GgufTensorInput[]
} {
  const text = (value: string): GgufValue => ({ type: 'string', value })
  const u32 = (value: number): GgufValue => ({ type: 'u32', value })
  const f32 = (value: number): GgufValue => ({ type: 'f32', value })
  const no: GgufValue = { type: 'bool', value: false }
  const texts = (value: readonly string[]): GgufValue => ({ type: 'array', of: 'string', value })
  const { pre, tokens, merges } = vocabulary
  const metadata = new Map<string, GgufValue>([
    ...llamaMetadata(config),
    ['general.type', text('model')],
    ['general.name', text(name)],
    ['general.file_type', u32(FILE_TYPES[type])],
    ['general.quantization_version', u32(2)],
    ['llama.rope.freq_base', f32(ropeBase)],
    ['llama.vocab_size', u32(config.vocabulary)],
    ['tokenizer.ggml.model', text('gpt2')],
    ['tokenizer.ggml.pre', text(pre)],
    ['tokenizer.ggml.tokens', texts(tokens)],
    ['tokenizer.ggml.token_type', { type: 'array', of: 'i32', value: Int32Array.from(tokens, (_, id) => (id < CONTROL_TOKENS.length ? CONTROL : NORMAL)) }],
    ['tokenizer.ggml.merges', texts(merges.map(([left, right]) => `${tokens[left]} ${tokens[right]}`))],
    ['tokenizer.ggml.bos_token_id', u32(TURN_START)],
    ['tokenizer.ggml.eos_token_id', u32(TURN_END)],
    ['tokenizer.ggml.unknown_token_id', u32(END_OF_TEXT)],
    ['tokenizer.ggml.padding_token_id', u32(END_OF_TEXT)],
    ['tokenizer.ggml.add_bos_token', no],
    ['tokenizer.ggml.add_space_prefix', no],
    ['tokenizer.chat_template', text(CHAT_TEMPLATE)],
    ...Object.entries(provenance).map(([key, value]): [string, GgufValue] => [key, text(value)]),
  ])
  const head = config.tied ? 'token_embd.weight' : 'output.weight'
  const tensors = trainedTensors(config, 'full').map((tensor): GgufTensorInput => {
    const stored = storedType(tensor, { type, head })
    return { ...tensor, type: stored, write: (sink) => sink(quantise(stored, parameters.get(tensor.name) as Float32Array)) }
  })
  return { metadata, tensors }
}
