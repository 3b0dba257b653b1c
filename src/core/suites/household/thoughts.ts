// The expert's thoughts: the goal, what it holds, what it sees, and what follows, in varied words.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import { type Belief, isReady, type Known } from './belief.ts'
import { kindOf, listed } from './lexicon.ts'
import type { Move, Situation, Why } from './policy.ts'
import { atPlace } from './question.ts'
import { TREATED } from './world.ts'

export type ThoughtParts = {
  readonly situation: Situation
  readonly move: Move
  /** The move is a slip: the thought does not know better. */
  readonly mistake: boolean
  /** Goal, hand and what is seen are said in every thought. */
  readonly restate: boolean
  /** What was observed last and by which tools; empty at the start. */
  readonly observed: string
  readonly called: readonly string[]
  readonly random: Random
}

const GOALS = ['Goal: {goal}.', 'I want {goal}.', 'I need {goal}.', 'Task: {goal}.']
const HANDS = ['I hold {hand}.', 'In my hand: {hand}.', 'I carry {hand}.']
const SEES = ['I see {seen}.', 'Here: {seen}.', 'This place has {seen}.']

/** `{name}`: where the move goes or what it moves; `{last}`: what was searched before; `{thing}`: the kind that is wanted. */
const WHYS: Readonly<Record<Why, readonly string[]>> = {
  start: ['Plan: {order}. First {name}.', 'I search {order}. I begin with {name}.', 'I try in this order: {order}. So {name} first.'],
  search: ['No {thing}. After {last} comes {name}.', 'No {thing} here. {last} is done, next {name}.', '{thing} not found. From {last} on to {name}.'],
  'open-to-see': ['{name} is closed. I open it.', '{name} is closed, so I open it.', 'I must open {name} to look.'],
  fetch: ['{fetched} is at {name}. I go there.', 'I saw {fetched} at {name}. I go back to {name}.'],
  'open-to-take': ['{fetched} is in {name}. I open it.', 'I open {name} to get {fetched}.'],
  take: ['{name} is here. I take it.', 'There is {name}. I take {name}.', '{name} is what I need. I take it.'],
  close: ['I close {name}.', '{name} should be closed.'],
  grab: ['I take {name}.', 'I take {name} from here.'],
  'to-device': ['It is not {done} yet. {name} {does}s. I go to {name}.', 'First I must {does} it. I go to {name}.', 'It must be {done}, so I go to {name}.'],
  treat: ['I {does} {name}.', 'Now I {does} {name}.', 'I can {does} {name} here.'],
  'to-target': ['I bring it to {name}.', 'Now to {name}.', 'It belongs {target}. I go to {name}.'],
  'open-to-put': ['{name} is closed. I open it.', 'I open {name} to put it in.'],
  put: ['I put {name} here.', 'I put {name} down here.', 'Here I put {name}.'],
  'to-light': ['{name} gives light. I go there.', 'Now to {name}.', 'I need the light of {name}. I go there.'],
  use: ['I light {name}.', 'Now I use {name}.', 'I turn on {name}.'],
  examine: ['{lamp} is lit. I examine {name}.', 'Now I can examine {name}.', 'With light I examine {name}.'],
  drop: ['{name} is not what I need. I put it back.', 'I do not need {name}. I put it down.'],
  'open-to-drop': ['I do not need {hand}. I open {name} to put it in.'],
  away: ['I do not need {hand}. I go to {name} to put it down.'],
  lost: ['I have looked at all places. I look again.'],
}

/** What is said first when something went wrong: by the observation, or by the tool that was called. */
const OOPS: readonly { readonly when: RegExp; readonly says: readonly string[] }[] = [
  { when: /Open it first/, says: ['It is closed.', 'I forgot that it is closed.'] },
  { when: /It is not (?:clean|hot|cold)\./, says: ['I forgot to {does} it.', 'That was too early.'] },
  { when: /You cannot \w+ here/, says: ['This is the wrong place.', 'Not here.'] },
  { when: /There is no light here/, says: ['It is dark here.', 'I need light first.'] },
  { when: /Put it down first/, says: ['My hand is full.', 'I can hold only one thing.'] },
  { when: /Places: /, says: ['There is no such place.', 'That place does not exist.'] },
  { when: /There is no .* here/, says: ['It is not here.', 'I was wrong, it is not here.'] },
  { when: /You are not at/, says: ['I am not there yet.', 'I must go there first.'] },
  { when: /You do not hold|You hold nothing\. Take/, says: ['I do not have it.', 'I have not taken it.'] },
  { when: /already|cannot be|gives no light/, says: ['That was no use.', 'That does not help.'] },
  { when: /^(?:Not understood|Bad arguments|There is no tool)/, says: ['I must write the action right.', 'One action in the right form.'] },
]

export function thoughtOf(parts: ThoughtParts): string {
  const { situation, move, mistake, restate, random } = parts
  const words = wordsOf(situation, move)
  const { why } = move
  const hand = handText(situation, mistake)
  const seen = why !== 'start' && /(?:^|\. )(?:On|In) [a-z]+ \d+: /.test(parts.observed) ? seenText(situation.belief) : null
  const spoken = [
    oops(parts),
    restate ? pick(GOALS, random) : null,
    restate && (why !== 'start' || hand !== 'nothing') ? pick(HANDS, random).replace('{hand}', hand) : null,
    restate && seen !== null ? pick(SEES, random).replace('{seen}', seen) : null,
    why === 'search' && words['last'] === undefined ? `Next ${move.name}.` : pick(WHYS[why], random),
  ]
  return spoken
    .filter((sentence) => sentence !== null)
    .map((sentence) => sentence.replace(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole))
    .join(' ')
}

function wordsOf({ known, belief, order }: Situation, { name, why }: Move): Readonly<Record<string, string | undefined>> {
  const { goal } = known
  const place = order.indexOf(name)
  return {
    name,
    goal: goalText(known, belief),
    order: listed(order),
    thing: goal.thing,
    target: atPlace(goal.target),
    last: why === 'search' && place > 0 ? order[place - 1] : undefined,
    fetched: belief.contents[name]?.find((thing) => kindOf(thing) === goal.thing) ?? goal.thing,
    does: goal.treatment ?? 'use',
    done: goal.treatment === null ? 'used' : TREATED[goal.treatment],
    lamp: goal.target.name,
    hand: belief.hand ?? 'nothing',
  }
}

/** `clean mug in drawer 1`; of two, how many are there. */
function goalText(known: Known, belief: Belief): string {
  const { goal } = known
  const where = atPlace(goal.target)
  if (goal.kind === 'light') return `${goal.thing} under ${goal.target.name}`
  if (goal.kind !== 'two') return `${goal.treatment === null ? '' : `${TREATED[goal.treatment]} `}${goal.thing} ${where}`
  const there = (belief.contents[goal.target.name] ?? []).filter((thing) => isReady(known, belief, thing)).length
  return `two ${goal.plural} ${where}${there > 0 ? `, one is there` : ''}`
}

function handText({ known, belief }: Situation, mistake: boolean): string {
  const { hand } = belief
  if (hand === null) return 'nothing'
  const { treatment, thing } = known.goal
  if (treatment === null || kindOf(hand) !== thing) return hand
  return isReady(known, belief, hand) ? `${TREATED[treatment]} ${hand}` : mistake ? hand : `${hand}, not ${TREATED[treatment]}`
}

const seenText = ({ at, contents }: Belief): string | null => (at !== null && contents[at] ? listed(contents[at]) : null)

function oops({ observed, called, move, situation, random }: ThoughtParts): string | null {
  const { belief } = situation
  const found = OOPS.find(({ when }) => when.test(observed))
  if (found) return pick(found.says, random)
  if (called.at(-1) === 'close' && move.why === 'open-to-take') return pick(['I closed it too early.', 'I still need it open.'], random)
  if (move.why === 'take' && called.at(-1) === 'put' && !belief.shut[belief.at!]) return pick(['That was the wrong step.', 'I mend this.'], random)
  return null
}
