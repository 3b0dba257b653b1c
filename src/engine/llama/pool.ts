// Many answers of one student at a time. What conversations begin with in common is evaluated once, also by answers that begin together.
import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp'
import { type ChatEvent, type ChatRequest, promptOf, writeAnswer } from './answer.ts'
import type { Chat } from './chat.ts'
import { type AdapterChoice, createContext } from './context.ts'
import type { Student } from './student.ts'
import { asToken } from './vocabulary.ts'

/** As a chat, of which `parallel` answers are written at a time; others wait for their turn. */
export type ChatPool = Chat & {
  readonly parallel: number
  /** Since it was opened. `evaluated`: tokens of prompts that ran through the student; `shared`: those that another answer had evaluated, or one before. */
  readonly counts: () => { readonly prompts: number; readonly evaluated: number; readonly shared: number; readonly written: number }
}

export type PoolInput = {
  readonly student: Student
  readonly adapter?: AdapterChoice | undefined
  /** Tokens that fit, of each conversation. */
  readonly context: number
  /**
   * llama.cpp contexts, each on threads of its own, with `sequences` conversations in each. Conversations of a context share
   * beginnings and are decoded in one batch.
   */
  readonly contexts: number
  readonly sequences: number
  /** Of each context; all cores but one when absent. */
  readonly threads?: number | undefined
  readonly signal?: AbortSignal
}

/** A seat of a conversation: what it holds is kept until another conversation takes it. */
type Seat = { readonly sequence: LlamaContextSequence; busy: boolean; usedAt: number; prompt: Pending | null }
/** A prompt that is being evaluated. */
type Pending = { readonly ids: readonly number[]; readonly done: Promise<void> }
type Deck = { readonly context: LlamaContext; readonly seats: readonly Seat[]; readonly queue: (() => void)[] }

/** Tokens that must be saved for an answer to wait until another one has evaluated them. */
const WORTH_WAITING = 16
/** Tokens that an answer is taken to need, for dividing the work between contexts. */
const ANSWER = 64

export async function openChatPool(input: PoolInput): Promise<ChatPool> {
  const { student } = input
  const decks: Deck[] = []
  const counts = { prompts: 0, evaluated: 0, shared: 0, written: 0 }
  let clock = 0
  try {
    for (let i = 0; i < input.contexts; i++) decks.push(await openDeck(input))
  } catch (error) {
    for (const { context } of decks) await context.dispose()
    throw error
  }

  async function* generate(request: ChatRequest): AsyncGenerator<ChatEvent, void, undefined> {
    const started = performance.now()
    const ids = promptOf(student, request, decks[0]!.context.contextSize)
    const deck = chosen(decks, ids)
    const seat = await take(deck, ids)
    let arrive = (): void => {}
    const arrived = new Promise<void>((resolve) => (arrive = resolve))
    try {
      seat.usedAt = ++clock
      const reused = await settle(deck, { seat, ids, pending: { ids, done: arrived } })
      counts.prompts += 1
      counts.shared += reused
      yield { type: 'prompt', tokens: ids.length, reused }
      for await (const event of writeAnswer({ student, sequence: seat.sequence, ids, request, started, onPrompt: arrive })) {
        if (event.type === 'end') {
          counts.written += event.ids.length
          counts.evaluated += ids.length - reused
        }
        yield event
      }
    } finally {
      arrive()
      seat.prompt = null
      seat.busy = false
      deck.queue.shift()?.()
    }
  }

  return {
    context: decks[0]!.context.contextSize,
    parallel: input.contexts * input.sequences,
    counts: () => ({ ...counts }),
    generate,
    dispose: async () => void (await Promise.all(decks.map(({ context }) => context.dispose()))),
  }
}

async function openDeck({ sequences, context: size, ...input }: PoolInput): Promise<Deck> {
  const context = await createContext({ ...input, size, sequences, precision: 'lean' })
  const seats = Array.from({ length: sequences }, (): Seat => ({ sequence: context.getSequence(), busy: false, usedAt: 0, prompt: null }))
  return { context, seats, queue: [] }
}

/** Tokens that two beginnings have in common. */
function common(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length)
  let at = 0
  while (at < most && a[at] === b[at]) at++
  return at
}

/** The last token of a prompt is always evaluated again: its logits are needed. */
const heldBy = ({ sequence }: Seat, ids: readonly number[]): number => Math.min(common(sequence.contextTokens, ids), ids.length - 1)
const promisedBy = ({ prompt }: Seat, ids: readonly number[]): number => (prompt ? Math.min(common(prompt.ids, ids), prompt.ids.length - 1, ids.length - 1) : 0)

/** Where the prompt is at hand, unless others wait there. */
function chosen(decks: readonly Deck[], ids: readonly number[]): Deck {
  const cost = ({ seats, queue }: Deck): number => {
    const there = Math.max(...seats.map((seat) => Math.max(heldBy(seat, ids), promisedBy(seat, ids))))
    const busy = seats.filter((seat) => seat.busy).length + queue.length
    return ids.length - there + busy * ANSWER
  }
  return decks.reduce((best, deck) => (cost(deck) < cost(best) ? deck : best))
}

/** A free seat, at once or in turn: the one whose conversation goes on, else the one that was used longest ago. */
async function take({ seats, queue }: Deck, ids: readonly number[]): Promise<Seat> {
  const free = (): Seat[] => seats.filter(({ busy }) => !busy)
  while (free().length === 0) await new Promise<void>((resolve) => void queue.push(resolve))
  // What a seat holds beyond the common beginning would be lost: its own conversation loses a few tokens at most.
  const lost = (seat: Seat): number => seat.sequence.nextTokenIndex - heldBy(seat, ids)
  const own = free().filter((seat) => heldBy(seat, ids) > WORTH_WAITING && lost(seat) < ANSWER).sort((a, b) => heldBy(b, ids) - heldBy(a, ids))
  const seat = own[0] ?? free().sort((a, b) => a.usedAt - b.usedAt)[0]!
  seat.busy = true
  return seat
}

/** Brings the seat to the longest beginning of the prompt that is anywhere in its context; how many tokens that are. */
async function settle({ seats }: Deck, { seat, ids, pending }: { seat: Seat; ids: readonly number[]; pending: Pending }): Promise<number> {
  const others = seats.filter((other) => other !== seat)
  const awaited = best(others, (other) => promisedBy(other, ids))
  const here = (): number => Math.max(...seats.map((other) => heldBy(other, ids)))
  const waits = awaited !== null && promisedBy(awaited, ids) >= here() + WORTH_WAITING
  // What comes behind the common beginning is evaluated here, so that others may wait for this seat.
  seat.prompt = pending
  if (waits) await awaited.prompt?.done
  const source = best(others, (other) => heldBy(other, ids))
  const [own, theirs] = [heldBy(seat, ids), source === null ? 0 : heldBy(source, ids)]
  if (source !== null && theirs > own) await copyState(seat.sequence, source.sequence, theirs)
  // Also what was copied: the other one may have gone on to another conversation while this one waited.
  await seat.sequence.adaptStateToTokens(ids.slice(0, -1).map(asToken), false)
  return seat.sequence.nextTokenIndex
}

function best(seats: readonly Seat[], of: (seat: Seat) => number): Seat | null {
  return seats.reduce<Seat | null>((most, seat) => (of(seat) > (most === null ? 0 : of(most)) ? seat : most), null)
}

/**
 * node-llama-cpp 3.22.1 copies the state of a sequence for its own decision contexts, and offers it to nobody else. The version is
 * pinned; where the method is gone, the prompt is evaluated again.
 */
type Copying = { _copyStateFromOtherSequence?(other: LlamaContextSequence, upToTokenIndex: number): Promise<boolean> }

async function copyState(to: LlamaContextSequence, from: LlamaContextSequence, tokens: number): Promise<void> {
  const copying = to as unknown as Copying
  // Where it gives up half-way, the sequence does not hold what it says.
  if ((await copying._copyStateFromOtherSequence?.(from, tokens)) === false) await to.clearHistory()
}
