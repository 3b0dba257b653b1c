// Copying: repeating, listing, looking up, filling forms, writing sums with signs. What induction heads are made of.
import { capital, listed, type Draw } from '../draw.ts'
import { put, type Asked, type Genre, type Piece } from '../genre.ts'
import { ADJECTIVES, NAMES, PLACES, THINGS, UNITS } from '../words.ts'

const word = (draw: Draw): string => draw.pick([draw.pick(THINGS)[0], draw.pick(ADJECTIVES), draw.pick(PLACES), draw.pick(NAMES)])
const item = (draw: Draw): string => (draw.chance(0.6) ? draw.numeral(1, 7) : draw.chance(0.5) ? word(draw) : `${word(draw)} ${draw.int(1, 30)}`)
const items = (draw: Draw, least: number, most: number): string[] => Array.from({ length: draw.int(least, most) }, () => item(draw))

function repeated(draw: Draw): Piece {
  const given = items(draw, 1, 5).join(' ')
  const question = draw.pick(['Repeat:', 'Say again:', 'Repeat this:', 'Write the same again:', 'Copy:', 'Copy this exactly:', 'Give it back unchanged:'])
  const more: Asked[] = draw.chance(0.4) ? [[draw.pick(['Once more.', 'And again.', 'Again, please.']), given]] : []
  return { passage: '', asked: [[`${question} ${given}`, given], ...more] }
}

/** Nothing but the same again: a sequence, and the sequence. */
function sequence(draw: Draw): Piece {
  const given = draw.chance(0.4) ? Array.from({ length: draw.int(6, 24) }, () => word(draw)) : items(draw, 6, 24)
  const gap = draw.pick([' ', ', ', '\n', '; ', ' - '])
  return { passage: Array.from({ length: draw.int(2, 3) }, () => given.join(gap)).join(draw.pick(['\n', '\n\n', '. ', ' / '])), asked: [] }
}

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth'] as const
function ordered(draw: Draw): Piece {
  const given = draw.chance(0.6) ? Array.from({ length: draw.int(3, 5) }, () => draw.numeral(1, 7)) : items(draw, 3, 5)
  const asked = draw.some(given.map((value, i): Asked => [draw.pick([`Which is the ${ORDINALS[i]}?`, `What comes ${ORDINALS[i]}?`, `The ${ORDINALS[i]} one?`]), value]), 3)
  const whole: Asked = ['List them all.', given.join(', ')]
  return { passage: draw.pick([`Here are ${given.length}: ${listed(given)}.`, `${given.join(', ')}.`, `The list is ${listed(given)}.`]), asked: draw.chance(0.5) ? [...asked, whole] : asked }
}

function lookedUp(draw: Draw): Piece {
  const [form, end] = draw.pick([[(k: string, v: string) => `${k}: ${v}`, '\n'], [(k: string, v: string) => `${k} = ${v}`, '; '], [(k: string, v: string) => `${k} has ${v}`, ', ']] as const)
  const keys = draw.some(draw.chance(0.5) ? NAMES : THINGS.map(([one]) => one), draw.int(3, 8))
  const rows = keys.map((key): Asked => [key, draw.numeral(1, 7)])
  const asked = draw.some(rows, draw.int(2, 5)).map(([key, value]): Asked => draw.pick([[`${capital(key)}?`, value], [`What is given for ${key}?`, `${value} is given for ${key}.`], [`Who or what has ${value}?`, key]]))
  return { passage: rows.map(([key, value]) => form(key, value)).join(end), asked }
}

function form(draw: Draw): Piece {
  const [name, number, place, unit, [, things]] = [draw.pick(NAMES), draw.numeral(1, 7), draw.pick(PLACES), draw.pick(UNITS), draw.pick(THINGS)]
  const sentences: Asked[] = [
    [`Name: ${name}. Number: ${number}. Place: ${place}. Say it in a sentence.`, `${name} has the number ${number} at the ${place}.`],
    [`Say that ${name} has ${number} ${things}.`, `${name} has ${number} ${things}.`],
    [`Put ${number} into this: the ${place} holds ... ${things}.`, `The ${place} holds ${number} ${things}.`],
    [`Put ${number} into brackets.`, `[${number}]`],
    [`Put the word ${place} and then ${number} into square brackets.`, `${place}[${number}]`],
    [`Write ${number} digit by digit.`, [...number].join(' ')],
    [`Replace ${things} by ${unit}: ${number} ${things} from ${name}`, `${number} ${unit} from ${name}`],
    [`My number is ${number}. Remember it. What is my number?`, `Your number is ${number}.`],
    [`${name} says ${number}. What does ${name} say?`, `${name} says ${number}.`],
    [`The result is ${number}. Tell me the result.`, `The result is ${number}.`],
  ]
  return { passage: '', asked: draw.some(sentences, draw.int(1, 3)) }
}

/** How sums are said and how they are written; nothing is computed, and no story is told. */
function signs(draw: Draw): Piece {
  const number = (): string => draw.numeral(1, 7)
  const one = (): Asked => {
    const [a, b, c, d] = [number(), number(), number(), number()]
    return draw.pick<Asked>([
      [`${a} plus ${b}`, `${a}+${b}`], [`the sum of ${a} and ${b}`, `${a}+${b}`], [`add ${a} and ${b}`, `${a}+${b}`], [`${b} more than ${a}`, `${a}+${b}`], [`${a} minus ${b}`, `${a}-${b}`], [`subtract ${b} from ${a}`, `${a}-${b}`],
      [`${b} less than ${a}`, `${a}-${b}`], [`${a} times ${b}`, `${a}*${b}`], [`multiply ${a} by ${b}`, `${a}*${b}`], [`${a} for each of ${b}`, `${a}*${b}`], [`${a} divided by ${b}`, `${a}/${b}`], [`${a} shared by ${b}`, `${a}/${b}`],
      [`divide ${a} by ${b}`, `${a}/${b}`], [`${a} times ${b}, plus ${c}`, `${a}*${b}+${c}`], [`${a} times ${b}, minus ${c}`, `${a}*${b}-${c}`], [`${a} divided by ${b}, plus ${c}`, `${a}/${b}+${c}`], [`${a} divided by ${b}, less ${c}`, `${a}/${b}-${c}`],
      [`the sum of ${a} and ${b}, times ${c}`, `(${a}+${b})*${c}`], [`the sum of ${a} and ${b}, divided by ${c}`, `(${a}+${b})/${c}`], [`${a} minus ${b}, and all that shared by ${c}`, `(${a}-${b})/${c}`], [`${a} minus ${b}, and all that times ${c}`, `(${a}-${b})*${c}`],
      [`add ${a}, ${b} and ${c}`, `${a}+${b}+${c}`], [`multiply ${a}, ${b} and ${c}`, `${a}*${b}*${c}`], [`${a} plus the product of ${b} and ${c}`, `${a}+${b}*${c}`], [`${a} minus the product of ${b} and ${c}`, `${a}-${b}*${c}`],
      [`${a} times ${b} plus ${c} times ${d}`, `${a}*${b}+${c}*${d}`], [`the product of ${a} and ${b}, shared by ${c}`, `${a}*${b}/${c}`], [`${a} plus ${b} minus ${c}`, `${a}+${b}-${c}`], [`twice ${a}`, `2*${a}`], [`half of ${a}`, `${a}/2`],
    ])
  }
  const ask = draw.pick<(said: string) => string>([(said) => `Write with signs: ${said}`, (said) => `How is "${said}" written?`, (said) => capital(said), (said) => `In signs, ${said}.`])
  const back = draw.chance(0.25)
  const asked = Array.from({ length: draw.int(1, 4) }, one).map(([said, written]): Asked => (back ? [`Say in words: ${written}`, said] : [ask(said), written]))
  return { passage: '', asked }
}

export const copying: Genre = {
  name: 'copying', share: 0.32,
  write: (draw) => put(draw, draw.pick([repeated, repeated, sequence, sequence, ordered, lookedUp, form, signs])(draw)),
}
