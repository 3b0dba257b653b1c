// A step of a recorded trajectory, asked for again: n continuations of the recorded context by a teacher, kept in the project.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createCutter, STYLES, type Style } from '../../core/agent/index.ts'
import { segmentTurn } from '../../core/pipeline/segmentation/index.ts'
import { RetortError, type RetortErrorParts } from '../../shared/errors.ts'
import type { AskEstimate, AskEvent, Asked, AskSettings, Continuation } from '../../shared/contract/asking.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { ensureFolder } from '../files/index.ts'
import { type CorrectedTrajectory, getTrajectory, type Project, trajectoryRevision } from '../project/index.ts'
import { createRateLimit } from '../providers/index.ts'
import { askedFolder, askedJournals, standsOf, writeAsked } from './askings.ts'
import { journalPath } from './batch.ts'
import { type KeptAnswer, openRequestJournal } from './journal.ts'
import { costOf, createMeter, FREE_PRICES } from './meter.ts'
import { mostOf, paidModel, type Paying } from './paidModel.ts'
import { doesTheSame } from './replaceTurn.ts'
import { type OpenedBy, openTeacherSource } from './source.ts'

export type AskQuestion = { readonly trajectory: string; readonly teacher: OpenedBy; readonly settings: AskSettings }

const CHARACTERS_PER_TOKEN = 4
const TRAFFIC = { concurrency: 4, requestsPerMinute: null, tokensPerMinute: null, tries: 4, patience: 120 }

/** A step with what was before it, as the trajectory is corrected now. */
export type Step = { readonly corrected: CorrectedTrajectory; readonly turn: number; readonly recorded: Turn; readonly context: readonly Turn[]; readonly style: Style; /** Whether the agent's steps are written in it, as far as can be told. */ readonly reads: boolean }

/** Throws RetortError `no-step`. */
export function stepOf(project: Project, id: string, step: number): Step {
  const corrected = getTrajectory(project, id)
  const { turns, tools } = corrected.trajectory
  const agents = turns.flatMap(({ role }, index) => (role === 'agent' ? [index] : []))
  const turn = agents[step]
  if (turn === undefined) {
    throw new RetortError({ code: 'no-step', message: 'the trajectory has no such step', where: `trajectory ${id}`, found: String(step), expected: agents.length === 0 ? 'a trajectory with a turn of the agent' : `0 to ${agents.length - 1}` })
  }
  const structured = tools.length > 0 || turns.some(({ calls }) => calls.length > 0)
  const recorded = turns[turn]!
  const code = /^Code:\s*$/m.test(recorded.text)
  const style = STYLES[structured ? 'native' : code ? 'code' : 'react']
  const reads = agents.some((index) => style.read(turns[index]!).problem === null)
  return { corrected, turn, recorded, context: turns.slice(0, turn), style, reads }
}

export function estimateAsk(project: Project, { trajectory, teacher, settings }: AskQuestion): AskEstimate {
  const { corrected, context, recorded, style } = stepOf(project, trajectory, settings.step)
  const { n, turnTokens, prices } = settings
  const tools = style.structured ? corrected.trajectory.tools : []
  const bound = mostOf(context, { tools, maxTokens: turnTokens })
  const most = { promptTokens: bound.promptTokens * n, tokens: bound.tokens * n }
  const characters = context.reduce((sum, { text }) => sum + text.length, 0) + JSON.stringify(tools).length
  const expected = { promptTokens: n * Math.ceil(characters / CHARACTERS_PER_TOKEN), tokens: n * Math.min(turnTokens, Math.ceil(recorded.text.length / CHARACTERS_PER_TOKEN)) }
  const free = teacher.type !== 'endpoint'
  return {
    requests: n,
    ...expected,
    cost: free ? 0 : costOf(expected, prices),
    most: { tokens: most.promptTokens + most.tokens, cost: free ? 0 : costOf(most, prices) },
    basis: `the recorded context, and answers as long as the recorded one, at ${CHARACTERS_PER_TOKEN} characters a token`,
  }
}

/** Yields continuations as they come, then the asking as it is kept. Leaving early stops the teacher, and keeps what has come by then. */
export async function* askTeacher(project: Project, { trajectory, teacher, settings }: AskQuestion, signal: AbortSignal): AsyncGenerator<AskEvent, void, undefined> {
  const step = stepOf(project, trajectory, settings.step)
  const { n, temperature, topP, seed, prices, budget } = settings
  const revision = trajectoryRevision(project, trajectory)
  const stands = standsOf(step.corrected, step.turn)
  const at = new Date().toISOString()
  const id = `${trajectory.slice(0, 8)}-${settings.step}-${at.replace(/\D/g, '').slice(0, 14)}-${randomBytes(2).toString('hex')}`
  const meter = createMeter({ prices: teacher.type === 'endpoint' ? prices : FREE_PRICES, budget, before: { requests: 0, promptTokens: 0, tokens: 0, assumed: 0 } })
  const own = new AbortController()
  const stop = AbortSignal.any([signal, own.signal])
  const source = await openTeacherSource(teacher, { suite: settings.suite, style: step.style.name, seed: settings.suiteSeed, signal })
  try {
    const folder = join(askedFolder(project.folder), id)
    const earlier = askedJournals(project.folder)
    ensureFolder(folder)
    const journal = openRequestJournal(journalPath(folder), { earlier })
    try {
      const heard = createMailbox<AskEvent & { type: 'notice' | 'continuation' }>()
      const paying: Paying = {
        source, journal, meter, traffic: TRAFFIC, logprobs: settings.logprobs, pending: new Map(), rate: createRateLimit(TRAFFIC),
        onNotice: (text) => heard.put({ type: 'notice', text }),
      }
      const continuations: Continuation[] = []
      const keep = (): Asked => {
        const asked: Asked = {
          id, at, trajectory, step: settings.step, turn: step.turn, revision, stands, recorded: step.recorded,
          recordedSpans: [...(step.corrected.spans[step.turn] ?? [])], teacher: source.name, temperature, topP, seed,
          continuations: [...continuations].sort((a, b) => a.index - b.index), usage: meter.usage(),
        }
        writeAsked(project.folder, asked)
        return asked
      }
      const order = Array.from({ length: n }, (_, index) => index).values()
      const worker = async (): Promise<void> => {
        for (const index of order) {
          if (stop.aborted) return
          const came = await continuation(paying, { step, settings, index, signal: stop })
          if (came.error !== null && stop.aborted) return
          continuations.push(came)
          heard.put({ type: 'continuation', continuation: came })
        }
      }
      const working = Promise.all(Array.from({ length: Math.min(n, TRAFFIC.concurrency, source.concurrency) }, worker)).finally(heard.end)
      working.catch(() => undefined)
      let whole = false
      try {
        yield* heard.letters()
        await working
        signal.throwIfAborted()
        whole = true
      } finally {
        own.abort(new Error('left'))
        await working.catch(() => undefined)
        // What came before the stop was paid for.
        if (!whole && continuations.some(({ turn }) => turn !== null)) keep()
      }
      yield { type: 'asked', asked: keep() }
    } finally {
      await journal.close()
    }
  } finally {
    await source.dispose()
  }
}

type Wanted = { readonly step: Step; readonly settings: AskSettings; readonly index: number; readonly signal: AbortSignal }

async function continuation(paying: Paying, { step, settings, index, signal }: Wanted): Promise<Continuation> {
  const { corrected, context, recorded, style, reads } = step
  const began = performance.now()
  let listed: KeptAnswer['tokens'] = null
  const parts = { content: '', reasoning: '', calls: [] as { id?: string; name: string; arguments: string }[] }
  const cutter = createCutter(style.stop)
  let [end, tokens, promptTokens, error]: [Continuation['end'], number | null, number | null, RetortErrorParts | null] = ['broken', null, null, null]
  let cut: string | null = null
  const options = {
    tools: style.structured ? corrected.trajectory.tools : [], stop: style.stop, maxTokens: settings.turnTokens,
    temperature: settings.temperature, topP: settings.topP, seed: settings.seed + index, signal,
  }
  try {
    for await (const event of paidModel({ ...paying, onAnswer: (answer) => (listed = answer.tokens) }).complete(context, options)) {
      if (event.type === 'text' && cut === null) {
        const piece = cutter.push(event.text)
        parts.content += piece.text
        cut = piece.cut
      } else if (event.type === 'reasoning') parts.reasoning += event.text
      else if (event.type === 'call') parts.calls.push({ ...(event.id === undefined ? {} : { id: event.id }), name: event.name, arguments: event.arguments })
      else if (event.type === 'failed') error = event.error
      else if (event.type === 'end') {
        if (cut === null) parts.content += cutter.rest()
        ;({ tokens, promptTokens } = event)
        end = cut !== null || event.cut !== undefined ? 'cut' : event.reason
      }
    }
  } catch (thrown) {
    // A budget that is reached, or a stop: the others are told by their own.
    if (!(thrown instanceof RetortError) && !signal.aborted) throw thrown
    error = { code: thrown instanceof RetortError ? thrown.code : 'stopped', message: thrown instanceof Error ? thrown.message : String(thrown) }
  }
  const counted = tokens === null || promptTokens === null ? null : { tokens, promptTokens }
  const base = {
    index, end, tokens, promptTokens, seconds: (performance.now() - began) / 1000,
    cost: paying.source.priced ? counted && costOf(counted, settings.prices) : 0, coverage: coverageOf(listed, tokens),
  }
  if (error) return { ...base, turn: null, spans: [], problem: null, same: false, sameDoing: true, error }
  const { reasoning, ...said } = parts
  const turn = style.turnOf(reasoning === '' ? said : { ...said, reasoning }, settings.step)
  const { spans, problem } = style.read(turn)
  const read = spans.length > 0 || turn.text === '' ? [...spans] : segmentTurn(turn)
  const before = { turn: recorded, spans: corrected.spans[step.turn] ?? [] }
  return { ...base, turn, spans: read, problem: reads ? problem : null, same: turn.text === recorded.text, sameDoing: doesTheSame(before, { turn, spans: read }), error: null }
}

/** Of all tokens written where their number is known, else of those that came. */
function coverageOf(listed: KeptAnswer['tokens'], written: number | null): Continuation['coverage'] {
  if (listed === null) return null
  const sum = listed.reduce((so, { logprob }) => so + logprob, 0)
  return { tokens: listed.length, of: Math.max(listed.length, written ?? 0), mean: listed.length === 0 ? null : sum / listed.length }
}

/** What several put in, taken out by one. */
function createMailbox<Letter>(): { put: (letter: Letter) => void; end: () => void; letters: () => AsyncGenerator<Letter, void, undefined> } {
  const waiting: Letter[] = []
  let ended = false
  let wake: () => void = () => undefined
  return {
    put(letter) {
      waiting.push(letter)
      wake()
    },
    end() {
      ended = true
      wake()
    },
    async *letters() {
      for (;;) {
        const next = waiting.shift()
        if (next !== undefined) yield next
        else if (ended) return
        else await new Promise<void>((resolve) => (wake = resolve))
      }
    },
  }
}
