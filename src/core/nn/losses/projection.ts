// Gradient projection (PCGrad, arXiv 2001.06782): where two tasks' gradients of a matrix oppose, each gives up what harms the other.
import type { Parameters } from '../optimiser.ts'

const dot = (a: Float32Array, b: Float32Array): number => {
  let total = 0
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number)
  return total
}

export type Projected = {
  /** Sums of both gradients, after projection where they oppose. */
  readonly gradients: Map<string, Float32Array>
  /** Matrices whose gradients oppose, of those that both tasks have. */
  readonly conflicts: number
  readonly of: number
}

/**
 * Matrix by matrix: a + b; where a b < 0, (a - (a b / b b) b) + (b - (a b / a a) a). A matrix that one side lacks is taken from
 * the other. With two tasks there is no order to choose.
 */
export function projectConflicts(a: Parameters, b: Parameters): Projected {
  const gradients = new Map<string, Float32Array>()
  let [conflicts, of] = [0, 0]
  for (const name of new Set([...a.keys(), ...b.keys()])) {
    const [x, y] = [a.get(name), b.get(name)]
    if (!x || !y) {
      gradients.set(name, (x ?? y) as Float32Array)
      continue
    }
    of += 1
    const inner = dot(x, y)
    const oppose = inner < 0
    if (oppose) conflicts += 1
    const [keepX, keepY] = oppose ? [1 - inner / dot(x, x), 1 - inner / dot(y, y)] : [1, 1]
    gradients.set(name, x.map((value, i) => keepX * value + keepY * (y[i] as number)))
  }
  return { gradients, conflicts, of }
}
