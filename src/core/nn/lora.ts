// Low-rank adapters (arXiv 2106.09685): y = x W^T + scale (x A^T) B^T, with W frozen.
import { RetortError } from '../../shared/errors.ts'
import type { LoraTargets, TrainSettings } from '../../shared/records/run.ts'
import type { Random } from '../random.ts'
import { matmul, trained, type Value } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'
import { kindOf, linearLayers, type Linear } from './tensors.ts'

export type LoraConfig = {
  readonly rank: number
  readonly alpha: number
  /** Linear layers that carry an adapter; all when left open. */
  readonly targets?: LoraTargets
  /** Rank-stabilised (arXiv 2312.03732): the scale is alpha / sqrt(rank), not alpha / rank. */
  readonly rankStable?: boolean
  /** Share of an adapter's inputs that are dropped in training; 0 when left open. */
  readonly dropout?: number
}

/** The adapters that a run's settings ask for. */
export const loraOf = (settings: Pick<TrainSettings, 'rank' | 'alpha' | 'targets' | 'rsLora' | 'dropout'>): LoraConfig => ({
  rank: settings.rank,
  alpha: settings.alpha,
  targets: settings.targets,
  rankStable: settings.rsLora,
  dropout: settings.dropout,
})

/** Factor of B A. */
export const loraScale = ({ rank, alpha, rankStable }: LoraConfig): number => alpha / (rankStable ? Math.sqrt(rank) : rank)

/** A trained tensor: its leaf in the graph, and its shape, row-major. */
export type TrainedTensor = { readonly name: string; readonly shape: readonly number[] }

export const loraA = (tensor: string): string => `${tensor}.lora_a`
export const loraB = (tensor: string): string => `${tensor}.lora_b`

/** The names that transformers has for a block's linear layers, and PEFT after it. */
const MODULES: Readonly<Record<string, string>> = {
  q_proj: 'attn_q', k_proj: 'attn_k', v_proj: 'attn_v', qkv_proj: 'attn_qkv', o_proj: 'attn_output',
  gate_proj: 'ffn_gate', up_proj: 'ffn_up', gate_up_proj: 'ffn_up', down_proj: 'ffn_down',
}

const GROUPS = { attention: 'attn_', mlp: 'ffn_' } as const

/** Whether a linear layer carries an adapter. A name is one of a tensor, of a kind of layers, or PEFT's of such a kind. */
export function isAdapted(tensor: string, { targets = 'all' }: Pick<LoraConfig, 'targets'>): boolean {
  if (targets === 'all') return true
  const kind = kindOf(tensor)
  if (typeof targets === 'string') return kind.startsWith(GROUPS[targets])
  return targets.some((target) => target === tensor || target === kind || MODULES[target] === kind)
}

/** Linear layers that carry an adapter, in the order they run. Throws RetortError `bad-settings` for a name that none has. */
export function adaptedLayers(config: ModelConfig, lora: Pick<LoraConfig, 'targets'>): Linear[] {
  const all = Array.from({ length: config.layers }, (_, layer) => linearLayers(config, layer)).flat()
  const { targets = 'all' } = lora
  for (const target of typeof targets === 'string' ? [] : targets) {
    if (all.some(({ name }) => isAdapted(name, { targets: [target] }))) continue
    throw new RetortError({
      code: 'bad-settings',
      message: 'a target of the adapter is no linear layer of the student',
      where: 'targets',
      found: target,
      expected: `all, attention, mlp, or names of ${[...new Set(all.map(({ name }) => kindOf(name)))].join(', ')}`,
    })
  }
  return all.filter(({ name }) => isAdapted(name, lora))
}

/** All adapter matrices in a fixed order: for each adapted layer A [rank, in], then B [out, rank]. */
export function loraMatrices(config: ModelConfig, lora: LoraConfig): TrainedTensor[] {
  return adaptedLayers(config, lora).flatMap(({ name, out, in: columns }) => [
    { name: loraA(name), shape: [lora.rank, columns] },
    { name: loraB(name), shape: [out, lora.rank] },
  ])
}

/**
 * Start values: A uniform in +-1/sqrt(in) (PEFT's default, Kaiming with a = sqrt 5), B zero, so that the adapter
 * begins as no change.
 */
export function initialLora(matrices: readonly TrainedTensor[], random: Random): Map<string, Float32Array> {
  return new Map(
    matrices.map(({ name, shape: [rows = 0, columns = 0] }) => {
      const values = new Float32Array(rows * columns)
      if (name.endsWith('.lora_a')) {
        const bound = 1 / Math.sqrt(columns)
        for (let i = 0; i < values.length; i++) values[i] = (2 * random.next() - 1) * bound
      }
      return [name, values]
    }),
  )
}

/** What the adapter of a linear layer adds for its inputs x [rows, in], of which a share may have been dropped. */
export function adapterOutput(x: Value, { name, out, in: width }: Pick<Linear, 'name' | 'out' | 'in'>, lora: LoraConfig): Value {
  const { rank, dropout = 0 } = lora
  // What is left of the inputs is scaled up, so that its expectation stays.
  const down = matmul(x, trained(loraA(name), [rank, width]), { transposeB: true, alpha: 1 / (1 - dropout) })
  const up = trained(loraB(name), [out, rank])
  return matmul(down, up, { transposeB: true, alpha: loraScale(lora) })
}
