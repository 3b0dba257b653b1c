// A run's parameters as an adapter, the form that is exported and served.
import { linearLayers, loraA, loraB, type ModelConfig, type Parameters } from '../../core/nn/index.ts'
import type { Adapter } from '../../core/pipeline/adapter/index.ts'
import type { TrainSettings } from '../../shared/records/run.ts'

export function adapterOf(
  parameters: Parameters,
  config: ModelConfig,
  { rank, alpha }: Pick<TrainSettings, 'rank' | 'alpha'>,
): Adapter {
  const matrices: Adapter['matrices'] = new Map(
    Array.from({ length: config.layers }, (_, layer) => linearLayers(config, layer))
      .flat()
      .map((linear) => [
        linear.name,
        {
          a: parameters.get(loraA(linear.name)) as Float32Array,
          b: parameters.get(loraB(linear.name)) as Float32Array,
          in: linear.in,
          out: linear.out,
        },
      ]),
  )
  return { rank, alpha, architecture: config.architecture, matrices }
}
