// Which kinds of tasks were chosen, in words.

/** Names as long as they are few; then how many. `t` is that of `useText`. */
export const kindsText = (families: readonly string[], t: (key: 'evaluate.onlyKinds', named: { n: number }, plural: number) => string): string =>
  families.length <= 3 ? families.join(', ') : t('evaluate.onlyKinds', { n: families.length }, families.length)
