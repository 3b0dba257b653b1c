// The rules of the shop: search, pages, options, buying, and how a purchase is counted.
import { expect, test } from 'vitest'
import { type Product, searchCatalogue } from '../../../../src/core/suites/shop/catalogue.ts'
import { constraintsMet, type Need } from '../../../../src/core/suites/shop/need.ts'
import { buy, choose, nextPage, openProduct, search, START } from '../../../../src/core/suites/shop/store.ts'

const product = (id: string, parts: Partial<Product> = {}): Product => ({
  id, category: 'shirt', make: 'cotton', title: 'Balo cotton shirt', price: 20, features: ['striped'], options: { size: ['small', 'large'], color: ['red'] }, ...parts,
})
const CATALOGUE = [
  product('p1', { make: 'wool', title: 'Norva wool shirt', price: 40 }),
  product('p2'),
  product('p3', { category: 'mug', make: 'tin', title: 'Balo tin mug', options: {} }),
  ...[4, 5, 6, 7, 8].map((number) => product(`p${number}`, { price: number })),
]

test('a search ranks by the words of the titles that it has, without case and plural', () => {
  expect(searchCatalogue(CATALOGUE, 'COTTON Shirts').map(({ id }) => id)).toEqual(['p2', 'p4', 'p5', 'p6', 'p7', 'p8', 'p1'])
  expect(searchCatalogue(CATALOGUE, 'tin').map(({ id }) => id)).toEqual(['p3'])
  expect(searchCatalogue(CATALOGUE, 'striped')).toEqual([])
})

test('results come in pages, of which only what was found can be opened', () => {
  expect(nextPage(CATALOGUE, START)).toMatchObject({ status: 'failed', text: 'There are no results. Search first.' })
  const found = search(CATALOGUE, START, 'cotton shirt')
  expect(found.text).toBe('Results 1-5 of 7: p2 Balo cotton shirt, $20; p4 Balo cotton shirt, $4; p5 Balo cotton shirt, $5; p6 Balo cotton shirt, $6; p7 Balo cotton shirt, $7.')
  const second = nextPage(CATALOGUE, found.state!)
  expect(second.text).toBe('Results 6-7 of 7: p8 Balo cotton shirt, $8; p1 Norva wool shirt, $40.')
  expect(nextPage(CATALOGUE, second.state!)).toMatchObject({ status: 'failed', text: 'There are no more results.' })
  expect(openProduct(CATALOGUE, second.state!, 'p3')).toMatchObject({ status: 'failed', text: 'p3 is not among the results.' })
  expect(openProduct(CATALOGUE, second.state!, ' P2')).toMatchObject({ status: 'ok', text: 'p2: Balo cotton shirt, $20. Details: striped. size: small, large. color: red.' })
  expect(search(CATALOGUE, START, 'ctton')).toMatchObject({ status: 'failed', text: 'No product has one of these words.' })
})

test('a product is bought once all its options are chosen, from the values it has', () => {
  const { state: found } = search(CATALOGUE, START, 'cotton shirt')
  expect(buy(CATALOGUE, found!)).toMatchObject({ status: 'failed', text: 'No product is open. Open one first.' })
  const { state: opened } = openProduct(CATALOGUE, found!, 'p2')
  expect(buy(CATALOGUE, opened!)).toMatchObject({ status: 'failed', text: 'Choose size and color first.' })
  expect(choose(CATALOGUE, opened!, { option: 'length', value: 'long' }).text).toBe('There is no option length. Options: size, color.')
  expect(choose(CATALOGUE, opened!, { option: 'toString', value: 'x' }).status).toBe('failed')
  expect(choose(CATALOGUE, opened!, { option: 'size', value: 'tiny' }).text).toBe('There is no size tiny. size: small, large.')
  const { state: sized } = choose(CATALOGUE, opened!, { option: 'Size', value: 'Large' })
  const { state: red } = choose(CATALOGUE, sized!, { option: 'color', value: 'red' })
  expect(opened!.chosen).toEqual({})
  expect(buy(CATALOGUE, red!)).toMatchObject({ status: 'ok', text: 'You bought p2 with size large, color red for $20.', bought: { chosen: { size: 'large', color: 'red' } } })
  expect(openProduct(CATALOGUE, red!, 'p4').state!.chosen).toEqual({})
})

test('every constraint counts once', () => {
  const need: Need = { category: 'shirt', make: 'cotton', features: ['striped', 'warm'], options: { size: 'large' }, cap: 15 }
  const unmet = constraintsMet(need, { product: product('p1', { make: 'wool' }), chosen: { size: 'small' } }).filter(({ met }) => !met).map(({ constraint }) => constraint)
  expect(unmet).toEqual(['cotton', 'warm', 'size large', 'at most $15'])
  expect(constraintsMet(need, { product: product('p9', { features: ['warm', 'striped'], price: 15 }), chosen: { size: 'large' } }).every(({ met }) => met)).toBe(true)
  expect(constraintsMet({ ...need, make: null, features: [], options: {}, cap: null }, { product: product('p9'), chosen: {} })).toEqual([{ constraint: 'shirt', met: true }])
})
