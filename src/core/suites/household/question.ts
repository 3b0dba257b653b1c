// The question of a room: its places, what its devices are for, and the goal, in the words of a lexicon.
import type { Random } from '../../random.ts'
import { withArticle } from '../article.ts'
import { pick } from '../seeds.ts'
import { listed, type Wording } from './lexicon.ts'
import { OOD_LEXICON } from './oodLexicon.ts'
import type { Goal, Room } from './room.ts'
import { TRAIN_LEXICON } from './trainLexicon.ts'

/** `on table 1` */
export const atPlace = ({ at, name }: { readonly at: string; readonly name: string }): string => `${at} ${name}`

export function questionOf({ kind, places, goal }: Room, wording: Wording, random: Random): string {
  const form = pick([0, 1], random)
  const devices = places.flatMap(({ name, does }) => {
    if (does === null) return []
    const forms = wording.devices[does]
    return [forms[form % forms.length]!.replace('{device}', name)]
  })
  const parts: Readonly<Record<string, string>> = {
    room: withArticle(kind),
    places: listed(places.map(({ name }) => name)),
    devices: devices.length === 0 ? '' : sentence(devices.join(', ')),
    goal: goalText(goal, wording, random),
  }
  return filled(pick(wording.questions, random), parts).replace(/ {2,}/g, ' ').trim()
}

function goalText({ kind, thing, plural, target }: Goal, wording: Wording, random: Random): string {
  const parts = { things: plural, place: atPlace(target), lamp: target.name }
  return filled(pick(wording.goals[kind], random), parts).replace(/\{a(?::(\w+))?\}/, (_, adjective?: string) => withArticle(adjective ? `${adjective} ${thing}` : thing))
}

const filled = (form: string, parts: Readonly<Record<string, string>>): string => form.replace(/\{(\w+)\}/g, (whole, name: string) => parts[name] ?? whole)

const sentence = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}.`

const wordsOf = (names: readonly { readonly name: string }[]): string => names.map(({ name }) => name).join('|')
const LEXICONS = [TRAIN_LEXICON, OOD_LEXICON]
const ROOM = new RegExp(`\\b(?:${wordsOf(LEXICONS.flatMap(({ rooms }) => rooms))})\\b`, 'i')
const PLACE = new RegExp(`\\b(?:${wordsOf(LEXICONS.flatMap(({ places }) => places))}) \\d+\\b`, 'gi')

/** The room with its places, as a question tells them in whatever words and order; null where it tells of no room. */
export function layoutOf(question: string): string | null {
  const [room] = ROOM.exec(question) ?? []
  const places = new Set((question.match(PLACE) ?? []).map((name) => name.toLowerCase()))
  return room === undefined || places.size < 2 ? null : `${room.toLowerCase()}: ${[...places].toSorted().join(', ')}`
}
