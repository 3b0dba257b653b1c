// What scores tokens: the job, and what any engine that does it looks like.
import type { MaskedExample, TokenKind } from '../../shared/records/example.ts'

/** `example` and `token` are indices; `nll` in nats. */
export type TokenNll = { readonly example: number; readonly token: number; readonly nll: number }

export type ScoreJob = {
  readonly student: string
  /** llama.cpp LoRA GGUF; null: the student as it is. */
  readonly adapter: string | null
  readonly examples: readonly MaskedExample[]
  /** Kinds of token that are scored. */
  readonly kinds: ReadonlySet<TokenKind>
  /** Where dequantised weights are kept. */
  readonly cacheDir: string
  readonly onScore: (score: TokenNll) => void
  /** Examples scored so far. */
  readonly onProgress: (done: number) => void
  readonly signal: AbortSignal
}

/** Scores every token of those kinds that its example owns, its first token aside. */
export type TokenScorer = (job: ScoreJob) => Promise<void>
