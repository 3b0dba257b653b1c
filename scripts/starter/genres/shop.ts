// A shop's goods: lists with colours, sizes and prices, and what is asked of them.
import { capital, listed, type Draw } from '../draw.ts'
import { put, type Asked, type Genre, type Piece } from '../genre.ts'
import { COLOURS, MATERIALS, SIZES, THINGS } from '../words.ts'

type Good = { readonly code: string; readonly colour: string; readonly size: string; readonly material: string; readonly name: string; readonly price: number }

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZ'.split('')
const titled = ({ colour, size, material, name }: Good): string => `${size} ${colour} ${material} ${name}`

function piece(draw: Draw): Piece {
  const [name] = draw.pick(THINGS)
  const goods = Array.from({ length: draw.int(2, 6) }, (): Good => ({
    code: `${draw.pick(letters)}${draw.pick(letters)}${draw.numeral(2, 4)}`,
    colour: draw.pick(COLOURS), size: draw.pick(SIZES), material: draw.pick(MATERIALS),
    name: draw.chance(0.6) ? name : draw.pick(THINGS)[0],
    price: draw.int(1, 999),
  }))
  const form = draw.pick<(good: Good) => string>([
    (good) => `${good.code}: ${titled(good)}, ${good.price} euros`,
    (good) => `[${good.code}] ${titled(good)} | ${good.price} euros`,
    (good) => `${capital(titled(good))} (${good.code}) costs ${good.price} euros.`,
  ])
  const good = draw.pick(goods)
  const cheapest = goods.reduce((least, one) => (one.price < least.price ? one : least))
  const asked: Asked[] = [
    [`What does ${good.code} cost?`, `${good.price} euros`],
    [`What is ${good.code}?`, `${good.code} is a ${titled(good)}.`],
    [`Which colour has ${good.code}?`, capital(good.colour)],
    ['What is the cheapest?', `${cheapest.code}, for ${cheapest.price} euros`],
    [`Which are made of ${good.material}?`, listed(goods.filter(({ material }) => material === good.material).map(({ code }) => code))],
    ['Which codes are there?', goods.map(({ code }) => code).join(', ')],
    [`Which one is the ${titled(good)}?`, goods.find((one) => titled(one) === titled(good))?.code ?? ''],
  ]
  return { passage: goods.map(form).join('\n'), asked: draw.some(asked, draw.int(1, 4)) }
}

export const shop: Genre = { name: 'shop', share: 0.06, write: (draw) => put(draw, piece(draw)) }
