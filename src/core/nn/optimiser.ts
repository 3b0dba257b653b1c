// Optimisers as pairs of functions over flat arrays: `init` makes the state, `update` changes parameters and state.

export type Parameters = ReadonlyMap<string, Float32Array>

export type AdamWSettings = {
  readonly beta1: number
  readonly beta2: number
  readonly epsilon: number
  /** Decoupled: parameters shrink by lr * weightDecay before each update. */
  readonly weightDecay: number
  /** Which parameters it shrinks; default: all. */
  readonly decays?: (name: string) => boolean
}
export const ADAMW_DEFAULTS: AdamWSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 }

/** Moments by parameter name, and the number of updates made. */
export type AdamWState = { step: number; readonly first: Parameters; readonly second: Parameters }

export type Optimiser<State> = {
  init(parameters: Parameters): State
  /** Changes `parameters` and `state` in place. `scale` is a factor of all gradients (clipping); default: 1. */
  update(parameters: Parameters, update: { readonly gradients: Parameters; readonly scale?: number; readonly state: State; readonly lr: number }): void
}

const zerosLike = (parameters: Parameters): Parameters =>
  new Map([...parameters].map(([name, values]) => [name, new Float32Array(values.length)]))

/** AdamW (arXiv 1711.05101, algorithm 2) with bias correction, as torch.optim.AdamW computes it. */
export function adamW(settings: AdamWSettings): Optimiser<AdamWState> {
  const { beta1, beta2, epsilon, weightDecay, decays = () => true } = settings
  return {
    init: (parameters) => ({ step: 0, first: zerosLike(parameters), second: zerosLike(parameters) }),
    update(parameters, { gradients, scale = 1, state, lr }) {
      state.step += 1
      // m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + e), both sides multiplied by sqrt(1 - b2^t): one division an element.
      const correction = Math.sqrt(1 - beta2 ** state.step)
      const stepSize = (lr * correction) / (1 - beta1 ** state.step)
      const floor = epsilon * correction
      for (const [name, values] of parameters) {
        const gradient = gradients.get(name) as Float32Array
        const m = state.first.get(name) as Float32Array
        const v = state.second.get(name) as Float32Array
        const keep = decays(name) ? 1 - lr * weightDecay : 1
        for (let i = 0; i < values.length; i++) {
          const g = scale * (gradient[i] as number)
          const mean = beta1 * (m[i] as number) + (1 - beta1) * g
          const square = beta2 * (v[i] as number) + (1 - beta2) * g * g
          m[i] = mean
          v[i] = square
          values[i] = (values[i] as number) * keep - (stepSize * mean) / (Math.sqrt(square) + floor)
        }
      }
    },
  }
}

/** Square root of the sum of squares over all arrays. */
export function globalNorm(gradients: Parameters): number {
  let total = 0
  for (const values of gradients.values()) {
    // Four sums that need not wait for each other. Not `** 2`: V8 calls pow for it, which is ten times slower.
    const whole = values.length - (values.length % 4)
    let [a, b, c, d] = [0, 0, 0, 0]
    for (let i = 0; i < whole; i += 4) {
      a += (values[i] as number) * (values[i] as number)
      b += (values[i + 1] as number) * (values[i + 1] as number)
      c += (values[i + 2] as number) * (values[i + 2] as number)
      d += (values[i + 3] as number) * (values[i + 3] as number)
    }
    for (let i = whole; i < values.length; i++) a += (values[i] as number) * (values[i] as number)
    total += a + b + (c + d)
  }
  return Math.sqrt(total)
}

/** Factor that brings gradients of a norm to at most `most`: min(1, most / (norm + 1e-6)), as torch's clip_grad_norm_; 1 where `most` is 0. */
export const clipFactor = (norm: number, most: number): number => (most > 0 ? Math.min(1, most / (norm + 1e-6)) : 1)
