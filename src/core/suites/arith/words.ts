// Words of the tasks for training: names, things, places. The out-of-domain templates bring words of their own.
import type { Random } from '../../random.ts'
import { pick, several } from '../seeds.ts'

const list = (text: string): readonly string[] => text.trim().split(/\s+/)

export const NAMES = list(`
  Ada Aisha Akira Alba Amir Anders Anja Anton Asha Bela Boris Carla Carmen Chen Dana Daniel Dario Dina Edgar Elena Elif Emil Emma
  Esther Eva Farid Felix Fatima Finn Grace Hana Hugo Ibrahim Ida Ines Ivan Jan Jonas Jorge Julia Kaito Karim Kira Lars Laila Lena
  Leo Lin Luca Maja Malik Mara Marco Mei Milan Mira Mohan Nadia Nils Noor Nora Olga Omar Otto Pavel Petra Priya Rafael Ravi Rosa
  Ruben Salma Samir Sara Selma Sofia Stefan Tarek Tessa Theo Tomas Uma Vera Viktor Yara Yusuf Zoe`)

/** Things that can be counted, made, stored and sold. */
export const THINGS = list(`
  apples bags balls batteries beads bells bolts books bottles bowls bricks brushes buckets bulbs buttons cables candles caps cards
  chairs chips clips clocks coats coins combs cups desks dolls drums eggs envelopes erasers fans files flags folders forks frames
  gloves hammers hats helmets hooks jars kettles keys kites knives ladders lamps lemons locks magnets maps marbles masks mats melons
  mirrors mugs nails needles nuts oranges pans pears pegs pencils pens pillows pins pipes plates plugs pots posters pumps puzzles
  radios rings ropes rugs rulers scarves screws seeds shells shirts shoes socks spoons springs stamps stickers stones straws tapes
  tents tickets tiles towels toys trays tubes umbrellas vases wheels whistles`)

const SINGULAR: Readonly<Record<string, string>> = { batteries: 'battery', boxes: 'box', brushes: 'brush', knives: 'knife', scarves: 'scarf', matches: 'match', watches: 'watch', shelves: 'shelf', families: 'family', factories: 'factory', libraries: 'library', bakeries: 'bakery', branches: 'branch', classes: 'class', buses: 'bus', colonies: 'colony', pouches: 'pouch' }

/** One of what a plural names. */
export const singular = (plural: string): string => SINGULAR[plural] ?? plural.replace(/s$/, '')

/** What holds things, by the plural. */
export const BOXES = list('boxes crates cartons bags baskets sacks cases chests trays barrels drawers containers packs pouches bins trunks')

/** Who may share, receive or own, in numbers. */
export const GROUPS = list(`
  shops schools villages clubs families branches offices hotels teams farms markets towns stalls hospitals classes kitchens camps
  workshops museums ships stations`)

/** Where things are. */
export const PLACES = list('warehouse depot shop store market harbour museum library school hospital hotel farm kitchen workshop barn cellar garage office station')

/** What makes things. */
export const MAKERS = list('factory workshop mill plant machine bakery studio press robot')

export const PERIODS = list('day week month shift hour')

/** Words for the slots of the templates: different ones where there are several of a kind. */
export function drawWords(random: Random): Readonly<Record<string, string>> {
  const [name, other, third] = several(NAMES, 3, random)
  const [things, goods] = several(THINGS, 2, random)
  const [boxes, packs] = several(BOXES, 2, random)
  const [groups] = several(GROUPS, 1, random)
  const [place, shop] = several(PLACES, 2, random)
  const period = pick(PERIODS, random)
  return {
    name: name!, other: other!, third: third!,
    things: things!, thing: singular(things!), goods: goods!, good: singular(goods!),
    boxes: boxes!, box: singular(boxes!), packs: packs!, pack: singular(packs!),
    groups: groups!, group: singular(groups!), place: place!, shop: shop!,
    maker: pick(MAKERS, random), period, periods: `${period}s`,
  }
}
