// Pages of a list that grows at its end, seen from there.

export const PAGE = 50

/** Where page `page` (0: the newest) of `total` episodes lies in their order. */
export function pageAt(page: number, total: number): { readonly offset: number; readonly limit: number } {
  const end = Math.max(0, total - page * PAGE)
  const offset = Math.max(0, end - PAGE)
  return { offset, limit: end - offset }
}
