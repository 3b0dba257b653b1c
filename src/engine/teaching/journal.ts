// The journal of requests: what was asked and what was answered, on the disk before anything follows from it.
// A batch that is killed goes on from here, and pays for no answer twice.
import { closeSync, existsSync, fdatasync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { ModelEvent } from '../../core/agent/index.ts'
import { retortErrorSchema } from '../../shared/contract/error.ts'
import { RetortError } from '../../shared/errors.ts'
import { systemError } from '../files/index.ts'
import type { AnswerToken } from '../providers/index.ts'

const flush = promisify(fdatasync)

/** What an answer took. `assumed`: the endpoint has not said it, and it counts at the most that it may have been. */
export type Paid = { readonly promptTokens: number; readonly tokens: number; readonly assumed: boolean }

/** An answer whole, in the events of its model; `tokens`: their log-probabilities, where they were asked for. */
export type KeptAnswer = { readonly events: readonly ModelEvent[]; readonly tokens: readonly AnswerToken[] | null }

const paidSchema = z.object({ promptTokens: z.int(), tokens: z.int(), assumed: z.boolean() })
const mostSchema = z.object({ promptTokens: z.int(), tokens: z.int() })

const lineSchema = z.discriminatedUnion('type', [
  /** It is about to be sent. `most`: what it may come to; `batch`: for which, where several share a journal; `at`: when, in milliseconds of Unix time. */
  z.object({ type: z.literal('asked'), request: z.int(), key: z.string(), most: mostSchema, batch: z.string().optional(), at: z.number().optional() }),
  /** The events were written by this program. */
  z.object({ type: z.literal('answered'), request: z.int(), key: z.string(), answer: z.custom<KeptAnswer>(), paid: paidSchema }),
  /** There is no answer; `paid` null: nothing was taken for it. */
  z.object({ type: z.literal('failed'), request: z.int(), key: z.string(), error: retortErrorSchema, paid: paidSchema.nullable() }),
])
type Line = z.infer<typeof lineSchema>

export type RequestJournal = {
  /** By the key of a request; undefined: it was never answered. */
  answer(key: string): KeptAnswer | undefined
  /** Resolves to its number when it is on the disk: only then may the request be sent. Those at the same time share one flush. */
  asked(key: string, most: z.infer<typeof mostSchema>): Promise<number>
  /** On the disk when it resolves: only then may something follow from it. */
  answered(answered: { request: number; key: string; answer: KeptAnswer; paid: Paid }): Promise<void>
  failed(failed: { request: number; key: string; error: z.infer<typeof retortErrorSchema>; paid: Paid | null }): Promise<void>
  /** Requests of earlier starts that say when they were asked: how many milliseconds before it was opened. */
  readonly sent: readonly { readonly ago: number; readonly most: z.infer<typeof mostSchema> }[]
  /** What was spent by earlier starts, lost requests among it at their most. */
  readonly before: { readonly requests: number; readonly promptTokens: number; readonly tokens: number; readonly assumed: number; readonly answered: number; readonly failed: number; readonly lost: number }
  close(): Promise<void>
}

/**
 * Opens the journal or makes it; `batch`: the one that asks, where several share it; `earlier`: other journals whose answers count as
 * answered, as far as they can be read. What a killed process left of its last line is cut
 * off. Throws RetortError `journal-damaged`.
 */
export function openRequestJournal(path: string, { batch, earlier = [] }: { readonly batch?: string; readonly earlier?: readonly string[] } = {}): RequestJournal {
  const lines = readJournal(path)
  const answers = new Map<string, KeptAnswer>()
  for (const line of [...earlier.flatMap(readable), ...lines]) if (line.type === 'answered') answers.set(line.key, line.answer)
  let number = lines.reduce((most, { request }) => Math.max(most, request + 1), 0)
  const file = opened(path)
  let closed = false
  let flushing: Promise<void> = Promise.resolve()
  let next: Promise<void> | null = null
  /** All that was written so far is on the disk when it resolves. */
  const flushed = (): Promise<void> =>
    (next ??= flushing.catch(() => undefined).then(() => {
      next = null
      return (flushing = flush(file))
    }))
  const write = async (line: Line): Promise<void> => {
    // Its number may be another file's by now.
    if (closed) throw new Error('a journal that is closed is not written to')
    try {
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
      for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
      await flushed()
    } catch (error) {
      throw systemError(error, path) ?? error
    }
  }
  return {
    before: spentBefore(lines),
    sent: lines.flatMap((line) => (line.type === 'asked' && line.at !== undefined ? [{ ago: Date.now() - line.at, most: line.most }] : [])),
    answer: (key) => answers.get(key),
    async asked(key, most) {
      const request = number++
      await write({ type: 'asked', request, key, most, ...(batch === undefined ? {} : { batch }), at: Date.now() })
      return request
    },
    async answered(answered) {
      await write({ type: 'answered', ...answered })
      answers.set(answered.key, answered.answer)
    },
    failed: (failed) => write({ type: 'failed', ...failed }),
    async close() {
      closed = true
      await flushed().finally(() => closeSync(file))
    },
  }
}

/** What a journal has cost, and how many of its requests have no end. */
export function spentBefore(lines: readonly Line[]): RequestJournal['before'] {
  const open = new Map<number, Paid>()
  const spent = { requests: 0, promptTokens: 0, tokens: 0, assumed: 0, answered: 0, failed: 0 }
  const count = ({ promptTokens, tokens, assumed }: Paid): void => {
    spent.requests += 1
    spent.promptTokens += promptTokens
    spent.tokens += tokens
    if (assumed) spent.assumed += 1
  }
  for (const line of lines) {
    if (line.type === 'asked') open.set(line.request, { ...line.most, assumed: true })
    else {
      open.delete(line.request)
      spent[line.type] += 1
      if (line.paid) count(line.paid)
    }
  }
  for (const paid of open.values()) count(paid)
  return { ...spent, lost: open.size }
}

/** Lines of the requests that one batch made; an answer that it found there was another's. */
export function linesOf(lines: readonly Line[], batch: string): Line[] {
  const own = new Set(lines.flatMap((line) => (line.type === 'asked' && line.batch === batch ? [line.request] : [])))
  return lines.filter(({ request }) => own.has(request))
}

/** The whole lines of a journal; none where there is no file. */
export function readJournal(path: string): Line[] {
  if (!existsSync(path)) return []
  const text = readFileSync(path, 'utf8')
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n').slice(0, -1)
  return lines.map((line, index) => {
    const read = parsed(line)
    if (read?.success) return read.data
    throw new RetortError({
      code: 'journal-damaged', message: 'the journal of requests cannot be read', where: `${path}, line ${index + 1}`,
      found: JSON.stringify(line.slice(0, 60)), expected: 'a request, an answer or a failure',
      advice: 'take the line out if its answer may be paid for again, or begin another batch',
    })
  })
}

/** The lines of another journal; what is damaged there is of no use here. */
function readable(path: string): Line[] {
  try {
    return readJournal(path)
  } catch (error) {
    if (error instanceof RetortError) return []
    throw error
  }
}

function parsed(line: string): ReturnType<typeof lineSchema.safeParse> | null {
  try {
    return lineSchema.safeParse(JSON.parse(line))
  } catch {
    return null
  }
}

/** For adding, behind the last whole line. */
function opened(path: string): number {
  try {
    const whole = existsSync(path) ? readFileSync(path).lastIndexOf(0x0a) + 1 : 0
    const file = openSync(path, 'a')
    ftruncateSync(file, whole)
    return file
  } catch (error) {
    throw systemError(error, path) ?? error
  }
}
