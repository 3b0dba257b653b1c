// Port: a teacher's distributions over the next token, for the tokens of masked examples.

/** The head of one distribution. What its probabilities leave of 1 is the tail; the tail's tokens are not named. */
export type TeacherRow = {
  /**
   * Ids of the student's vocabulary, most probable first, none twice, at most K. -1 stands for a token whose string the
   * student's vocabulary lacks (only where the tokenizers differ); it may occur several times.
   */
  readonly ids: ArrayLike<number>
  /** Natural logarithms of their probabilities under the teacher at temperature 1, one per id. */
  readonly logProbs: ArrayLike<number>
}

/** How much of what a run asks for is there. */
export type TeacherCoverage = {
  /** Target tokens with a distribution, of those that were to be scored. */
  readonly tokens: number
  readonly of: number
  /** Mean probability mass of the entries of a row, 0 to 1. */
  readonly mass: number
}

/** Strings that both vocabularies have, for a teacher with another tokenizer. */
export type SharedVocabulary = {
  /** One number per id of the student: 1 where the teacher has a token of the same bytes, else 0. */
  readonly shared: Uint8Array
  /** Shared strings divided by the student's vocabulary, 0 to 1: the weight of the part compared token by token. */
  readonly overlap: number
}

export type TeacherDistributions = {
  /** Most entries of a row; fixed for the whole store. */
  readonly k: number
  /** Who the teacher is and what it was shown, for people: "Qwen2.5-7B Q4_K_M, student's prompt". */
  readonly label: string
  /** null: the teacher has the student's own tokens. Else rows exist where a token of both begins (see alignment groups). */
  readonly vocabulary: SharedVocabulary | null
  /**
   * P(. | ids[0..token)) for the example of this id: what the teacher would have put where `ids[token]` stands. null where
   * the teacher was not asked, or gave nothing. The same arguments always give the same numbers. Not kept by the caller:
   * the arrays may be views that the next call overwrites.
   */
  row(example: string, token: number): TeacherRow | null
  coverage(): TeacherCoverage
}
