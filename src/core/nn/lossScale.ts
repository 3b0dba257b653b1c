// Gradients through a scaled loss, for backward passes in half precision.
import { div, feed, gradients, mul, type Value } from '../tensor/index.ts'

/** Fed scalar; `withLossScale` of the training loop chooses it. */
export const LOSS_SCALE = 'loss_scale'

/** As `gradients`: the loss is scaled before the backward pass and the gradients, in single precision, after it. */
export function scaledGradients(loss: Value, wrt: readonly Value[], options: Parameters<typeof gradients>[2] = {}): Value[] {
  const scale = feed(LOSS_SCALE, { shape: [] })
  return gradients(mul(loss, scale), wrt, options).map((gradient) => div(gradient, scale))
}
