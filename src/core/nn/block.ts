// One block of the decoder: attention and MLP, each after its norm and added to what came in.
import { add, gatherRows, reshape, rmsNorm, rope, split, type Dim, type Value } from '../tensor/index.ts'
import { attention, type Masks } from './attention.ts'
import type { ModelConfig } from './config.ts'
import type { RopeFeeds } from './feeds.ts'
import { gatedMlp } from './mlp.ts'
import { blockTensors, familyOf, linearLayers, type Linear } from './tensors.ts'
import type { Weights } from './weights.ts'

/** How tokens are turned, and what they see. */
export type Place = RopeFeeds & { readonly masks: Masks }

export type BlockOptions = {
  readonly config: ModelConfig
  readonly layer: number
  readonly weights: Weights
  readonly place: Place
  /** Rows that the following layers need; null: all. */
  readonly selected: (RopeFeeds & { readonly rows: Value }) | null
}

/** States [T, width] to states of the same rows, or of the selected ones. */
export function block(x: Value, { config, layer, weights, place, selected }: BlockOptions): Value {
  const names = blockTensors(layer)
  const { headNorms, postNorms, fused, ropeLayout } = familyOf(config)
  const { heads, kvHeads, headSize, width, epsilon, scoreScale } = config
  const layers = new Map(linearLayers(config, layer).map((one) => [one.name, one]))
  const apply = (input: Value, name: string): Value => weights.linear(input, layers.get(name) as Linear)
  const norm = (input: Value, name: string): Value => rmsNorm(input, weights.leaf(name, [width]), epsilon).y
  const behind = (input: Value, name: string): Value => (postNorms ? norm(input, name) : input)
  const pickRows = (input: Value): Value => (selected ? gatherRows(input, selected.rows) : input)
  const turn = (input: Value, count: number, { cos, sin }: RopeFeeds): Value => rope(input, { cos, sin, heads: count, layout: ropeLayout })
  const normHeads = (input: Value, count: number, name: string): Value => {
    if (!headNorms) return input
    const rows = input.shape[0] as Dim
    const perHead = reshape(input, [rows, count, headSize])
    return reshape(rmsNorm(perHead, weights.leaf(name, [headSize]), epsilon).y, [rows, count * headSize])
  }
  const projected = (h: Value): [q: Value, k: Value, v: Value] => {
    if (!fused) return [apply(pickRows(h), names.query), apply(h, names.key), apply(h, names.value)]
    const [q, k, v] = split(apply(h, names.queryKeyValue), [heads, kvHeads, kvHeads].map((count) => count * headSize)) as [Value, Value, Value]
    return [pickRows(q), k, v]
  }

  const [wide, narrow, v] = projected(norm(x, names.attentionNorm))
  const q = turn(normHeads(wide, heads, names.queryNorm), heads, selected ?? place)
  const k = turn(normHeads(narrow, kvHeads, names.keyNorm), kvHeads, place)
  const mixed = attention({ q, k, v }, { heads, kvHeads, headSize, scale: scoreScale, masks: place.masks, selected: selected !== null })
  const attended = add(pickRows(x), behind(apply(mixed, names.output), names.attentionPostNorm))
  const changed = gatedMlp(norm(attended, names.mlpNorm), names, { config, apply })
  return add(attended, behind(changed, names.mlpPostNorm))
}
