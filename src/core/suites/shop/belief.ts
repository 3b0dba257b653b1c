// What a buyer can know: what the results listed and what the opened pages said.
import type { Need } from './need.ts'

export type Listed = { readonly id: string; readonly title: string; readonly price: number }
export type Page = { readonly features: readonly string[]; readonly options: Readonly<Record<string, readonly string[]>> }

export type Belief = {
  /** Searches so far that found something. */
  readonly searches: number
  /** What the last search has listed, as far as its pages were turned. */
  readonly listed: readonly Listed[]
  /** Those of the page that was listed last. */
  readonly shown: readonly Listed[]
  readonly hasMore: boolean
  readonly pages: Readonly<Record<string, Page>>
  readonly open: string | null
  readonly chosen: Readonly<Record<string, string>>
}

export const NOTHING_SEEN: Belief = { searches: 0, listed: [], shown: [], hasMore: false, pages: {}, open: null, chosen: {} }

const RESULTS = /^Results (\d+)-(\d+) of (\d+): (.*)\.$/
const ROW = /^(p\d+) (.+), \$(\d+)$/
const PAGE = /^(p\d+): (.+), \$(\d+)\. Details: ([^.]*)\.(.*)$/
const OPTION = / ([a-z]+): ([^.]*)\./g
const CHOSEN = /^([a-z]+) is (.+)\.$/

/** After one more observation; one that states no fact changes nothing. */
export function learn(belief: Belief, observation: string): Belief {
  const text = observation.trim()
  const results = RESULTS.exec(text)
  if (results) {
    const [, from, to, all, rows = ''] = results
    const shown = rows.split('; ').map(listedOf)
    const isFirst = from === '1'
    return {
      ...belief,
      searches: belief.searches + (isFirst ? 1 : 0),
      listed: isFirst ? shown : [...belief.listed, ...shown],
      shown,
      hasMore: Number(to) < Number(all),
      open: null,
      chosen: {},
    }
  }
  const page = PAGE.exec(text)
  if (page) {
    const [, id = '', , , features = '', rest = ''] = page
    const options = Object.fromEntries([...rest.matchAll(OPTION)].map(([, name = '', values = '']) => [name, values.split(', ')]))
    return { ...belief, open: id, chosen: {}, pages: { ...belief.pages, [id]: { features: features.split(', '), options } } }
  }
  const [, option, value] = CHOSEN.exec(text) ?? []
  return option === undefined || value === undefined ? belief : { ...belief, chosen: { ...belief.chosen, [option]: value } }
}

function listedOf(row: string): Listed {
  const [, id = '', title = '', price = ''] = ROW.exec(row) ?? []
  return { id, title, price: Number(price) }
}

/** By title and price alone. */
export const looksRight = ({ category, make, cap }: Need, { title, price }: Listed): boolean =>
  title.endsWith(make === null ? ` ${category}` : ` ${make} ${category}`) && (cap === null || price <= cap)

/** What the need asks for and the page does not have, in words. */
export const lacksOf = ({ features, options }: Need, page: Page): string[] => [
  ...features.filter((feature) => !page.features.includes(feature)).map((feature) => `is not ${feature}`),
  ...Object.entries(options).filter(([name, value]) => !page.options[name]?.includes(value)).map(([name, value]) => `has no ${name} ${value}`),
]
