// FireAct as Alpaca records: the question as instruction, the whole episode in one text.
import { z } from 'zod'
import { plainTurn } from '../draft.ts'
import { closeEpisode, hasAction, isReact, splitEpisode } from '../react.ts'
import { schemaProblem } from '../rejection.ts'
import type { Importer } from './importer.ts'

const schema = z.object({
  instruction: z.string().min(1),
  input: z.string().nullish(),
  output: z.string().refine(isReact, { error: 'an episode with lines "Thought: ..." and "Action: name[argument]"' }),
})

const showsConvention = z.object({ instruction: z.unknown(), output: z.string().refine(hasAction) })

export const fireactAlpaca: Importer = {
  format: 'fireact-alpaca',
  title: 'FireAct, Alpaca records',
  detect: (record) => showsConvention.safeParse(record).success,
  read(record) {
    const parsed = schema.safeParse(record)
    if (!parsed.success) return { problem: schemaProblem(record, parsed.error) }
    const { instruction, input, output } = parsed.data
    const question = input ? `${instruction}\n\n${input}` : instruction
    const { turns, outcome } = closeEpisode(splitEpisode(output))
    return { draft: { question, tools: [], turns: [plainTurn('user', question), ...turns], outcome } }
  },
}
