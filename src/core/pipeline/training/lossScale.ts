// Loss scaling for gradients in half precision (arXiv 1710.03740): scaled up so that small ones survive, halved on overflow.
import { LOSS_SCALE } from '../../nn/index.ts'
import type { CompiledGraph, FedTensor } from '../../ports/index.ts'

/** Both powers of two: scaling is exact. */
const FIRST = 2 ** 15
const LARGEST = 2 ** 24
/** Passes without overflow before a larger scale is tried. */
const PATIENCE = 2000

const scalar = (value: number): FedTensor => ({ dtype: 'f32', shape: [], data: Float32Array.of(value) })
const isFinite = (values: Float32Array): boolean => values.every(Number.isFinite)

/**
 * A training graph that was built with `scaleLoss`, run as one without: it is fed the scale, and a pass with infinite
 * gradients is made again with half of it. At scale 1 what comes is handed on, infinite or not: that is no overflow of
 * half precision's range by scaling, and the caller's guard decides.
 */
export function withLossScale(graph: CompiledGraph, onChange: (scale: number) => void = () => {}): CompiledGraph {
  let [scale, calm] = [FIRST, 0]
  const set = (next: number): void => {
    ;[scale, calm] = [next, 0]
    onChange(next)
  }
  return {
    async run(feeds) {
      for (;;) {
        const results = await graph.run(new Map([...feeds, [LOSS_SCALE, scalar(scale)]]))
        if ([...results.values()].every(isFinite)) {
          if (++calm >= PATIENCE && scale < LARGEST) set(scale * 2)
          return results
        }
        if (scale <= 1) return results
        set(scale / 2)
      }
    },
    dispose: () => graph.dispose(),
  }
}
