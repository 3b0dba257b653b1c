// Documents of files and folders: text as it is, or lines of JSON with a field `text` or a chat's `messages`.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { TextDocument } from '../../core/pipeline/pretraining/index.ts'
import { RetortError } from '../../shared/errors.ts'
import { openLineSource } from '../files/index.ts'

const TEXT = /\.(txt|md|text)$/i
const LINES = /\.jsonl$/i
/** Between two documents of one file. */
const DIVIDER = '<|endoftext|>'
/** V8 holds strings of up to 2^29 units, and the text is held more than once. */
const MOST_CHARACTERS = 256 * 2 ** 20

const lineSchema = z.union([
  z.object({ text: z.string() }).transform(({ text }): TextDocument => text),
  z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })).min(1) }).transform(({ messages }): TextDocument => messages),
])

/** In the order of their paths. Throws RetortError `no-text`, or `bad-text` with file and line for what cannot be read as text. */
export function readDocuments(paths: readonly string[]): TextDocument[] {
  const documents = paths.flatMap(filesOf).flatMap(documentsOf).filter((document) => typeof document !== 'string' || document.trim() !== '')
  if (documents.length > 0) return documents
  throw new RetortError({ code: 'no-text', message: 'there is no text to train on', where: paths.join(', '), found: 'nothing but white space', expected: 'files .txt, .md or .jsonl' })
}

/** A file that is named is read whatever its name; of a folder those whose names say what they are. */
function filesOf(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) throw new RetortError({ code: 'no-text', message: 'there is no such file or folder', where: path, found: 'nothing', expected: 'text' })
  if (!stats.isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' }).filter((name) => TEXT.test(name) || LINES.test(name)).sort().map((name) => join(path, name))
}

function bad(where: string, { line, found, expected }: { line: number; found: string; expected: string }): RetortError {
  return new RetortError({ code: 'bad-text', message: 'this file cannot be read as text', where: `${where}, line ${line}`, found, expected })
}

function documentsOf(path: string): TextDocument[] {
  return LINES.test(path) ? [...textOfLines(path)] : wholeText(path).split(DIVIDER)
}

function* textOfLines(path: string): Generator<TextDocument> {
  for (const line of openLineSource(path).lines()) {
    if ('problem' in line) throw bad(path, { line: line.number, ...line.problem })
    if (line.text.trim() === '') continue
    yield textOfLine(path, line)
  }
}

function textOfLine(path: string, { number: line, text }: { number: number; text: string }): TextDocument {
  const expected = 'an object with a string "text", or with "messages" of role and content'
  try {
    const found = lineSchema.safeParse(JSON.parse(text))
    if (found.success) return found.data
  } catch (error) {
    throw bad(path, { line, found: (error as Error).message, expected })
  }
  throw bad(path, { line, found: text.slice(0, 80), expected })
}

function wholeText(path: string): string {
  let text = ''
  for (const piece of openLineSource(path).pieces()) {
    if ('problem' in piece) throw bad(path, piece.problem)
    text += piece.text
    if (text.length > MOST_CHARACTERS)
      throw new RetortError({ code: 'bad-text', message: 'this file is too long', where: path, found: `more than ${MOST_CHARACTERS} characters`, expected: 'several smaller files, or lines of JSON' })
  }
  return text
}
