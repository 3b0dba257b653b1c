// A teacher for work that is no batch: paid for once, within a budget, with a journal in a folder of its own.
import { join } from 'node:path'
import type { ChatModel, CompletionOptions } from '../../core/agent/index.ts'
import { RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { Budget, Prices, Usage } from '../../shared/records/rollout.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { ensureFolder, takeLock } from '../files/index.ts'
import { journalPath } from './batch.ts'
import { type BatchRequest, trafficOf } from './batches.ts'
import { openRequestJournal, type RequestJournal } from './journal.ts'
import { createMeter, FREE_PRICES, requirePrices } from './meter.ts'
import { type Paying, paidModel, rateOf, requestKey } from './paidModel.ts'
import { type OpenedBy, openTeacherSource } from './source.ts'

/** What may be spent, over all starts with the same journal, and how it is asked; what is left open of that is usual. */
export type TeacherTerms = { readonly prices: Prices | null; readonly budget: Budget; readonly traffic: BatchRequest['traffic'] }

export type MeteredTeacher = {
  readonly model: ChatModel
  /** Aborted when the next request will fare no better, with why: the budget is reached, the journal cannot be written, or it failed several times in a row. */
  readonly ended: AbortSignal
  /** Earlier starts among it. */
  readonly usage: () => Usage
  /** Whether the journal has the answer: then it costs nothing. */
  readonly has: (turns: readonly Turn[], options: Omit<CompletionOptions, 'signal'>) => boolean
  readonly dispose: () => Promise<void>
}

type Opening = {
  readonly teacher: Exclude<OpenedBy, { type: 'expert' }>
  readonly terms: TeacherTerms
  /** Made; holds the journal. */
  readonly folder: string
  readonly onNotice: (text: string) => void
  /** Failures in a row that end it; 5 when absent. */
  readonly mostFailures?: number
  readonly signal: AbortSignal
}

const FAILURES_IN_A_ROW = 5

/** Throws RetortError `no-prices`, `teacher-busy`, `journal-damaged`, and for a file that cannot be opened. */
export async function openMeteredTeacher({ teacher, terms, folder, onNotice, mostFailures = FAILURES_IN_A_ROW, signal }: Opening): Promise<MeteredTeacher> {
  const { budget } = terms
  const prices = teacher.type === 'endpoint' ? terms.prices : FREE_PRICES
  requirePrices({ prices, budget })
  ensureFolder(folder)
  const lock = takeLock(join(folder, '.lock'))
  if (!lock) throw new RetortError({ code: 'teacher-busy', message: 'another process asks the teacher for the same', where: folder, advice: 'wait for its end, or stop it' })
  let journal: RequestJournal | null = null
  try {
    journal = openRequestJournal(journalPath(folder))
    const { lost: _, ...before } = journal.before
    const meter = createMeter({ prices, budget, before })
    const source = await openTeacherSource(teacher, { suite: undefined, style: 'code', seed: 0, signal })
    const traffic = trafficOf(terms.traffic)
    const pending: Paying['pending'] = new Map()
    const [own, over] = [new AbortController(), new AbortController()]
    const paid = paidModel({ source, journal, meter, traffic, rate: rateOf(traffic, journal), logprobs: 0, pending, onNotice, over: over.signal })
    const opened = journal
    return {
      model: endingModel(paid, { most: mostFailures, end: (why) => own.abort(why), giveUp: (why) => over.abort(why) }),
      ended: own.signal,
      usage: () => meter.usage(),
      has: (turns, options) => opened.answer(requestKey({ source, turns, options, logprobs: 0 })) !== undefined,
      async dispose() {
        try {
          // What was asked is paid: whoever left before its answer finds it in the journal the next time.
          while (pending.size > 0) await Promise.allSettled([...pending.values()])
          await source.dispose()
          await opened.close()
        } finally {
          lock.release()
        }
      },
    }
  } catch (error) {
    await journal?.close()
    lock.release()
    throw error
  }
}

/** What came to it since: of one start, where `before` is what it began with. */
export function spentSince(before: Usage, now: Usage): Usage {
  const since = (of: (usage: Usage) => number | null | undefined): number => (of(now) ?? 0) - (of(before) ?? 0)
  return {
    requests: since(({ requests }) => requests), answered: since(({ answered }) => answered), failed: since(({ failed }) => failed),
    replayed: since(({ replayed }) => replayed), promptTokens: since(({ promptTokens }) => promptTokens), tokens: since(({ tokens }) => tokens),
    assumed: since(({ assumed }) => assumed), cost: now.cost === null ? null : since(({ cost }) => cost),
  }
}

type Endings = { readonly most: number; readonly end: (why: unknown) => void; readonly giveUp: (why: unknown) => void }

/** The model; `end` is told why no further request makes sense, `giveUp` where it is that the teacher does not answer. */
function endingModel(model: ChatModel, { most, end, giveUp }: Endings): ChatModel {
  let failures = 0
  return {
    ...model,
    async *complete(turns, options) {
      try {
        for await (const event of model.complete(turns, options)) {
          if (event.type === 'end') failures = 0
          if (event.type === 'failed' && !options.signal.aborted && ++failures >= most) {
            const why = givenUp(model.name, { failures, error: event.error })
            end(why)
            giveUp(why)
          }
          yield event
        }
      } catch (error) {
        if (!options.signal.aborted) end(error)
        throw error
      }
    },
  }
}

const givenUp = (name: string, { failures, error: { message, found } }: { readonly failures: number; readonly error: RetortErrorParts }): RetortError =>
  new RetortError({ code: 'teacher-failed', message: 'the teacher does not answer', where: name, found: `${failures} failures in a row, the last: ${[message, found].filter(Boolean).join(': ')}`, expected: 'answers', advice: 'what it said so far is kept: run it again when it answers' })
