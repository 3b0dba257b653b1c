// Dropout of adapters' inputs: masks made from seed, step and pass alone, so that a resumed run drops the same elements.
import { batchSizes, DROPOUT } from '../../nn/index.ts'
import type { CompiledGraph, FedTensor } from '../../ports/index.ts'
import { createRandom, type Random } from '../../random.ts'
import { topologicalOrder, type Dim, type Value } from '../../tensor/index.ts'

export type DropoutOptions = {
  /** Of the graph. */
  readonly outputs: ReadonlyMap<string, Value>
  /** Share of elements that are dropped. */
  readonly share: number
  readonly seed: number
  /** Optimiser steps done. */
  readonly step: () => number
}

type Mask = { readonly name: string; readonly shape: readonly Dim[] }

/** Feeds of the graph that ask for a mask, in its order. */
const masksOf = (outputs: ReadonlyMap<string, Value>): Mask[] =>
  topologicalOrder([...outputs.values()]).flatMap(({ op, attributes }) =>
    op === 'leaf' && 'type' in attributes && 'name' in attributes && attributes.name.endsWith(DROPOUT)
      ? [{ name: attributes.name, shape: attributes.type.shape }]
      : [],
  )

/** The graph with its masks fed, new ones for every pass of a step; a graph without masks as it is. */
export function withDropout(graph: CompiledGraph, { outputs, share, seed, step }: DropoutOptions): CompiledGraph {
  const masks = masksOf(outputs)
  if (masks.length === 0) return graph
  let [current, pass] = [-1, 0]
  return {
    dispose: () => graph.dispose(),
    run(feeds) {
      if (step() !== current) [current, pass] = [step(), 0]
      const random = createRandom(mixed([seed, current, pass++]))
      const countOf = (feed: string): number => feeds.get(feed)?.shape[0] as number
      const sizes = batchSizes({ tokens: countOf('ids'), rows: countOf('rows') })
      const sizeOf = (dim: Dim): number => (typeof dim === 'number' ? dim : dim.times * (sizes.get(dim.symbol) as number))
      const fed = masks.map(({ name, shape }): [string, FedTensor] => [name, keepMask(shape.map(sizeOf), { share, random })])
      return graph.run(new Map([...feeds, ...fed]))
    },
  }
}

/** One 32-bit number from several (FNV-1a over their words). */
const mixed = (parts: readonly number[]): number => parts.reduce((hash, part) => Math.imul(hash ^ part, 0x01000193), 0x811c9dc5 | 0)

/** Ones, and a share of zeros; two elements a random number, each by 16 bits of it. */
function keepMask(shape: readonly number[], { share, random }: { share: number; random: Random }): FedTensor {
  const data = new Uint8Array(shape.reduce((product, size) => product * size, 1))
  const most = Math.round(share * 65536)
  for (let i = 0; i < data.length; i += 2) {
    const bits = random.next() * 2 ** 32
    data[i] = Number((bits & 0xffff) >= most)
    if (i + 1 < data.length) data[i + 1] = Number(bits >>> 16 >= most)
  }
  return { dtype: 'bool', shape, data }
}
