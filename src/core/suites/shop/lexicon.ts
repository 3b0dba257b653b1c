// What a shop sells, as a lexicon: kinds of products with what tells them apart, and how orders are worded.

export type Category = {
  readonly name: string
  /** Stand in the title, one a product: `cotton` of a shirt. */
  readonly makes: readonly string[]
  /** Adjectives; stand on the product's page alone. */
  readonly features: readonly string[]
  /** What a buyer chooses; a product has some of the values. */
  readonly options: Readonly<Record<string, readonly string[]>>
  /** Dollars. */
  readonly price: readonly [number, number]
}

/** `{item}` the make and kind with its article, `{list}` features, `{name}` and `{value}` of an option, `{cap}` dollars. */
export type Wording = {
  readonly orders: readonly string[]
  readonly features: readonly string[]
  readonly options: readonly string[]
  readonly caps: readonly string[]
  /** The whole: `{order}` and the other parts as `{rest}`. */
  readonly questions: readonly string[]
}

export type Lexicon = {
  readonly categories: readonly Category[]
  readonly brands: readonly string[]
  readonly wording: Wording
}

/** `a`, `a and b`, `a, b and c` */
export const joined = (words: readonly string[]): string => (words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`)
