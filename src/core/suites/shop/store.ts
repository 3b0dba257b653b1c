// The rules of the shop: search, turning pages, a product's page, choosing and buying, and what is observed. Pure.
import { type Product, searchCatalogue } from './catalogue.ts'
import type { Purchase } from './need.ts'

/** Never changed in place. */
export type State = {
  /** Ids of what the last search found. */
  readonly found: readonly string[]
  readonly page: number
  /** The product whose page is open. */
  readonly open: string | null
  readonly chosen: Readonly<Record<string, string>>
}

export type Happening = { readonly status: 'ok' | 'failed'; readonly text: string; readonly state?: State; readonly bought?: Purchase }

export const START: State = { found: [], page: 0, open: null, chosen: {} }

const PER_PAGE = 5

const failed = (text: string): Happening => ({ status: 'failed', text })
const priced = ({ title, price }: Product): string => `${title}, $${price}`
const byId = (catalogue: readonly Product[], id: string | null): Product | undefined => catalogue.find((product) => product.id === id)

function results(catalogue: readonly Product[], { found, page }: State): string {
  const from = page * PER_PAGE
  const rows = found.slice(from, from + PER_PAGE).map((id) => `${id} ${priced(byId(catalogue, id)!)}`)
  return `Results ${from + 1}-${from + rows.length} of ${found.length}: ${rows.join('; ')}.`
}

export function search(catalogue: readonly Product[], state: State, words: string): Happening {
  const found = searchCatalogue(catalogue, words).map(({ id }) => id)
  if (found.length === 0) return failed('No product has one of these words.')
  const next = { ...state, found, page: 0, open: null, chosen: {} }
  return { status: 'ok', text: results(catalogue, next), state: next }
}

export function nextPage(catalogue: readonly Product[], state: State): Happening {
  if (state.found.length === 0) return failed('There are no results. Search first.')
  if ((state.page + 1) * PER_PAGE >= state.found.length) return failed('There are no more results.')
  const next = { ...state, page: state.page + 1, open: null, chosen: {} }
  return { status: 'ok', text: results(catalogue, next), state: next }
}

export function openProduct(catalogue: readonly Product[], state: State, named: string): Happening {
  const id = named.trim().toLowerCase()
  const product = state.found.includes(id) ? byId(catalogue, id) : undefined
  if (!product) return failed(state.found.length === 0 ? 'There are no results. Search first.' : `${named} is not among the results.`)
  const options = Object.entries(product.options).map(([name, values]) => ` ${name}: ${values.join(', ')}.`)
  return { status: 'ok', text: `${id}: ${priced(product)}. Details: ${product.features.join(', ')}.${options.join('')}`, state: { ...state, open: id, chosen: {} } }
}

export function choose(catalogue: readonly Product[], state: State, given: { readonly option: string; readonly value: string }): Happening {
  const product = byId(catalogue, state.open)
  if (!product) return failed('No product is open. Open one first.')
  const [option, value] = [given.option.trim().toLowerCase(), given.value.trim().toLowerCase()]
  const values = Object.hasOwn(product.options, option) ? product.options[option]! : null
  if (values === null) return failed(`There is no option ${given.option}. Options: ${Object.keys(product.options).join(', ')}.`)
  const known = values.find((each) => each.toLowerCase() === value)
  if (known === undefined) return failed(`There is no ${option} ${given.value}. ${option}: ${values.join(', ')}.`)
  return { status: 'ok', text: `${option} is ${known}.`, state: { ...state, chosen: { ...state.chosen, [option]: known } } }
}

/** A product is bought when all of its options are chosen; that ends the episode. */
export function buy(catalogue: readonly Product[], state: State): Happening {
  const product = byId(catalogue, state.open)
  if (!product) return failed('No product is open. Open one first.')
  const missing = Object.keys(product.options).filter((name) => state.chosen[name] === undefined)
  if (missing.length > 0) return failed(`Choose ${missing.join(' and ')} first.`)
  const chosen = Object.keys(product.options).map((name) => `${name} ${state.chosen[name]!}`)
  return { status: 'ok', text: `You bought ${product.id} with ${chosen.join(', ')} for $${product.price}.`, bought: { product, chosen: state.chosen } }
}
