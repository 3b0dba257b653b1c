// One block of the decoder: attention and MLP, each after its norm and added to what came in.
import { add, frozen, gatherRows, rmsNorm, rope, type Value } from '../tensor/index.ts'
import { attention, type Mask } from './attention.ts'
import { blockTensors, linearLayers, type ModelConfig } from './config.ts'
import { linear, type Linear, type LoraConfig } from './lora.ts'
import { gatedMlp } from './mlp.ts'

export type BlockOptions = {
  readonly config: ModelConfig
  readonly layer: number
  readonly lora: LoraConfig | null
  readonly cos: Value
  readonly sin: Value
  readonly mask: Mask
  /** Rows that the following layers need; null: all. */
  readonly selected: { readonly rows: Value; readonly cos: Value; readonly sin: Value } | null
}

/** States [T, width] to states of the same rows, or of the selected ones. */
export function block(x: Value, { config, layer, lora, cos, sin, mask, selected }: BlockOptions): Value {
  const names = blockTensors(layer)
  const layers = new Map(linearLayers(config, layer).map((one) => [one.name, one]))
  const apply = (input: Value, name: string): Value => linear(input, layers.get(name) as Linear, lora)
  const norm = (input: Value, name: string): Value => rmsNorm(input, frozen(name, [config.width]), config.epsilon).y
  const turn = (input: Value, heads: number, tables: { cos: Value; sin: Value }): Value =>
    rope(input, { cos: tables.cos, sin: tables.sin, heads, layout: config.ropeLayout })
  const pickRows = (input: Value): Value => (selected ? gatherRows(input, selected.rows) : input)

  const { heads, kvHeads, headSize } = config
  const h = norm(x, names.attentionNorm)
  const q = turn(apply(pickRows(h), names.query), heads, selected ?? { cos, sin })
  const k = turn(apply(h, names.key), kvHeads, { cos, sin })
  const v = apply(h, names.value)
  const mixed = attention({ q, k, v }, { heads, kvHeads, headSize, scale: 1 / Math.sqrt(headSize), mask })
  const attended = add(pickRows(x), apply(mixed, names.output))
  return add(attended, gatedMlp(norm(attended, names.mlpNorm), names, apply))
}
