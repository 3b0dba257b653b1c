// The shop's tools, with the state of the visit between them.
import { z } from 'zod'
import { defineTool, type Kit, openKit } from '../../agent/index.ts'
import type { Product } from './catalogue.ts'
import { buy, choose, type Happening, nextPage, openProduct, search, START, type State } from './store.ts'

const text = (example: string): z.ZodString => z.string().max(200).describe(example)

type Result = { status: 'ok' | 'failed'; text: string; state?: State; ends?: { answer: null } }

const told = ({ bought, ...happening }: Happening): Result => ({ ...happening, ...(bought ? { ends: { answer: null } } : {}) })

/** The tools of one episode; the state is a plain value. */
export function shopKit(catalogue: readonly Product[]): Kit {
  return openKit<State>({
    start: START,
    tools: [
      defineTool<State, { words: string }>({
        name: 'search',
        description: 'finds products by words of their titles',
        arguments: z.strictObject({ words: text('for example wool jacket') }),
        run: ({ words }, { state }) => told(search(catalogue, state, words)),
      }),
      defineTool<State, object>({
        name: 'next',
        aliases: ['next_page'],
        description: 'the next page of the results',
        arguments: z.strictObject({}),
        run: (_, { state }) => told(nextPage(catalogue, state)),
      }),
      defineTool<State, { product: string }>({
        name: 'open',
        aliases: ['click'],
        description: 'the page of a product among the results: details and options',
        arguments: z.strictObject({ product: text('its id, for example p17') }),
        run: ({ product }, { state }) => told(openProduct(catalogue, state, product)),
      }),
      defineTool<State, { option: string; value: string }>({
        name: 'choose',
        description: 'chooses a value of an option of the open product',
        arguments: z.strictObject({ option: text('for example size'), value: text('for example large') }),
        run: (given, { state }) => told(choose(catalogue, state, given)),
      }),
      defineTool<State, object>({
        name: 'buy',
        description: 'buys the open product as chosen, which ends the episode',
        arguments: z.strictObject({}),
        run: (_, { state }) => told(buy(catalogue, state)),
      }),
    ],
  })
}
