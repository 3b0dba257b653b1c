// What an agent is told of the shop before it begins.
import type { Tool } from '../../../shared/records/trajectory.ts'
import { STYLES } from '../../agent/index.ts'

/** For students: short, since it stands before every example. */
export const STUDENT_PROMPT = 'Buy what is asked for. Think, then act: search[words], next[], open[product], choose[option, value], buy[].'

/** For teachers that are models: the rules, and an example with a product that does not fit. */
export const teacherPrompt = (tools: readonly Tool[]): string =>
  [
    'You buy in a web shop what the order asks for; buying ends the episode, and no answer is handed in.',
    STYLES.react.instructions(tools),
    'Rules:',
    '- Titles have brand, make and kind; details and options stand on the page of a product.',
    '- All options of a product must be chosen before it can be bought, those that the order does not name as you like.',
    '- In each thought say what is needed, what of it you see here, and what follows. One action a turn.',
    'Example:',
    ...EXAMPLE,
  ].join('\n')

const EXAMPLE = [
  'Order a straw hat; lined, size small, at most $30.',
  'Thought: I need a straw hat, lined, size small, at most $30. I search for it by make and kind.',
  'Action: search[straw hat]',
  'Observation: Results 1-3 of 3: p8 Umber straw hat, $44; p31 Umber straw hat, $22; p5 Lisk straw hat, $27.',
  'Thought: I need a straw hat, lined, size small, at most $30. p8 costs too much, p31 and p5 may fit. I open p31.',
  'Action: open[p31]',
  'Observation: p31: Umber straw hat, $22. Details: braided. size: small, large.',
  'Thought: p31 is not lined. I open p5.',
  'Action: open[p5]',
  'Observation: p5: Lisk straw hat, $27. Details: lined, braided. size: small, medium.',
  'Thought: p5 is lined, has size small and costs $27. I choose the size.',
  'Action: choose[size, small]',
  'Observation: size is small.',
  'Thought: All is chosen, I buy it.',
  'Action: buy[]',
]
