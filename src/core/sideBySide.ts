// Work at items, so many at a time.

/**
 * Results in the order of the items, each begun as soon as one before it has ended. When one fails no other is begun; what the first one
 * that fails throws is thrown when those under way have ended, so that nobody works on behind who called.
 */
export async function sideBySide<Item, Result>(items: readonly Item[], most: number, work: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  let failed: { readonly error: unknown } | null = null
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); !next.done && failed === null; next = queue.next()) {
      const [index, item] = next.value
      try {
        results[index] = await work(item, index)
      } catch (error) {
        failed ??= { error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  const first = failed as { readonly error: unknown } | null
  if (first) throw first.error
  return results
}
