// A binary heap: what comes first is taken first.

export type Heap<T> = {
  push(item: T): void
  /** The first; undefined when nothing is left. */
  pop(): T | undefined
}

/** `before`: a strict order, so that equal heaps give their items in the same order. */
export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const at = (index: number): T => items[index] as T
  const swap = (i: number, j: number): void => {
    const held = at(i)
    items[i] = at(j)
    items[j] = held
  }
  return {
    push(item) {
      let i = items.push(item) - 1
      while (i > 0) {
        const parent = (i - 1) >> 1
        if (!before(at(i), at(parent))) return
        swap(i, parent)
        i = parent
      }
    },
    pop() {
      const first = items[0]
      const last = items.pop()
      if (items.length === 0 || last === undefined) return first
      items[0] = last
      for (let i = 0; ; ) {
        let least = i
        for (const child of [2 * i + 1, 2 * i + 2]) if (child < items.length && before(at(child), at(least))) least = child
        if (least === i) return first
        swap(i, least)
        i = least
      }
    },
  }
}
