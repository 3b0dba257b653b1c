// Self-consistent actions: several samples of a step, each tried in a copy of the tools' state; the outcome that most come to is taken.
// After Kang et al. (arXiv 2505.17612); copies, votes of answers, and runs that are shared are ours (docs: methods).
import type { AgentEvent, EventOf } from '../../shared/records/episode.ts'
import type { SelfConsistency } from '../../shared/records/evaluation.ts'
import { canonicalJson } from '../pipeline/trajectory/index.ts'
import { act, type Acting, unread } from './act.ts'
import { type Asked, ask } from './ask.ts'
import { type Ending, haltOf, type StepInput, type StepPolicy, unfinishedProblem } from './step.ts'
import type { Reading } from './styles/index.ts'
import type { Toolbox } from './toolbox.ts'

/** Calls that ran in a copy of the state: all candidates with the same calls share them. */
type Run = { readonly events: readonly AgentEvent[]; readonly toolbox: Toolbox; readonly ends: EventOf<'observation'>['ends'] }

type Candidate = {
  readonly asked: Asked
  readonly reading: Reading
  /** Why it does not vote; null: it does. */
  readonly problem: string | null
  /** What is counted; null where it does not vote. */
  readonly outcome: string | null
}

/** Samples of a step lie this far apart, so that those of neighbouring steps do not draw alike. */
const SEED_STEP = 0x9e3779b1

/**
 * A step as `samples` draws vote on it: those that cannot be read, or whose calls fail, are dropped; the others are counted by what
 * they come to; of the largest group the first is taken, of groups of one the first, and where none is left the first of all, whose
 * error is then the observation. The copy in which the winner ran becomes the state: nothing runs twice.
 */
export const selfConsistent = ({ samples, temperature, topP }: SelfConsistency): StepPolicy =>
  async function* (input) {
    const { clock, deadline, step } = input
    const began = clock.now()
    const { answers, notices } = await draw(input, { samples, temperature, topP })
    for (const text of notices) yield { type: 'notice', text }
    const halted = deadline.signal.aborted || answers.every((asked) => haltOf(asked, false) !== null) ? (answers.find((asked) => haltOf(asked, false) !== null) ?? answers[0]!) : null
    if (halted) {
      yield halted.event
      return { toolbox: input.toolbox, ending: haltOf(halted, deadline.passed()) ?? over(deadline.passed() ? 'time' : 'aborted') }
    }
    const tries = createTries(input)
    const candidates: Candidate[] = []
    for (const asked of answers) candidates.push(await judged(input, asked, tries))
    const votes = new Map<string, number>()
    for (const { outcome } of candidates) if (outcome !== null) votes.set(outcome, (votes.get(outcome) ?? 0) + 1)
    const taken = winner(candidates, votes)
    yield {
      type: 'vote', step, taken,
      candidates: candidates.map(({ asked: { event }, outcome, problem }) => ({
        text: event.turn.text, end: event.end, outcome, problem, votes: outcome === null ? 0 : votes.get(outcome)!, tokens: event.tokens,
      })),
      ...tries.counts(),
      tokens: answers.reduce<number | null>((sum, { event }) => (sum === null || event.tokens === null ? null : sum + event.tokens), 0),
      seconds: (clock.now() - began) / 1000,
    }
    return yield* taking(input, candidates[taken]!, tries)
  }

/** The samples, in order, as many at a time as the model allows. Their pieces of text are not told: only one of them is the turn. */
async function draw(input: StepInput, { samples, temperature, topP }: SelfConsistency): Promise<{ answers: Asked[]; notices: Set<string> }> {
  const answers: Asked[] = []
  const notices = new Set<string>()
  const numbers = Array.from({ length: samples }, (_, index) => index).values()
  const worker = async (): Promise<void> => {
    for (const index of numbers) {
      const sampling = { temperature, topP, seed: (input.sampling.seed + index * SEED_STEP) % 2 ** 32 }
      const events = ask({ ...input, sampling })
      for (;;) {
        const next = await events.next()
        if (next.done) {
          answers[index] = next.value
          break
        }
        if (next.value.type === 'notice') notices.add(next.value.text)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(samples, input.model.parallel ?? 1) }, worker))
  return { answers, notices }
}

async function judged(input: StepInput, asked: Asked, tries: Tries): Promise<Candidate> {
  const reading = input.style.read(asked.event.turn)
  const dropped = (problem: string): Candidate => ({ asked, reading, problem, outcome: null })
  if (asked.failure) return dropped(asked.failure.message)
  const problem = unfinishedProblem(asked, reading) ?? (reading.answer === null ? reading.problem : null)
  if (problem !== null) return dropped(problem)
  if (reading.answer !== null) return { asked, reading, problem: null, outcome: `answer: ${normalised(reading.answer)}` }
  const { events } = await tries.run(asked, reading)
  const observed = events.filter((event) => event.type === 'observation')
  const failed = observed.find(({ status }) => status !== 'ok')
  if (failed) return dropped(failed.text)
  const outcome = input.style.structured ? tries.keyOf(reading) : observed.map(outcomeOf).join('\n')
  return { asked, reading, problem: null, outcome }
}

/** What was printed or given back, by which tool, and whether it ends the episode. */
const outcomeOf = ({ name, text, value, ends }: EventOf<'observation'>): string =>
  `${name}: ${value ?? text}${ends === null ? '' : ` [ends${ends.answer === null ? '' : `: ${normalised(ends.answer)}`}]`}`

/** First of the largest group; of all candidates the first where none votes. */
function winner(candidates: readonly Candidate[], votes: ReadonlyMap<string, number>): number {
  const most = Math.max(0, ...votes.values())
  return Math.max(0, candidates.findIndex(({ outcome }) => outcome !== null && votes.get(outcome) === most))
}

/** The turn, and the events of the run that it had in its copy, which is the state from here on. */
async function* taking(input: StepInput, { asked, reading }: Candidate, tries: Tries): ReturnType<StepPolicy> {
  const { event } = asked
  yield event
  const halted = haltOf(asked, input.deadline.passed())
  if (halted) return { toolbox: await tries.keep(null), ending: halted }
  const unfinished = unfinishedProblem(asked, reading)
  if (reading.answer !== null && unfinished === null) {
    if (reading.calls.length > 0) yield { type: 'notice', text: `${reading.calls.length} calls beside the answer were not run` }
    return { toolbox: await tries.keep(null), ending: { reason: 'answer', answer: reading.answer, error: null } }
  }
  const problem = unfinished ?? reading.problem
  const full: Ending | null = event.end === 'context' ? over('context') : null
  if (problem !== null) {
    yield unread(actingOf(input, asked, input.toolbox), problem)
    return { toolbox: await tries.keep(null), ending: full }
  }
  const run = await tries.run(asked, reading)
  yield* run.events
  const toolbox = await tries.keep(run)
  if (run.ends) return { toolbox, ending: { reason: run.ends.answer === null ? 'environment' : 'answer', answer: run.ends.answer, error: null } }
  return { toolbox, ending: full }
}

type Tries = {
  /** Tool and canonical arguments of each call, in order: the same calls from the same state are the same run. */
  keyOf(reading: Reading): string
  run(asked: Asked, reading: Reading): Promise<Run>
  /** The state of this run, or the one before the step (null); the others are freed. */
  keep(run: Run | null): Promise<Toolbox>
  counts(): { readonly runs: number; readonly calls: number }
}

function createTries(input: StepInput): Tries {
  const runs = new Map<string, Run>()
  let [ran, calls] = [0, 0]
  const keyOf = (reading: Reading): string =>
    reading.calls.map((call) => {
      const prepared = input.toolbox.prepare(call)
      return 'status' in prepared ? canonicalJson({ ...call }) : `${prepared.name} ${prepared.arguments}`
    }).join('\n')
  return {
    keyOf,
    async run(asked, reading) {
      const key = keyOf(reading)
      const known = runs.get(key)
      if (known) {
        calls += reading.calls.length
        return known
      }
      const run = await tried(input, asked, reading)
      runs.set(key, run)
      calls += reading.calls.length
      ran += run.events.filter(({ type }) => type === 'call').length
      return run
    },
    async keep(run) {
      if (run !== null) await input.toolbox.dispose()
      for (const other of runs.values()) if (other !== run) await other.toolbox.dispose()
      return run?.toolbox ?? input.toolbox
    },
    counts: () => ({ runs: ran, calls }),
  }
}

async function tried(input: StepInput, asked: Asked, reading: Reading): Promise<Run> {
  const toolbox = await input.toolbox.copy()
  const events: AgentEvent[] = []
  const steps = act(actingOf(input, asked, toolbox), reading.calls)
  for (;;) {
    const next = await steps.next()
    if (next.done) return { events, toolbox, ends: next.value }
    events.push(next.value)
  }
}

const actingOf = ({ style, limits, step, clock, deadline }: StepInput, { event }: Asked, toolbox: Toolbox): Acting =>
  ({ style, toolbox, limits, step, turn: event.turn, clock, deadline })

const over = (reason: Ending['reason']): Ending => ({ reason, answer: null, error: null })

/** Answers that say the same: case, white space, grouping commas, a full stop and how a number is written do not count. */
function normalised(answer: string): string {
  const text = answer.normalize('NFKC').trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase()
  const digits = text.replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(digits) && digits.length < 16 ? Number(digits) : null
  return number === null ? text : String(number)
}
