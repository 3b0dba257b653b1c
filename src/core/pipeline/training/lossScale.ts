// Loss scaling for gradients in half precision (arXiv 1710.03740): scaled up so that small ones survive, halved on overflow.
import { LOSS_SCALE } from '../../nn/index.ts'
import type { CompiledGraph, FedTensor } from '../../ports/index.ts'

/** Carried from pass to pass, and so in every checkpoint: a resumed run scales as the uninterrupted one. */
export type LossScale = {
  /** A power of two: scaling is exact. */
  readonly scale: number
  /** Passes without overflow since it was changed. */
  readonly calm: number
}

const FIRST: LossScale = { scale: 2 ** 15, calm: 0 }
const LARGEST = 2 ** 24
/** Passes without overflow before a larger scale is tried. */
const PATIENCE = 2000

export type LossScaleOptions = {
  /** Where the scale is kept between passes; without one it is at its first value. Default: nowhere else. */
  readonly state?: { lossScale?: LossScale }
  readonly onChange?: (scale: number) => void
}

const scalar = (value: number): FedTensor => ({ dtype: 'f32', shape: [], data: Float32Array.of(value) })
const isFinite = (values: Float32Array): boolean => values.every(Number.isFinite)

/**
 * A training graph that was built with `scaleLoss`, run as one without: it is fed the scale, and a pass with infinite
 * gradients is made again with half of it. At scale 1 what comes is handed on, infinite or not: that is no overflow of
 * half precision's range by scaling, and the caller's guard decides.
 */
export function withLossScale(graph: CompiledGraph, { state = {}, onChange = () => {} }: LossScaleOptions = {}): CompiledGraph {
  const change = (scale: number): void => {
    state.lossScale = { scale, calm: 0 }
    onChange(scale)
  }
  return {
    async run(feeds) {
      for (;;) {
        const { scale, calm } = state.lossScale ?? FIRST
        const results = await graph.run(new Map([...feeds, [LOSS_SCALE, scalar(scale)]]))
        if ([...results.values()].every(isFinite)) {
          if (calm + 1 >= PATIENCE && scale < LARGEST) change(scale * 2)
          else state.lossScale = { scale, calm: calm + 1 }
          return results
        }
        if (scale <= 1) return results
        change(scale / 2)
      }
    },
    dispose: () => graph.dispose(),
  }
}
