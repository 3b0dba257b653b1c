// Low-rank adapters (arXiv 2106.09685): y = x W^T + (alpha / rank) (x A^T) B^T, with W frozen.
import type { Random } from '../random.ts'
import { matmul, trained, type Value } from '../tensor/index.ts'
import type { ModelConfig } from './config.ts'
import { linearLayers, type Linear } from './tensors.ts'

export type LoraConfig = { readonly rank: number; readonly alpha: number }

/** A trained matrix: its leaf in the graph, row-major [rows, columns]. */
export type TrainedMatrix = { readonly name: string; readonly rows: number; readonly columns: number }

export const loraA = (tensor: string): string => `${tensor}.lora_a`
export const loraB = (tensor: string): string => `${tensor}.lora_b`

/** All adapter matrices in a fixed order: for each linear layer A [rank, in], then B [out, rank]. */
export function loraMatrices(config: ModelConfig, { rank }: LoraConfig): TrainedMatrix[] {
  const matrices: TrainedMatrix[] = []
  for (let layer = 0; layer < config.layers; layer++) {
    for (const linear of linearLayers(config, layer)) {
      matrices.push({ name: loraA(linear.name), rows: rank, columns: linear.in })
      matrices.push({ name: loraB(linear.name), rows: linear.out, columns: rank })
    }
  }
  return matrices
}

/**
 * Start values: A uniform in +-1/sqrt(in) (PEFT's default, Kaiming with a = sqrt 5), B zero, so that the adapter
 * begins as no change.
 */
export function initialLora(matrices: readonly TrainedMatrix[], random: Random): Map<string, Float32Array> {
  return new Map(
    matrices.map(({ name, rows, columns }) => {
      const values = new Float32Array(rows * columns)
      if (name.endsWith('.lora_a')) {
        const bound = 1 / Math.sqrt(columns)
        for (let i = 0; i < values.length; i++) values[i] = (2 * random.next() - 1) * bound
      }
      return [name, values]
    }),
  )
}

/** What the adapter of a linear layer adds for x [rows, in]. */
export function adapterOutput(x: Value, { name, out, in: width }: Pick<Linear, 'name' | 'out' | 'in'>, { rank, alpha }: LoraConfig): Value {
  const down = matmul(x, trained(loraA(name), [rank, width]), { transposeB: true })
  const up = trained(loraB(name), [out, rank])
  return matmul(down, up, { transposeB: true, alpha: alpha / rank })
}
