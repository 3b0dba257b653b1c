// An endpoint's tokens by the student's ids: by their text, or by their own ids where those turn out to be the student's.
import { byteTextOf, rowOfGroup, spokenText, type ByteText, type SpokenPlace } from '../../core/pipeline/training/index.ts'
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
            places.flatMap(({ student: own, teacher, group }): [number, TeacherRow][] => {
              const top = tokens[teacher]?.top?.slice(0, k)
              if (!top) return []
              const named = top.flatMap((one) => {
                const id = studentId(one)
                return id === undefined ? [] : [{ id, probability: Math.exp(one.logProb), first: isOf(tokens[teacher] as PromptToken, one) }]
              })
              if (!group) return [[own, rowOfGroup(named, { group: null, k })]]
              const logProb = group.teacher.reduce((sum, token) => sum + ownLogProb(tokens[token] as PromptToken), 0)
              // The endpoint does not say how likely all of the group's tokens are.
              if (Number.isNaN(logProb)) return []
              return [[own, rowOfGroup(named, { group: { label: group.label, first: named.findIndex(({ first }) => first), probability: Math.exp(logProb) }, k })]]
            }),
          )
        },
      }
    },
  }
}

const REPLACED = '\ufffd'

const isOf = ({ id, text }: Named, one: Named): boolean => (id === null ? one.text === text : one.id === id)

/** Of the token that stands there; endpoints name it beside the likeliest. NaN where one does not. */
const ownLogProb = (token: PromptToken): number => token.top?.find((one) => isOf(token, one))?.logProb ?? NaN
