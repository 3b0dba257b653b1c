// Records of a folder, each read by itself: one that is damaged hides no other, and is not hidden.
import type { Damaged } from '../../shared/contract/damaged.ts'
import { errorInLine, RetortError } from '../../shared/errors.ts'

/** In the order of the ids. Of a record that is not there, by the code `missing` of its error, nothing is said. */
export function readEach<Row>(ids: readonly string[], { read, missing }: { readonly read: (id: string) => Row; readonly missing: string }): { rows: Row[]; damaged: Damaged[] } {
  const [rows, damaged]: [Row[], Damaged[]] = [[], []]
  for (const id of ids) {
    try {
      rows.push(read(id))
    } catch (error) {
      if (!(error instanceof RetortError)) throw error
      if (error.code !== missing) damaged.push({ id, problem: errorInLine(error) })
    }
  }
  return { rows, damaged }
}
