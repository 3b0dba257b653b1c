// Where a command's words go: results to stdout, notes and progress to stderr, one JSON document with --json.
import { createProgress, type Progress } from './progress.ts'
import type { TextStream } from './stream.ts'

export type Output = {
  readonly json: boolean
  /** A result for a person; not printed with --json. */
  line(text: string): void
  /** The same without a line end, for streamed text. */
  text(text: string): void
  /** Something worth knowing, on stderr; silent with --quiet. */
  note(text: string): void
  /** The one JSON document. */
  document(value: unknown): void
  /** Progress on stderr; silent with --quiet. */
  progress(label: string, unit: string): Progress
}

export function createOutput(options: {
  stdout: TextStream
  stderr: TextStream
  json: boolean
  quiet: boolean
  /** Milliseconds, monotonic. */
  now: () => number
}): Output {
  const { stdout, stderr, json, quiet, now } = options
  return {
    json,
    line: (text) => void (json || stdout.write(`${text}\n`)),
    text: (text) => void (json || stdout.write(text)),
    note: (text) => void (quiet || stderr.write(`${text}\n`)),
    document: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    progress: (label, unit) => createProgress({ label, unit, now, ...(quiet ? {} : { stream: stderr }) }),
  }
}
