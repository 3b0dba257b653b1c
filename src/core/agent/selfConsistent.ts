// Self-consistent actions: several samples of a step, each tried in a copy of the tools' state; the outcome that most come to is taken.
// After Kang et al. (arXiv 2505.17612); copies, votes of answers, and runs that are shared are ours (docs: methods).
import type { EventOf } from '../../shared/records/episode.ts'
import type { SelfConsistency } from '../../shared/records/evaluation.ts'
import { sideBySide } from '../sideBySide.ts'
import { unread } from './act.ts'
import { type Asked, ask } from './ask.ts'
import { type Ending, haltOf, type StepInput, type StepPolicy, unfinishedProblem } from './step.ts'
import type { Reading } from './styles/index.ts'
import { actingOf, createTries, type Run, type Tries } from './tries.ts'

type Candidate = {
  readonly asked: Asked
  readonly reading: Reading
  /** Why it does not vote; null: it does. */
  readonly problem: string | null
  /** What is counted; null where it does not vote. */
  readonly outcome: string | null
  /** null where nothing was to be run. */
  readonly run: Run | null
}

/** Samples of a step lie this far apart, so that those of neighbouring steps do not draw alike. */
const SEED_STEP = 0x9e3779b1

/**
 * A step as `samples` draws vote on it: those that cannot be read, or whose calls fail, are dropped; the others are counted by what
 * they come to; of the largest group the first is taken, of groups of one the first, and where none is left the first of all, whose
 * error is then the observation. The copy in which the winner ran becomes the state: nothing runs twice. Calls with effects outside
 * vote by what they ask for, and only the winner's are run.
 */
export const selfConsistent = ({ samples, temperature, topP }: SelfConsistency): StepPolicy =>
  async function* (input) {
    const { clock, deadline, step } = input
    const began = clock.now()
    const { answers, notices } = await draw(input, { samples, temperature, topP })
    for (const text of notices) yield { type: 'notice', text }
    const ends = answers.map((asked) => haltOf(asked, deadline.passed()))
    const stopped = deadline.signal.aborted || !ends.includes(null)
    const tries = createTries(input)
    const candidates: Candidate[] = []
    try {
      if (stopped) for (const asked of answers) candidates.push(unheard(input, asked))
      else for (const asked of answers) candidates.push(await judged(input, asked, tries))
      const votes = new Map<string, number>()
      for (const { outcome } of candidates) if (outcome !== null) votes.set(outcome, (votes.get(outcome) ?? 0) + 1)
      const taken = stopped ? Math.max(0, ends.findIndex((end) => end !== null)) : winner(candidates, votes)
      yield {
        type: 'vote', step, taken,
        candidates: candidates.map(({ asked: { event }, outcome, problem }) => ({
          text: event.turn.text, end: event.end, outcome, problem, votes: outcome === null ? 0 : votes.get(outcome)!, tokens: event.tokens,
        })),
        ...tries.counts(),
        tokens: answers.reduce<number | null>((sum, { event }) => (sum === null || event.tokens === null ? null : sum + event.tokens), 0),
        seconds: (clock.now() - began) / 1000,
      }
      if (!stopped) return yield* taking(input, candidates[taken]!, tries)
      yield answers[taken]!.event
      return { toolbox: input.toolbox, ending: ends[taken] ?? over(deadline.passed() ? 'time' : 'aborted') }
    } finally {
      // Whoever leaves half-way leaves no copies behind.
      await tries.dispose()
    }
  }

/** The samples, in order, as many at a time as the model allows. Their pieces of text are not told: only one of them is the turn. */
async function draw(input: StepInput, { samples, temperature, topP }: SelfConsistency): Promise<{ answers: Asked[]; notices: Set<string> }> {
  const notices = new Set<string>()
  const seeds = Array.from({ length: samples }, (_, index) => (input.sampling.seed + index * SEED_STEP) % 2 ** 32)
  const answers = await sideBySide(seeds, input.model.parallel ?? 1, async (seed) => {
    const events = ask({ ...input, sampling: { temperature, topP, seed } })
    for (;;) {
      const next = await events.next()
      if (next.done) return next.value
      if (next.value.type === 'notice') notices.add(next.value.text)
    }
  })
  return { answers, notices }
}

/** Of a step that ends before its vote. */
const unheard = (input: StepInput, asked: Asked): Candidate =>
  ({ asked, reading: input.style.read(asked.event.turn), problem: asked.failure?.message ?? 'stopped before the vote', outcome: null, run: null })

async function judged(input: StepInput, asked: Asked, tries: Tries): Promise<Candidate> {
  const reading = input.style.read(asked.event.turn)
  const dropped = (problem: string, run: Run | null = null): Candidate => ({ asked, reading, problem, outcome: null, run })
  if (asked.failure) return dropped(asked.failure.message)
  const problem = unfinishedProblem(asked, reading) ?? (reading.answer === null ? reading.problem : null)
  if (problem !== null) return dropped(problem)
  if (reading.answer !== null) return { asked, reading, problem: null, outcome: `answer: ${normalised(reading.answer)}`, run: null }
  const run = await tries.run(asked, reading)
  const observed = run.events.filter((event) => event.type === 'observation')
  const failed = observed.find(({ status }) => status !== 'ok')
  if (failed) return dropped(failed.text, run)
  const outcome = input.style.structured || run.held ? tries.keyOf(reading) : observed.map(outcomeOf).join('\n')
  return { asked, reading, problem: null, outcome, run }
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
async function* taking(input: StepInput, { asked, reading, run }: Candidate, tries: Tries): ReturnType<StepPolicy> {
  const { event } = asked
  yield event
  const halted = haltOf(asked, input.deadline.passed())
  if (halted) return { toolbox: await tries.keep(null), ending: halted }
  const unfinished = unfinishedProblem(asked, reading)
  if (reading.answer !== null && unfinished === null) {
    if (reading.calls.length > 0) yield { type: 'notice', text: `${reading.calls.length} calls beside the answer were not run` }
    return { toolbox: await tries.keep(null), ending: { reason: 'answer', answer: reading.answer, error: null } }
  }
  const full: Ending | null = event.end === 'context' ? over('context') : null
  if (run === null) {
    yield unread(actingOf(input, asked, input.toolbox), unfinished ?? reading.problem ?? 'nothing to run')
    return { toolbox: await tries.keep(null), ending: full }
  }
  const ends = yield* tries.take({ asked, reading, run })
  const toolbox = await tries.keep(run)
  if (ends) return { toolbox, ending: { reason: ends.answer === null ? 'environment' : 'answer', answer: ends.answer, error: null } }
  return { toolbox, ending: full }
}

const over = (reason: Ending['reason']): Ending => ({ reason, answer: null, error: null })

/** Answers that say the same: case, white space, grouping commas, a full stop and how a number is written do not count. */
function normalised(answer: string): string {
  const text = answer.normalize('NFKC').trim().replace(/\s+/g, ' ').replace(/\.$/, '').toLowerCase()
  const digits = text.replace(/(?<=\d),(?=\d{3}(?!\d))/g, '')
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(digits) && digits.length < 16 ? Number(digits) : null
  return number === null ? text : String(number)
}
