// Articles of a file: JSONL with a title and a text in each line.
import { z } from 'zod'
import { RetortError } from '../../shared/errors.ts'
import { openLineSource, parsedJson, systemError } from '../files/index.ts'
import type { Article } from './corpus.ts'

const articleSchema = z.object({ title: z.string().min(1), text: z.string() })

/** Throws RetortError `bad-article` at the first line that is none; the file's own error where it cannot be read. */
export function* readArticles(path: string): Generator<Article> {
  for (const line of linesOf(path)) {
    const refuse = (found: string): RetortError =>
      new RetortError({ code: 'bad-article', message: 'this is no article', where: `${path}, line ${line.number}`, found, expected: 'a JSON object with "title" and "text"' })
    if ('problem' in line) throw refuse(line.problem.found)
    if (line.text.trim() === '') continue
    const read = articleSchema.safeParse(parsedJson(line.text))
    if (!read.success) throw refuse(JSON.stringify(line.text.slice(0, 60)))
    yield read.data
  }
}

function linesOf(path: string): ReturnType<ReturnType<typeof openLineSource>['lines']> {
  try {
    return openLineSource(path).lines()
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}
