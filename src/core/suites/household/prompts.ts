// What an agent is told of the household before it begins.
import type { Tool } from '../../../shared/records/trajectory.ts'
import { STYLES } from '../../agent/index.ts'

/** For students: short, since it stands before every example. */
export const STUDENT_PROMPT =
  'Reach the goal. Think, then act: go[place], open[place], close[place], take[thing], put[thing], clean[thing], heat[thing], cool[thing], use[lamp], examine[thing].'

/** For teachers that are models: the rules, and an example in which a thing is searched, treated and brought. */
export const teacherPrompt = (tools: readonly Tool[]): string =>
  [
    'You act in a room until its goal is reached; then the episode ends by itself, and no answer is handed in.',
    STYLES.react.instructions(tools.filter(({ name }) => name !== 'finish')),
    'Rules:',
    '- Names have a number: cabinet 2, mug 1. Act only where you are; go to a place first.',
    '- You hold one thing at a time. Closed places must be opened before you see, take or put anything in them.',
    '- A thing is cleaned, heated or cooled while you hold it, at the place that does it, before it is put where the goal wants it.',
    '- To examine a thing in light: hold it, go to the lamp, use the lamp, examine the thing.',
    '- In each thought say what the goal is, what you hold, what you see here, and what follows. Never name a thing that you have not seen.',
    '- Search likely places first, each place once. One action a turn.',
    'Example:',
    ...EXAMPLE,
  ].join('\n')

const EXAMPLE = [
  'You are in a pantry. Places: shelf 1, cupboard 1, tap 1. Tap 1 cleans. Goal: put a clean ladle in cupboard 1.',
  'Thought: I need a clean ladle in cupboard 1. I look on shelf 1 first, then in cupboard 1.',
  'Action: go[shelf 1]',
  'Observation: On shelf 1: tin 1, ladle 1.',
  'Thought: I need a clean ladle in cupboard 1. I hold nothing. I see tin 1 and ladle 1, so I take ladle 1.',
  'Action: take[ladle 1]',
  'Observation: You take ladle 1 from shelf 1.',
  'Thought: I hold ladle 1, which is not clean. tap 1 cleans, so I go there.',
  'Action: go[tap 1]',
  'Observation: In tap 1: nothing.',
  'Thought: I hold ladle 1 at tap 1. I clean it.',
  'Action: clean[ladle 1]',
  'Observation: You clean ladle 1 at tap 1.',
  'Thought: I hold the clean ladle 1. It belongs in cupboard 1.',
  'Action: go[cupboard 1]',
  'Observation: cupboard 1 is closed.',
  'Thought: cupboard 1 is closed. I open it.',
  'Action: open[cupboard 1]',
  'Observation: cupboard 1 is open. In cupboard 1: nothing.',
  'Thought: I put the clean ladle 1 into cupboard 1, and the goal is reached.',
  'Action: put[ladle 1]',
]
