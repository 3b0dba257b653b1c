// The judge as curation asks it: a model that is paid for once, within a budget; or, asked nothing, what it would cost.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import type { ChatModel } from '../../core/agent/index.ts'
import type { JudgeAnswer, JudgePort } from '../../core/pipeline/curation/index.ts'
import { plainTurn } from '../../core/pipeline/trajectory/index.ts'
import { sideBySide } from '../../core/sideBySide.ts'
import type { JudgeEstimate } from '../../shared/contract/curating.ts'
import { errorParts, RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { Judging } from '../../shared/records/curation.ts'
import { sha256, sha256File } from '../files/index.ts'
import { type MeteredTeacher, type OpenedBy, openMeteredTeacher, spentSince, type TeacherTerms, trafficOf } from '../teaching/index.ts'
import { createReckoning } from './reckoning.ts'

/** Who judges, what it costs, and what it may cost over all curations of the project. */
export type WantedJudge = Exclude<OpenedBy, { type: 'expert' }> & { readonly terms: TeacherTerms }

export type OpenJudge = {
  readonly port: JudgePort
  /** So far. */
  readonly judging: () => Judging
  /** Of what was not asked. */
  readonly estimate: () => JudgeEstimate
  dispose(): Promise<void>
}

type Opening = {
  /** Folder of what judges have said. */
  readonly folder: string
  /** It is asked nothing: what it would take is reckoned. What the journal has is answered. */
  readonly dry: boolean
  readonly onNotice: (text: string) => void
  readonly signal: AbortSignal
}

const SAMPLING = { temperature: 0, topP: 1, seed: 0, maxTokens: 400 }
const ASKED = { tools: [], stop: [], ...SAMPLING }
/** Endpoints that fail so often in a row are not asked for the rest: what they said so far is kept. */
const MOST_FAILURES = 5
const UNASKED = 'the judge was asked nothing: this is an estimate'

/** Throws RetortError for a model that cannot be opened, and as `openMeteredTeacher` does. */
export async function openJudge({ terms, ...who }: WantedJudge, { folder, dry, onNotice, signal }: Opening): Promise<OpenJudge> {
  const earlier = await earlierAnswers(join(dirname(folder), 'judged.jsonl'), who)
  // Each endpoint's model has prices of its own. What files of this machine say is told apart in their journal.
  const own = who.type === 'local' ? 'local' : sha256(JSON.stringify([who.endpoint.kind, who.endpoint.baseUrl, who.model])).slice(0, 16)
  const paid = await openMeteredTeacher({ teacher: who, terms, folder: join(folder, own), onNotice, signal })
  const before = paid.usage()
  const reckoning = createReckoning(who.type === 'local' ? { input: 0, output: 0 } : terms.prices, SAMPLING.maxTokens)
  const counts = { answered: 0, failed: 0, unasked: 0, earlier: 0 }
  let stopped: RetortErrorParts | null = null

  async function answerTo(prompt: string): Promise<JudgeAnswer> {
    const said = earlier(prompt)
    if (said !== undefined) {
      counts.earlier += 1
      return { text: said }
    }
    const turns = [plainTurn('user', prompt)]
    if (dry && !paid.has(turns, ASKED)) {
      reckoning.add(turns)
      return { problem: UNASKED, unasked: true }
    }
    try {
      return await heard(paid.model, turns, signal)
    } catch (error) {
      // Others had no answer while this one waited for its turn.
      if (error instanceof RetortError && error.code === 'teacher-failed') return { problem: error.message, unasked: true }
      if (!(error instanceof RetortError && error.code === 'budget-reached')) throw error
      stopped ??= errorParts(error)
      return { problem: [error.message, error.found, error.expected].filter(Boolean).join(': '), unasked: true }
    }
  }
  const ask = async (prompt: string): Promise<JudgeAnswer> => {
    const answer = await answerTo(prompt)
    counts['text' in answer ? 'answered' : answer.unasked ? 'unasked' : 'failed'] += 1
    return answer
  }
  const known = ({ replayed, ...usage }: ReturnType<MeteredTeacher['usage']>) => ({ ...usage, replayed: replayed + counts.earlier })
  const atOnce = who.type === 'local' ? 1 : trafficOf(terms.traffic).concurrency
  return {
    port: { name: paid.model.name, ask: (prompts, onProgress) => askAll({ prompts, atOnce, ask, onProgress, signal }) },
    judging: () => {
      const { answered, failed, unasked } = counts
      return { answered, failed, unasked, stopped, usage: known(spentSince(before, paid.usage())), total: known(paid.usage()), budget: terms.budget }
    },
    estimate: () => ({ ...reckoning.sum(), known: counts.answered }),
    dispose: () => paid.dispose(),
  }
}

type Asking = {
  readonly prompts: readonly string[]
  readonly atOnce: number
  readonly ask: (prompt: string) => Promise<JudgeAnswer>
  readonly onProgress: (done: number, total: number) => void
  readonly signal: AbortSignal
}

async function askAll({ prompts, atOnce, ask, onProgress, signal }: Asking): Promise<JudgeAnswer[]> {
  let [done, failures] = [0, 0]
  return sideBySide(prompts, atOnce, async (prompt) => {
    signal.throwIfAborted()
    const answer = await ask(prompt)
    failures = 'problem' in answer && !answer.unasked ? failures + 1 : 0
    if ('problem' in answer && failures >= MOST_FAILURES) {
      throw new RetortError({ code: 'judge-failed', message: 'the judge does not answer', found: `${failures} failures in a row, the last: ${answer.problem}`, expected: 'answers', advice: 'what it said so far is kept: run it again when it answers' })
    }
    onProgress(++done, prompts.length)
    return answer
  })
}

/** Throws `budget-reached`, and what the signal is aborted with. */
async function heard(model: ChatModel, turns: Parameters<ChatModel['complete']>[0], signal: AbortSignal): Promise<JudgeAnswer> {
  let text = ''
  for await (const event of model.complete(turns, { ...ASKED, signal })) {
    if (event.type === 'text') text += event.text
    if (event.type === 'failed') {
      signal.throwIfAborted()
      return { problem: [event.error.message, event.error.found].filter(Boolean).join(': ') }
    }
  }
  signal.throwIfAborted()
  return { text }
}

const saidSchema = z.object({ key: z.string(), text: z.string() })

/**
 * What judges said before they had a journal, by the prompt: it is not asked again. A line that was cut off, or is none of this file's,
 * is as if it were not there.
 */
async function earlierAnswers(path: string, who: Exclude<OpenedBy, { type: 'expert' }>): Promise<(prompt: string) => string | undefined> {
  if (!existsSync(path)) return () => undefined
  const said = new Map<string, string>()
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    try {
      const { key, text } = saidSchema.parse(JSON.parse(line))
      said.set(key, text)
    } catch {
      continue
    }
  }
  // Another model may come under the same name, and be of the same size.
  const own = who.type === 'local' ? await sha256File(who.path) : `${who.endpoint.baseUrl} ${who.model}`
  return (prompt) => said.get(sha256(`${own}\n${prompt}`))
}
