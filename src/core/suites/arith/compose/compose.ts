// Composed problems: a frame, events and a question, told in one of several orders. Thousands of wordings of what numbers can mean.
import type { Random } from '../../../random.ts'
import { pick } from '../../seeds.ts'
import type { NumberKind, NumberSource } from '../numbers.ts'
import { drawNumbers, type Story } from '../story.ts'
import { numbered } from '../template.ts'
import { FRAMES } from './frames.ts'
import { capital } from './grammar.ts'
import type { Event } from './piece.ts'
import { drawPlan, type Placed, type Plan } from './plan.ts'
import { drawScene, type Scene } from './scene.ts'
import { createWriter, NAMED, worded, type Writer } from './wording.ts'

export const familyOf = (frame: string): string => `c-${frame.replaceAll(',', '').replaceAll(' ', '-')}`

/** One for each frame. */
export const COMPOSED: readonly string[] = FRAMES.map(({ name }) => familyOf(name))

/** How a problem is told. */
type Order = 'plain' | 'question first' | 'one sentence' | 'backwards'

function drawOrder(random: Random, plan: Plan): Order {
  const draw = random.next()
  if (draw < 0.16) return 'question first'
  if (draw < 0.26) return 'one sentence'
  return draw < 0.42 && plan.events.length > 0 && BACKWARDS.has(plan.frame.piece.name) ? 'backwards' : 'plain'
}

/** Frames that can be told after what happened since. */
const BACKWARDS = new Set(['have', 'money', 'groups', 'rate', 'income', 'sales', 'two kinds', 'groups and loose', 'two lots', 'two days'])

export function composedStory(random: Random, source: NumberSource): Story {
  for (;;) {
    const scene = drawScene(random)
    const plan = drawPlan(scene, random)
    const idle = drawIdle(scene, random)
    const numbers = drawNumbers(plan.moves, idle ? { ...plan.kinds, q: idle.kind } : plan.kinds, source)
    if (numbers === null) continue
    const order = drawOrder(random, plan)
    const tenses = order === 'backwards' ? BACKWARDS_TENSES : scene.tenses
    const { question, sound } = told({ scene: { ...scene, tenses }, plan, order, idle, random })
    if (!sound) continue
    const goal = worded(plan.closing.piece.goal, scene.words, plan.closing.filling.letters)
    return {
      family: familyOf(plan.frame.piece.name),
      question: numbered(question, numbers),
      goal: numbered(goal, numbers),
      idle: idle ? numbered(idle.what, numbers) : '',
      moves: plan.moves,
      numbers,
    }
  }
}

const BACKWARDS_TENSES: Scene['tenses'] = { frame: 'past', event: 'past', question: 'present' }

type Idle = { readonly sentence: string; readonly what: string; readonly kind: NumberKind }

const IDLE: readonly Idle[] = [
  { sentence: 'the {place} was (built|opened|founded) in {q}', what: 'the year {q}', kind: 'year' },
  { sentence: '{q} people (work there|live nearby|know about this)', what: 'the number of people, {q},', kind: 'groups' },
  { sentence: 'the way to the {place} is {q} metres long', what: 'the way of {q} metres', kind: 'groups' },
  { sentence: 'there are also {q} {goods} (there|in the {place})', what: 'the number of {goods}, {q},', kind: 'change' },
  { sentence: '{other} is reading a book of {q} pages', what: 'the {q} pages of a book', kind: 'groups' },
]

function drawIdle({ words }: Scene, random: Random): Idle | null {
  if (random.next() >= 0.08) return null
  const { sentence, what, kind } = pick(IDLE, random)
  const fill = (text: string): string => worded(text.replace(/\(([^()|]*)\|[^()]*\)/, '$1'), words, {})
  return { sentence: fill(sentence), what: fill(what), kind }
}

type Telling = { readonly scene: Scene; readonly plan: Plan; readonly order: Order; readonly idle: Idle | null; readonly random: Random }

const NOT_YET = /them|another|more|further|these|too|other|ones|as well|in addition|on top/
const NOT_BEFORE = /at first|morning|beginning|already|start/

/** The problem's text with letters for its numbers; `sound`: the question asks for nobody of whom nothing is told. */
function told({ scene, plan, order, idle, random }: Telling): { question: string; sound: boolean } {
  const writer = createWriter(scene, random)
  const { frame, events, closing } = plan
  const { tenses } = scene
  const { subject } = closing.filling
  const backwards = order === 'backwards'
  // What is said of each of several names them: else it could be of all.
  const clear = (form: string): boolean => subject.kind !== 'each' || NAMED.test(form) || form.includes('{group}')
  let asked = ''
  const ask = (): string => {
    const fits = (form: string): boolean => clear(form) && !(order === 'one sentence' && form.startsWith('!'))
    asked = writer.clause(closing.piece.questions, { ...closing.filling, tense: tenses.question }, fits)
    return asked
  }
  const beginning = (): string => writer.clause(frame.piece.forms, { ...frame.filling, tense: tenses.frame }, (form) => !(backwards && NOT_BEFORE.test(form)))
  const happening = ({ piece, filling }: Placed<Event>): string =>
    writer.clause(piece.forms, { ...filling, tense: tenses.event }, (form) => clear(form) && !(backwards && NOT_YET.test(form)))
  const facts = (): string[] => (closing.piece.forms.length === 0 ? [] : [writer.clause(closing.piece.forms, { ...closing.filling, tense: tenses.frame })])
  const early = closing.piece.early === true && random.next() < 0.35
  const question = composed()
  const rest = question.replace(asked.replace(/^!/, ''), '').replace(capital(asked.replace(/^!/, '')), '')
  const mentions = (text: string): boolean => [subject.first, subject.again, subject.object].some((name) => ` ${text.toLowerCase()} `.includes(` ${name.toLowerCase()}`))
  return { question, sound: subject.kind === 'each' || !mentions(asked) || mentions(rest) }

  function composed(): string {
    const before = early ? facts() : []
    const beside = idle ? [idle.sentence] : []
    const joining = { writer, plan, random, perfect: tenses.event === 'perfect' }
    switch (order) {
      case 'plain': {
        const body = sentencesOf([beginning(), ...events.map(happening)], joining)
        return [...[...before, ...body.slice(0, 1), ...beside, ...body.slice(1), ...(early ? [] : facts())].map(sentence), asking(ask())].join(' ')
      }
      case 'question first': {
        const opening = asking(ask())
        const body = sentencesOf([beginning(), ...events.map(happening)], joining)
        return [opening, ...[...before, ...body, ...beside, ...(early ? [] : facts())].map(sentence)].join(' ')
      }
      case 'one sentence': {
        const start = beside.map((clause) => `${sentence(clause)} `).join('')
        const first = random.next() < 0.5 ? capital(ask()) : null
        const clauses = listed([...before, beginning(), ...events.map(happening), ...(early ? [] : facts())])
        return first === null ? `${start}If ${clauses}, ${ask()}?` : `${start}${first} if ${clauses}?`
      }
      case 'backwards': {
        const happened = events.map((event, index) => (index === 0 ? '' : pick(['then ', 'after that ', 'later '], random)) + happening(event))
        const first = `${pick(['before that, ', 'before this, ', 'at first, ', 'originally, ', 'to begin with, ', 'until then, '], random)}${beginning()}`
        return [...[...before, ...happened, ...beside, first, ...(early ? [] : facts())].map(sentence), asking(ask())].join(' ')
      }
    }
  }
}

const sentence = (clause: string): string => `${capital(clause)}.`

const listed = (clauses: readonly string[]): string => (clauses.length === 1 ? clauses[0]! : `${clauses.slice(0, -1).join(', ')} and ${clauses.at(-1)!}`)

const asking = (question: string): string => (question.startsWith('!') ? `${capital(question.slice(1))}.` : `${capital(question)}?`)

const SINCE = ['', '', 'since then ', 'meanwhile ', 'in the meantime ', 'by now ']
const SOON = ['', '', '', 'then ', 'later ', 'after that, ', 'soon ', 'one day ']
const NEXT = ['then ', 'after that, ', 'later ', 'next, ', 'finally, ', 'also, ', '']

type Joining = { readonly writer: Writer; readonly plan: Plan; readonly random: Random; readonly perfect: boolean }

/** Clauses as sentences: joined by words for what comes next, or drawn together where the same one acts. */
function sentencesOf(clauses: readonly string[], { writer, plan, random, perfect }: Joining): string[] {
  const sentences = [clauses[0]!]
  for (const [index, clause] of clauses.slice(1).entries()) {
    const { subject } = plan.events[index]!.filling
    const before = sentences.at(-1)!
    const acting = writer.behindSubject(clause, subject)
    const draw = random.next()
    if (acting !== null && writer.behindSubject(clauses[index]!, subject) !== null && draw < 0.45) sentences[sentences.length - 1] = `${before}${pick([' and ', ', ', ' and then ', ' but '], random)}${acting}`
    else if (draw < 0.6 && !before.includes(';')) sentences[sentences.length - 1] = `${before}${pick([', and ', '; ', ', then ', ', but '], random)}${clause}`
    else sentences.push(`${pick(perfect ? SINCE : index === 0 ? SOON : NEXT, random)}${clause}`)
  }
  return sentences
}
