// What scores tokens: the job, and what any engine that does it looks like.
import type { MaskedExample, TokenKind } from '../../shared/records/example.ts'

export type ScoreJob = {
  readonly student: string
  /** llama.cpp LoRA GGUF; null: the student as it is. */
  readonly adapter: string | null
  readonly examples: readonly MaskedExample[]
  readonly wanted: (kind: TokenKind) => boolean
  /** Where dequantised weights are kept. */
  readonly cacheDir: string
  /** `example` and `token` are indices; `nll` in nats. */
  readonly onScore: (score: { readonly example: number; readonly token: number; readonly nll: number }) => void
  /** Examples scored so far. */
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

/** Scores every wanted token of every example. */
export type TokenScorer = (job: ScoreJob) => Promise<void>
