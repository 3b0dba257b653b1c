// Which teacher's distributions something holds or was made of: the header of their files, kept by runs too.
import { z } from 'zod'

export const teacherMetaSchema = z.strictObject({
  /** Who the teacher is and what it was shown, for people. */
  label: z.string(),
  teacher: z.strictObject({ name: z.string(), /** sha256 of its file; null where it is not a file here. */ sha256: z.string().nullable() }),
  /** What it was shown beside the student's messages. */
  context: z.enum(['student', 'answer']),
  /** The student whose tokens are named. */
  student: z.strictObject({ vocabulary: z.int(), /** sha256 over all tokens' bytes. */ fingerprint: z.string() }),
  /** Share of the student's strings that the teacher has too; null: it has the very same tokens. */
  overlap: z.number().nullable(),
})
export type TeacherMeta = z.infer<typeof teacherMetaSchema>
