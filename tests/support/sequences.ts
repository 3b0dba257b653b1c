// Token sequences for tests of packing: such that share nothing, and families that begin alike.

export type Sequence = { readonly ids: readonly number[] }

/** Of these lengths; no two begin with the same token. */
export const strangers = (lengths: readonly number[]): Sequence[] =>
  lengths.map((length, i) => ({ ids: Array.from({ length }, (_, token) => (token === 0 ? 1000 + i : token)) }))

/** `continuations` of `own` tokens each behind one beginning of `shared`; families of another `name` share nothing with it. */
export const family = (name: number, { shared, own }: { shared: number; own: readonly number[] }): Sequence[] =>
  own.map((length, i) => ({
    ids: [...Array.from({ length: shared }, (_, token) => 10_000 * (name + 1) + token), ...Array.from({ length }, (_, token) => (token === 0 ? 100 + i : token))],
  }))
