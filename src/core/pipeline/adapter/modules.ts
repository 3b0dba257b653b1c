// Which transformers module each GGUF linear is, per architecture, and whose rows the two order differently.
import { AdapterError } from './adapter.ts'

/** Attention heads of the student: `<arch>.attention.head_count` and `head_count_kv`. */
export type Heads = { readonly query: number; readonly keyValue: number }

type Module = {
  /** Within `model.layers.N`. */
  readonly path: string
  /**
   * Set where the GGUF file stores rows interleaved for RoPE (pairs 2i, 2i+1 of a head) and transformers in halves
   * (pairs i, i + D/2): which number of heads the rows divide into.
   */
  readonly interleaved?: keyof Heads
}

const HALVES = {
  attn_q: { path: 'self_attn.q_proj' },
  attn_k: { path: 'self_attn.k_proj' },
  attn_v: { path: 'self_attn.v_proj' },
  attn_output: { path: 'self_attn.o_proj' },
  ffn_gate: { path: 'mlp.gate_proj' },
  ffn_up: { path: 'mlp.up_proj' },
  ffn_down: { path: 'mlp.down_proj' },
} as const satisfies Record<string, Module>

const INTERLEAVED = {
  ...HALVES,
  attn_q: { ...HALVES.attn_q, interleaved: 'query' },
  attn_k: { ...HALVES.attn_k, interleaved: 'keyValue' },
} as const satisfies Record<string, Module>

/** Linears of a block by architecture. gemma3: the text model on its own (Gemma3ForCausalLM). */
export const ARCHITECTURES: Readonly<Record<string, Readonly<Record<string, Module>>>> = {
  llama: INTERLEAVED,
  mistral3: INTERLEAVED,
  qwen2: HALVES,
  qwen3: HALVES,
  gemma3: HALVES,
  phi3: {
    attn_qkv: { path: 'self_attn.qkv_proj' },
    attn_output: HALVES.attn_output,
    ffn_up: { path: 'mlp.gate_up_proj' },
    ffn_down: HALVES.ffn_down,
  },
}

export type NamedModule = Module & { readonly layer: number }

/** The module behind a GGUF tensor name such as `blk.0.attn_q.weight`. */
export function moduleOfTensor(architecture: string, name: string): NamedModule {
  const modules = modulesOf(architecture)
  const [, layer, linear] = /^blk\.(\d+)\.(\w+)\.weight$/.exec(name) ?? []
  const module = linear !== undefined && Object.hasOwn(modules, linear) ? modules[linear] : undefined
  if (module) return { ...module, layer: Number(layer) }
  const expected = `blk.N.X.weight with X one of ${Object.keys(modules).join(', ')}`
  throw new AdapterError(`adapter for ${architecture}`, { found: `tensor "${name}"`, expected })
}

/** The GGUF tensor name of a module such as `self_attn.q_proj` in a layer. */
export function tensorOfModule(architecture: string, module: { layer: number; path: string }): string {
  const entries = Object.entries(modulesOf(architecture))
  const linear = entries.find(([, { path }]) => path === module.path)?.[0]
  if (linear !== undefined) return `blk.${module.layer}.${linear}.weight`
  const expected = `one of ${entries.map(([, { path }]) => path).join(', ')}`
  throw new AdapterError(`adapter for ${architecture}`, { found: `module "${module.path}"`, expected })
}

function modulesOf(architecture: string): Readonly<Record<string, Module>> {
  const modules = Object.hasOwn(ARCHITECTURES, architecture) ? ARCHITECTURES[architecture] : undefined
  if (modules) return modules
  const expected = `one of ${Object.keys(ARCHITECTURES).join(', ')}`
  throw new AdapterError('PEFT names', { found: `architecture "${architecture}"`, expected })
}
