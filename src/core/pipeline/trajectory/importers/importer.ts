// What every importer is: a row with the format's name, how its records are recognised and how one is read.
import type { ReadResult } from '../conversation.ts'

export type Importer = {
  /** The name in reports and records. */
  readonly format: string
  /** For people. */
  readonly title: string
  /** Whether a parsed JSON record looks like this format, going by its content. Must not throw, whatever it gets. */
  detect(record: unknown): boolean
  /** Parses one record with the format's schema. Must not throw, whatever it gets. */
  read(record: unknown): ReadResult
}
