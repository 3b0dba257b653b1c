// How hard a trajectory is: the metrics as rows of one table (methods.md 6).
import type { Complexity, ComplexityMetric } from '../../../shared/records/plan.ts'
import type { Facts } from './facts.ts'

type Row<Options> = {
  /** Of its values. */
  readonly unit: string
  /** Whether the student has to score the trajectory first. */
  readonly scored: boolean
  /** null: a fact that it needs is unknown. */
  value(facts: Facts, options: Options): number | null
}

export const METRICS: { readonly [M in ComplexityMetric]: Row<Extract<Complexity, { metric: M }>> } = {
  sad: {
    unit: 'tokens',
    scored: false,
    value: ({ reasonTokens, actTokens, teacherEntropy }, { a, b, g }) => a * reasonTokens + b * actTokens + g * (teacherEntropy ?? 0),
  },
  steps: { unit: 'steps', scored: false, value: ({ steps }) => steps },
  tools: { unit: 'tools', scored: false, value: ({ tools }) => tools },
  loss: { unit: 'nats a token', scored: true, value: ({ loss }) => loss },
}

/** The complexity of a trajectory; null where a fact that it needs is unknown. */
export function complexityOf(facts: Facts, complexity: Complexity): number | null {
  const row: Row<never> = METRICS[complexity.metric]
  return row.value(facts, complexity as never)
}
