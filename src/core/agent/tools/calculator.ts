// The calculator: `calc[852948/684+27119]`, exact in integers, fractions and decimals.
import { z } from 'zod'
import { defineTool } from '../tool.ts'
import { type Kit, openKit } from '../toolKit.ts'
import { evaluate } from './expression.ts'
import { decimalText } from './rational.ts'

const MOST_CHARACTERS = 1000

const row = defineTool<null, { expression: string }>({
  name: 'calc',
  aliases: ['calculator', 'calculate'],
  description: 'computes an expression of numbers, + - * / // % ^, parentheses, sqrt, round, min, max and the like; = goes on with what has come out: 2+3=*4 is 20',
  arguments: z.strictObject({ expression: z.string().max(MOST_CHARACTERS).describe('for example (12+7)*3') }),
  run({ expression }) {
    const value = evaluate(expression)
    if ('problem' in value) return { status: 'failed', text: `Cannot compute this: ${value.problem}.` }
    return { status: 'ok', text: decimalText(value), value: `${value.n}/${value.d}` }
  },
})

export const calculatorKit = (): Kit => openKit<null>({ tools: [row], start: null })
