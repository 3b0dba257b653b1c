// Tables of rotary angles (arXiv 2104.09864, section 3.2.2).
import type { ModelConfig } from './config.ts'

/** cos and sin [positions, headSize / 2], row-major: angle = position * base^(-2 i / headSize). */
export function ropeTables(config: ModelConfig, positions: readonly number[]): { cos: Float32Array; sin: Float32Array } {
  const half = config.headSize / 2
  const frequencies = Array.from({ length: half }, (_, i) => config.ropeBase ** ((-2 * i) / config.headSize))
  const cos = new Float32Array(positions.length * half)
  const sin = new Float32Array(positions.length * half)
  positions.forEach((position, row) => {
    frequencies.forEach((frequency, i) => {
      cos[row * half + i] = Math.cos(position * frequency)
      sin[row * half + i] = Math.sin(position * frequency)
    })
  })
  return { cos, sin }
}
