// What a row of the table of losses is: a number for every row of a chunk, from the student's logits and what is fed beside.
import type { DType, Dim, Shape, Value } from '../../tensor/index.ts'

export type LossName = 'ce' | 'forwardKl' | 'reverseKl' | 'jsd' | 'uld'

/** How the teacher's distribution is given. */
export type Given =
  /** Its k most probable tokens, and what is left as one outcome. */
  | { readonly kind: 'top'; readonly k: number }
  /** Its logits over the student's whole vocabulary. */
  | { readonly kind: 'full' }
  /**
   * The distribution of a teacher with other tokens: as `top` for strings that both have, and `rest` probabilities of strings
   * that the student lacks. `overlap` is the weight of the first part, 1 - overlap that of the second.
   */
  | { readonly kind: 'otherTokens'; readonly k: number; readonly rest: number; readonly overlap: number }

/** A loss against a distribution, as a part of the loss of a pass. */
export type LossTerm = {
  /** Whose distribution; its feeds and its output begin with this word. */
  readonly source: 'teacher' | 'base'
  readonly loss: Exclude<LossName, 'ce'>
  readonly given: Given
  /** Of the generalised JSD, 0 to 1. */
  readonly beta: number
  /** Softens both sides; the loss is multiplied by its square. */
  readonly temperature: number
}

export type LossFeed = {
  readonly name: string
  readonly shape: Shape
  readonly dtype?: DType
  /** Cut into chunks along axis 0 with the rows; else the same for all. */
  readonly perRow: boolean
}

/** What a row sees of a chunk of C rows. */
export type LossChunk = {
  /**
   * Log-probabilities [C, 1 + K + 1] under the student of: the label, the K candidates (those of all terms together, none twice;
   * far below any number where there are fewer), and of all other tokens together.
   */
  readonly outcomes: Value
  /** [C, V]. */
  readonly logits: Value
  /** A feed of the row, by its name. */
  readonly fed: (name: string) => Value
}

export type LossSizes = { readonly rows: Dim; readonly candidates: number; readonly vocabulary: number }

export type LossRow = {
  readonly name: LossName
  /** s, t: logits of student and teacher; S, T: their distributions. */
  readonly formula: string
  /** The column of a masked example that weighs it. */
  readonly weight: 'ce' | 'kl'
  readonly feeds: (term: LossTerm, sizes: LossSizes) => readonly LossFeed[]
  /** Losses [C] in nats (L1: in probability). */
  readonly perRow: (chunk: LossChunk, term: LossTerm) => Value
}
