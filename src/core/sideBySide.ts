// Work at items, so many at a time.

/** Results in the order of the items, each begun as soon as one before it has ended. Throws what the first one that fails throws; those begun then go on. */
export async function sideBySide<Item, Result>(items: readonly Item[], most: number, work: (item: Item, index: number) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index)
  }
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker))
  return results
}
