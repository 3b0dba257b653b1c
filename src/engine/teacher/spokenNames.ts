// An endpoint's tokens by the student's ids: by their text, or by their own ids where those turn out to be the student's.
import { byteTextOf, spokenText, type ByteText, type SpokenPlace } from '../../core/pipeline/training/index.ts'
import type { TeacherRow, Tokenizer } from '../../core/ports/index.ts'
import type { PromptToken } from '../providers/index.ts'

export type ReadTokens = {
  readonly spoken: readonly ByteText[]
  /** By the student's tokens; `ids`: those of the example. A place of which the endpoint says nothing has none. */
  rows(places: readonly SpokenPlace[], of: { readonly k: number; readonly ids: readonly number[] }): Map<number, TeacherRow>
}

type Named = { readonly text: string; readonly id: number | null }

/** What the student has no token for is left out of a row: its probability is in the tail. */
export function createNames(student: Tokenizer): { read(tokens: readonly PromptToken[]): ReadTokens } {
  const control = new Map(student.control.map(({ id, text }) => [id, text]))
  const idOf = new Map<ByteText, number>()
  for (const { id } of student.control) idOf.set(byteTextOf(student.bytes(id)), id)
  // Text comes before control tokens that are spelled the same, and the first of several tokens before the others.
  for (let id = student.vocabularySize - 1; id >= 0; id--) if (!control.has(id)) idOf.set(byteTextOf(student.bytes(id)), id)
  const isOwn = ({ id, text }: Named): boolean => {
    if (id === null || id >= student.vocabularySize) return false
    const own = byteTextOf(student.bytes(id))
    const said = spokenText(text)
    // Alone, a token may lose the space before a word, be no text, or be left out.
    return said === own || ` ${said}` === own || text.includes(REPLACED) || (text === '' && control.has(id))
  }

  return {
    read(tokens) {
      const all = tokens.flatMap((token) => [token, ...(token.top ?? [])])
      const same = all.length > 0 && all.every(isOwn)
      const textOf = ({ text, id }: Named): ByteText => (same ? byteTextOf(student.bytes(id as number)) : spokenText(text))
      return {
        spoken: tokens.map(textOf),
        rows(places, { k, ids }) {
          const closings = new Map(places.flatMap(({ closes, student: own, teacher }) => (closes ? [[textOf(tokens[teacher] as Named), ids[own] as number] as const] : [])))
          const studentId = (named: Named): number | undefined => {
            if (same) return named.id as number
            const text = textOf(named)
            return idOf.get(text) ?? (text === '' ? undefined : closings.get(text))
          }
          return new Map(
            places.flatMap(({ student: own, teacher }): [number, TeacherRow][] => {
              const top = tokens[teacher]?.top
              return top ? [[own, rowOf(top.slice(0, k).map((named) => [studentId(named), named.logProb]))]] : []
            }),
          )
        },
      }
    },
  }
}

const REPLACED = '\ufffd'

/** `named`: likeliest first. */
function rowOf(named: readonly (readonly [id: number | undefined, logProb: number])[]): TeacherRow {
  const known = named.flatMap(([id, logProb]) => (id === undefined ? [] : [{ id, logProb }]))
  if (new Set(known.map(({ id }) => id)).size === known.length) return { ids: known.map(({ id }) => id), logProbs: known.map(({ logProb }) => logProb) }
  // Several of the teacher's tokens are one of the student's.
  const mass = new Map<number, number>()
  for (const { id, logProb } of known) mass.set(id, (mass.get(id) ?? 0) + Math.exp(logProb))
  const summed = [...mass].sort((a, b) => b[1] - a[1])
  return { ids: summed.map(([id]) => id), logProbs: summed.map(([, probability]) => Math.log(probability)) }
}
