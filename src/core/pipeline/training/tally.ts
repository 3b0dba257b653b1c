// Sums of losses by kind or part of token, and the means they give.

type Sums = { nll: number; tokens: number; correct: number }

/** Mean negative log-likelihood in nats, share of tokens predicted first, and the number of tokens behind both. */
export type Mean = { readonly nll: number; readonly accuracy: number; readonly tokens: number }

export type Tally<Label extends string> = {
  add(label: Label, result: { readonly nll: number; readonly correct: number }): void
  /** Over all tokens. */
  total(): Mean
  /** Labels without tokens are left out. */
  byLabel(): Partial<Record<Label, Mean>>
}

const meanOf = ({ nll, tokens, correct }: Sums): Mean => ({ nll: nll / tokens, accuracy: correct / tokens, tokens })

export function createTally<Label extends string>(): Tally<Label> {
  const sums = new Map<Label, Sums>()
  const all: Sums = { nll: 0, tokens: 0, correct: 0 }
  return {
    add(label, { nll, correct }) {
      const own = sums.get(label) ?? { nll: 0, tokens: 0, correct: 0 }
      sums.set(label, own)
      for (const into of [own, all]) {
        into.nll += nll
        into.correct += correct
        into.tokens += 1
      }
    },
    total: () => meanOf(all),
    byLabel: () => Object.fromEntries([...sums].map(([label, sum]) => [label, meanOf(sum)])) as Partial<Record<Label, Mean>>,
  }
}
