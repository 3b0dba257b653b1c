// A run's parameters as an adapter, the form that is exported and served.
import { adaptedLayers, loraA, loraB, type LoraConfig, type ModelConfig, type Parameters } from '../../core/nn/index.ts'
import type { Adapter } from '../../core/pipeline/adapter/index.ts'

export function adapterOf(parameters: Parameters, config: ModelConfig, lora: LoraConfig): Adapter {
  const matrices: Adapter['matrices'] = new Map(
    adaptedLayers(config, lora).map((linear) => [
      linear.name,
      {
        a: parameters.get(loraA(linear.name)) as Float32Array,
        b: parameters.get(loraB(linear.name)) as Float32Array,
        in: linear.in,
        out: linear.out,
      },
    ]),
  )
  const { rank, alpha, rankStable, dropout } = lora
  return {
    rank,
    alpha,
    architecture: config.architecture,
    matrices,
    ...(rankStable && { rankStable }),
    ...(dropout && { dropout }),
  }
}
