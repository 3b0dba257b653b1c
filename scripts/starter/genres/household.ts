// Rooms: what stands in them, what lies where, what is carried where, and what household things are for. Nobody searches or solves anything.
import { article, capital, listed, type Draw } from '../draw.ts'
import { put, type Asked, type Genre, type Piece } from '../genre.ts'
import { NAMES, OBJECTS, OPENABLE, RECEPTACLES, ROOMS } from '../words.ts'

type Place = { readonly name: string; readonly at: 'on' | 'in'; readonly things: string[] }

const IN = new Set(['cabinet', 'drawer', 'fridge', 'microwave', 'sinkbasin', 'cart', 'garbagecan', 'bathtub', 'safe', 'laundryhamper', 'toilet'])

function places(draw: Draw): Place[] {
  const kinds = draw.some(RECEPTACLES, draw.int(2, 6)).flatMap((kind) => Array.from({ length: draw.chance(0.3) ? 2 : 1 }, (_, i) => `${kind} ${i + 1}`))
  const things = draw.some(OBJECTS, draw.int(3, 9)).flatMap((kind) => Array.from({ length: draw.chance(0.25) ? 2 : 1 }, (_, i) => `${kind} ${i + 1}`))
  const made = kinds.map((name): Place => ({ name, at: IN.has(name.replace(/ \d+$/, '')) ? 'in' : 'on', things: [] }))
  for (const thing of draw.shuffle(things)) draw.pick(made).things.push(thing)
  return made
}

const at = ({ at, name }: Place): string => `${at} ${name}`
const contents = ({ things }: Place, none: string): string => (things.length === 0 ? none : things.join(', '))

function described(draw: Draw, made: readonly Place[]): string {
  const form = draw.pick<(place: Place) => string>([
    (place) => `${capital(at(place))}: ${contents(place, 'nothing')}.`,
    (place) => `${capital(place.at)} the ${place.name} ${place.things.length === 0 ? 'there is nothing' : `you see ${listed(place.things.map((thing) => `a ${thing}`))}`}.`,
    (place) => (place.things.length === 0 ? `The ${place.name} is empty.` : `The ${place.name} holds ${listed(place.things)}.`),
    (place) => `${place.name} - ${contents(place, 'empty')}`,
  ])
  const room = draw.chance(0.7) ? [draw.pick([`This is ${article(draw.pick(ROOMS))}.`, `You are in ${article(draw.pick(ROOMS))}. There are ${listed(made.map(({ name }) => name))}.`, `In the ${draw.pick(ROOMS)} stand ${made.map(({ name }) => name).join(', ')}.`])] : []
  return [...room, ...made.map(form)].join(draw.pick([' ', '\n']))
}

function seen(draw: Draw): Piece {
  const made = places(draw)
  const full = made.filter(({ things }) => things.length > 0)
  const somewhere = draw.pick(full)
  const thing = draw.pick(somewhere.things)
  const [any, absent] = [draw.pick(made), draw.pick(OBJECTS)]
  const isThere = made.some(({ things }) => things.some((name) => name.startsWith(`${absent} `)))
  const asked: Asked[] = [
    [`Where is ${thing}?`, draw.pick([`It is ${at(somewhere)}.`, `${capital(at(somewhere))}.`, `${capital(thing)} is ${at(somewhere)}.`])],
    [`What is ${at(any)}?`, any.things.length === 0 ? 'Nothing.' : `${capital(listed(any.things))}.`],
    [`Is there ${article(absent)}?`, isThere ? `Yes, there is ${article(absent)}.` : `No, I see no ${absent}.`],
    ['Which places are there?', `${made.map(({ name }) => name).join(', ')}.`],
    [`How many things are ${at(any)}?`, String(any.things.length)],
    ['Is something empty?', full.length === made.length ? 'No, nothing is empty.' : `Yes: ${listed(made.filter(({ things }) => things.length === 0).map(({ name }) => name))}.`],
  ]
  return { passage: described(draw, made), asked: draw.some(asked, draw.int(1, 4)) }
}

function moved(draw: Draw): Piece {
  const made = places(draw).filter(({ things }) => things.length > 0)
  const who = draw.pick(NAMES)
  const sentences: string[] = []
  const whereabouts = new Map<string, Place>()
  for (let i = draw.int(1, 4); i > 0; i--) {
    const [from, to] = [draw.pick(made), draw.pick(made)]
    const thing = from.things[0]
    if (thing === undefined || from === to) continue
    from.things.shift()
    to.things.push(thing)
    whereabouts.set(thing, to)
    sentences.push(draw.pick([`${who} takes ${thing} from ${from.name} and puts it ${at(to)}.`, `${who} carries ${thing} from ${from.name} to ${to.name}.`, `Now ${thing} is no longer ${at(from)} but ${at(to)}.`]))
  }
  const asked = [...whereabouts].map(([thing, place]): Asked => [`Where is ${thing} now?`, draw.pick([`${capital(at(place))}.`, `${capital(thing)} is ${at(place)}.`])])
  return { passage: sentences.join(' '), asked: asked.length === 0 ? [['Who is at home?', `${who} is at home.`]] : draw.shuffle(asked) }
}

const FACTS: readonly ((thing: string) => Asked)[] = [
  (thing) => [`The ${thing} is dirty. What helps?`, `A sinkbasin: there the ${thing} can be washed, and then it is clean.`],
  (thing) => [`How does ${article(thing)} get clean?`, 'With water, in a sinkbasin.'],
  (thing) => [`How does ${article(thing)} get hot?`, 'In a microwave or on a stove.'],
  (thing) => [`How does ${article(thing)} get cold?`, 'In a fridge.'],
  (thing) => [`I want to see the ${thing} better.`, 'A lamp gives light. Switch it on.'],
  (thing) => [`The ${thing} is in a closed drawer. Can I take it?`, 'The drawer has to be opened first.'],
  (thing) => [`What is a hot ${thing}?`, `${capital(article(thing))} that was heated.`],
  (thing) => [`What is a cool ${thing}?`, `${capital(article(thing))} that was cooled.`],
  (thing) => [`What is a clean ${thing}?`, `${capital(article(thing))} that was washed.`],
]

function known(draw: Draw): Piece {
  const kind = draw.pick(RECEPTACLES)
  const opens: Asked = [`Can ${article(kind)} be opened?`, OPENABLE.has(kind) ? `Yes, ${article(kind)} has a door or can be pulled out.` : `No, ${article(kind)} is open anyway.`]
  return { passage: '', asked: [...draw.some(FACTS, draw.int(1, 2)).map((fact) => fact(draw.pick(OBJECTS))), ...(draw.chance(0.3) ? [opens] : [])] }
}

export const household: Genre = { name: 'household', share: 0.14, write: (draw) => put(draw, draw.pick([seen, seen, moved, known])(draw)) }
