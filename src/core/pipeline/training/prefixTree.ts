// Shared beginnings: the sequences of a pass as one tree of tokens, so that what several begin with is computed once.

export type PrefixTree = {
  /** Tokens in the order they run: each behind its beginning, and all that go on from it next. */
  readonly ids: number[]
  /** Position of each within its sequences; the same in all of them. */
  readonly positions: number[]
  /** The last token that goes on from each: those up to it see it, and no others. */
  readonly lastSeer: number[]
  /** `rows[s][i]` is where token i of sequence s runs. */
  readonly rows: readonly (readonly number[])[]
}

/**
 * Lays sequences out so that tokens are shared as far as sequences agree from their first token on. Nothing a token is
 * computed from lies behind it, so that every sequence gets what it would get alone.
 */
export function layPrefixTree(sequences: readonly (readonly number[])[]): PrefixTree {
  const ids: number[] = []
  const positions: number[] = []
  const lastSeer: number[] = []
  const rows: number[][] = sequences.map(() => [])

  /** Sequences that agree before `from`; depth of calls is at most their number. */
  const lay = (members: readonly number[], from: number): void => {
    const start = ids.length
    let [position, branches] = [from, branchesAt(members, from)]
    for (; branches.length === 1; position++, branches = branchesAt(members, position)) {
      const { token, sharing } = branches[0] as Branch
      for (const member of sharing) (rows[member] as number[]).push(ids.length)
      ids.push(token)
      positions.push(position)
    }
    const end = ids.length
    for (const { sharing } of branches) lay(sharing, position)
    for (let row = start; row < end; row++) lastSeer[row] = ids.length - 1
  }

  type Branch = { readonly token: number; readonly sharing: number[] }
  const branchesAt = (members: readonly number[], position: number): Branch[] => {
    const branches = new Map<number, Branch>()
    for (const member of members) {
      const token = (sequences[member] as readonly number[])[position]
      if (token === undefined) continue
      const branch = branches.get(token)
      if (branch) branch.sharing.push(member)
      else branches.set(token, { token, sharing: [member] })
    }
    return [...branches.values()]
  }

  lay(sequences.map((_, i) => i), 0)
  return { ids, positions, lastSeer, rows }
}
