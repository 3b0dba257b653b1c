// The starter's text: lines of `retort pretrain`, drawn from a seed.
import { createDraw, type Draw } from './draw.ts'
import type { Genre, Line } from './genre.ts'
import { copying } from './genres/copying.ts'
import { dialogue } from './genres/dialogue.ts'
import { encyclopaedia } from './genres/encyclopaedia.ts'
import { household } from './genres/household.ts'
import { quantities } from './genres/quantities.ts'
import { shop } from './genres/shop.ts'

export const GENRES: readonly Genre[] = [copying, quantities, household, shop, encyclopaedia, dialogue]

export const textOf = (line: Line): string => ('text' in line ? line.text : line.messages.map(({ content }) => content).join('\n'))

/** Of the lines, those that are put together to a longer one, so that late positions are trained too; and its length at most. */
const BUNDLED = 0.12
const LONGEST = 2600

/** Lines of one genre after another: one chat, or one text. */
function bundle(draw: Draw, write: () => Line): Line {
  const room = draw.int(600, LONGEST)
  const lines: Line[] = []
  for (let length = 0; length < room;) {
    const line = write()
    lines.push(line)
    length += textOf(line).length
  }
  if (draw.chance(0.25)) return { text: lines.map(textOf).join('\n\n') }
  const [first] = lines
  const opening = first && 'messages' in first ? first.messages.filter(({ role }) => role === 'system') : []
  const turns = lines.flatMap((line) => ('messages' in line ? line.messages.filter(({ role }) => role !== 'system') : []))
  return turns.length === 0 ? { text: lines.map(textOf).join('\n\n') } : { messages: [...opening, ...turns] }
}

export type Written = { readonly genre: string; readonly line: Line }

/** Lines until there are so many characters: of the genres the one that has least of its share. */
export function* corpus({ seed, characters }: { readonly seed: number; readonly characters: number }): Generator<Written> {
  const draw = createDraw(seed)
  const written = new Map(GENRES.map((genre) => [genre, 0]))
  const write = (): Written => {
    const genre = GENRES.reduce((least, one) => (written.get(one)! / one.share < written.get(least)! / least.share ? one : least))
    const line = genre.write(draw)
    written.set(genre, written.get(genre)! + textOf(line).length)
    return { genre: genre.name, line }
  }
  for (let total = 0; total < characters;) {
    const one = draw.chance(BUNDLED) ? { genre: 'several', line: bundle(draw, () => write().line) } : write()
    total += textOf(one.line).length
    yield one
  }
}
