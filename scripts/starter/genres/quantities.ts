// Stories of quantities: who has how many, what is added, taken, packed and shared, told in short in words. Nothing is computed.
import { capital, listed, type Draw } from '../draw.ts'
import { put, type Asked, type Genre, type Piece } from '../genre.ts'
import { CONTAINERS, GROUPS, NAMES, PLACES, SPANS, THINGS, UNITS } from '../words.ts'

/** A story so far. `fact`: what is asked of a number, and the number with its unit. */
type Story = { readonly who: string; readonly things: string; readonly sentences: string[]; readonly short: string[]; readonly numbers: string[]; readonly facts: Asked[] }
type Told = { readonly sentence: string; readonly short: string; readonly numbers: readonly string[]; readonly facts?: readonly Asked[] }
type Teller = (draw: Draw, story: Pick<Story, 'who' | 'things'>) => Told

const times = (draw: Draw, a: string, b: string): string => draw.pick([`${a} times ${b}`, `multiply ${a} by ${b}`, `the product of ${a} and ${b}`])

const OPENINGS: readonly Teller[] = [
  (draw, { who, things }) => {
    const a = draw.numeral()
    return { sentence: draw.pick([`${who} has ${a} ${things}.`, `There are ${a} ${things} with ${who}.`, `${who} owns ${a} ${things}.`, `At first ${who} counts ${a} ${things}.`, `${who} starts with ${a} ${things}.`]), short: a, numbers: [a], facts: [[`How many ${things} does ${who} have at first?`, `${a} ${things}`]] }
  },
  (draw, { who, things }) => {
    const [a, b, box] = [draw.numeral(1, 5), draw.numeral(1, 5), draw.pick(CONTAINERS)]
    return { sentence: draw.pick([`${who} has ${a} ${box} with ${b} ${things} in each.`, `There are ${a} ${box}, and each holds ${b} ${things}.`, `${who} fills ${a} ${box} with ${b} ${things} each.`, `Each of ${a} ${box} carries ${b} ${things}.`]), short: times(draw, a, b), numbers: [a, b], facts: [[`How many ${box} are there?`, `${a} ${box}`], [`How many ${things} are in each?`, `${b} ${things}`]] }
  },
  (draw, { who, things }) => {
    const [a, b, [one, many]] = [draw.numeral(1, 5), draw.numeral(1, 4), draw.pick(SPANS)]
    return { sentence: draw.pick([`${who} makes ${a} ${things} a ${one} for ${b} ${many}.`, `For ${b} ${many} ${who} gathers ${a} ${things} each ${one}.`, `${who} sells ${a} ${things} every ${one}, and does so for ${b} ${many}.`]), short: times(draw, a, b), numbers: [a, b], facts: [[`How long does it go on?`, `${b} ${many}`], [`How many ${things} a ${one}?`, `${a} ${things}`]] }
  },
  (draw, { who, things }) => {
    const [a, b, other] = [draw.numeral(), draw.numeral(), draw.pick(NAMES)]
    return { sentence: draw.pick([`${who} has ${a} ${things} and ${other} has ${b}.`, `${a} ${things} belong to ${who}, ${b} more to ${other}.`, `${who} brings ${a} ${things}, ${other} brings ${b}, and they put them together.`]), short: draw.pick([`${a} plus ${b}`, `add ${a} and ${b}`, `${a} and ${b} together`]), numbers: [a, b], facts: [[`How many does ${other} have?`, `${b} ${things}`]] }
  },
  (draw, { who, things }) => {
    const [a, b, unit] = [draw.numeral(1, 4), draw.numeral(1, 5), draw.pick(UNITS)]
    return { sentence: draw.pick([`One of the ${things} costs ${a} ${unit}, and ${who} takes ${b} of them.`, `${who} orders ${b} ${things} at ${a} ${unit} each.`, `Each of ${who}'s ${b} ${things} counts ${a} ${unit}.`]), short: times(draw, b, a), numbers: [a, b], facts: [[`What is it for one?`, `${a} ${unit}`]] }
  },
  (draw, { who, things }) => {
    const [a, b, c] = [draw.numeral(), draw.numeral(), draw.numeral()]
    const places = draw.some(PLACES, 3)
    return { sentence: `${who} finds ${a} ${things} at the ${places[0]}, ${b} at the ${places[1]} and ${c} at the ${places[2]}.`, short: draw.pick([`add ${a}, ${b} and ${c}`, `${a} plus ${b} plus ${c}`]), numbers: [a, b, c], facts: [[`How many are at the ${places[1]}?`, `${b} ${things}`], [`Where are ${c}?`, `at the ${places[2]}`]] }
  },
]

const EVENTS: readonly Teller[] = [
  (draw, { who, things }) => {
    const [n, other] = [draw.numeral(), draw.pick(NAMES)]
    return { sentence: draw.pick([`Then ${n} more arrive.`, `${other} brings ${n} more.`, `Later ${n} ${things} are added.`, `${who} buys another ${n}.`, `After that ${who} gets ${n} extra ${things}.`, `A gift of ${n} ${things} comes from ${other}.`, `The number grows by ${n}.`]), short: draw.pick([`plus ${n}`, `add ${n}`, `and ${n} more`]), numbers: [n], facts: [['How many come?', `${n} ${things}`]] }
  },
  (draw, { who, things }) => {
    const [n, other] = [draw.numeral(), draw.pick(NAMES)]
    return { sentence: draw.pick([`Then ${n} are lost.`, `${who} gives ${n} of them to ${other}.`, `${n} ${things} are broken and thrown away.`, `Later ${n} are sold.`, `${other} takes away ${n} ${things}.`, `${n} of them go missing.`, `The number falls by ${n}.`, `${who} uses up ${n} ${things}.`]), short: draw.pick([`minus ${n}`, `subtract ${n}`, `less ${n}`]), numbers: [n], facts: [['How many go?', `${n} ${things}`]] }
  },
  (draw, { things }) => {
    const [n, group] = [draw.numeral(1, 4), draw.pick(GROUPS)]
    return { sentence: draw.pick([`They are shared equally by ${n} ${group}.`, `All of it is divided among ${n} ${group}.`, `The ${things} are split between ${n} ${group} in equal parts.`, `${n} ${group} get the same part each.`]), short: draw.pick([`divided by ${n}`, `divide by ${n}`, `shared by ${n}`]), numbers: [n], facts: [[`Who gets a part?`, `${n} ${group}`]] }
  },
  (draw, { things }) => {
    const [n, place] = [draw.numeral(1, 4), draw.pick(PLACES)]
    return { sentence: draw.pick([`The ${place} next door has ${n} times as many ${things}.`, `In the end there are ${n} times as many.`, `The same is done at ${n} other places, and only those count.`]), short: draw.pick([`times ${n}`, `multiply by ${n}`]), numbers: [n] }
  },
]

function story(draw: Draw): Story {
  const who = draw.chance(0.7) ? draw.pick(NAMES) : `the ${draw.pick(PLACES)}`
  const [, things] = draw.pick(THINGS)
  const told = [draw.pick(OPENINGS)(draw, { who, things }), ...Array.from({ length: draw.pick([0, 1, 1, 1, 2, 2, 3]) }, () => draw.pick(EVENTS)(draw, { who, things }))]
  return { who, things, sentences: told.map(({ sentence }) => capital(sentence)), short: told.map(({ short }) => short), numbers: told.flatMap(({ numbers }) => numbers), facts: told.flatMap(({ facts }) => [...(facts ?? [])]) }
}

const ENDS: readonly ((things: string) => string)[] = [
  (things) => `how many ${things} are left`, (things) => `how many ${things} that makes`, (things) => `how many ${things} there are now`, (things) => `how many ${things} each of them gets`, (things) => `how many ${things} there are together`,
  () => 'what the total is', () => 'what comes out', (things) => `the number of ${things}`,
]

const SHORT_ASKED = ['In short?', 'Say in short what happens to the numbers.', 'Tell it in short.', 'What happens to the numbers?', 'Only the numbers, in words.'] as const

function piece(draw: Draw): Piece {
  const { sentences, short, numbers, facts, things } = story(draw)
  const end = draw.chance(0.5) ? draw.pick(ENDS)(things) : null
  const told = end === null ? sentences : [...sentences, draw.pick([`Asked is ${end}.`, `I wonder ${end}.`, `Who knows ${end}?`, `Tell me ${end}.`])]
  const link = draw.pick([', then ', ' and then ', ', ', ' and '])
  const inShort: Asked = [draw.pick(SHORT_ASKED), `${draw.chance(0.5) ? 'In short: ' : ''}${short.join(link)}.`]
  const more: Asked[] = [
    ...facts,
    [draw.pick(['Which numbers are told?', 'List the numbers.', 'What are the numbers?']), listed(numbers)],
    ['What is it about?', things],
    ['Tell it again.', sentences.join(' ')],
    ...(end === null ? [] : [['What is asked?', capital(`${end}.`)] as const]),
    ['How does it begin?', sentences[0] as string],
    ['What comes last?', sentences.at(-1) as string],
  ]
  return { passage: told.join(' '), asked: draw.chance(0.75) ? [inShort, ...draw.some(more, draw.int(0, 2))] : draw.some(more, draw.int(1, 3)) }
}

export const quantities: Genre = { name: 'quantities', share: 0.26, write: (draw) => put(draw, piece(draw)) }
