// What two models' tokens have to do with each other: the same, or which strings both have.
import { createHash } from 'node:crypto'
import type { Tokenizer } from '../../core/ports/index.ts'

const keyOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** sha256 (hex) over the bytes of all tokens in order: equal where ids mean the same. */
export function fingerprintOf({ vocabularySize, bytes }: Pick<Tokenizer, 'vocabularySize' | 'bytes'>): string {
  const hash = createHash('sha256')
  const length = new Uint32Array(1)
  for (let id = 0; id < vocabularySize; id++) {
    const token = bytes(id)
    length[0] = token.length
    hash.update(new Uint8Array(length.buffer)).update(token)
  }
  return hash.digest('hex')
}

export type TokenMap = {
  /** The student's id of the teacher's token; -1 where the student has no token of these bytes. */
  readonly toStudent: Int32Array
  /** One entry a token of the student: 1 where the teacher has one of the same bytes. */
  readonly shared: Uint8Array
  /** Share of the student's tokens that are shared. */
  readonly overlap: number
}

/**
 * By the bytes of each token; control tokens are apart from text that spells them. Those that end a turn mean the same whatever
 * they are called: the teacher's become the student's first.
 */
export function mapTokens(teacher: Tokenizer, student: Tokenizer): TokenMap {
  const control = (tokenizer: Tokenizer): ReadonlySet<number> => new Set(tokenizer.control.map(({ id }) => id))
  const [ours, theirs] = [control(student), control(teacher)]
  const idOf = new Map<string, number>()
  for (let id = student.vocabularySize - 1; id >= 0; id--) if (!ours.has(id)) idOf.set(keyOf(student.bytes(id)), id)
  const controlOf = new Map(student.control.map(({ id, text }) => [text, id]))
  const nameOf = new Map(teacher.control.map(({ id, text }) => [id, text]))
  const [end] = [...student.endOfGeneration]
  const toStudent = Int32Array.from({ length: teacher.vocabularySize }, (_, id) => {
    if (!theirs.has(id)) return idOf.get(keyOf(teacher.bytes(id))) ?? -1
    const same = controlOf.get(nameOf.get(id) as string)
    return same ?? (teacher.endOfGeneration.has(id) ? (end ?? -1) : -1)
  })
  const shared = new Uint8Array(student.vocabularySize)
  for (const id of toStudent) if (id >= 0) shared[id] = 1
  return { toStudent, shared, overlap: shared.reduce((sum, one) => sum + one, 0) / student.vocabularySize }
}
