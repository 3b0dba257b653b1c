// The household's tools: one for each action, with the room's state between them.
import { z } from 'zod'
import { type AgentTool, defineTool, type Kit, openKit } from '../../agent/index.ts'
import type { Room } from './room.ts'
import { type ActionName, ACTIONS, startOf, type State } from './world.ts'

type Row = { readonly description: string; readonly argument: 'place' | 'thing' | null; readonly aliases?: readonly string[] }

const ROWS: Readonly<Record<ActionName, Row>> = {
  go: { description: 'go to a place and see what is there', argument: 'place', aliases: ['goto', 'go_to'] },
  open: { description: 'open a closed place where you are', argument: 'place' },
  close: { description: 'close a place where you are', argument: 'place' },
  take: { description: 'take a thing from where you are; you can hold one', argument: 'thing', aliases: ['pick', 'pick_up'] },
  put: { description: 'put the thing you hold down where you are', argument: 'thing' },
  clean: { description: 'clean the thing you hold, at a place that cleans', argument: 'thing', aliases: ['wash'] },
  heat: { description: 'heat the thing you hold, at a place that heats', argument: 'thing' },
  cool: { description: 'cool the thing you hold, at a place that cools', argument: 'thing', aliases: ['chill'] },
  use: { description: 'light a lamp where you are', argument: 'place', aliases: ['light'] },
  examine: { description: 'examine the thing you hold', argument: 'thing' },
  look: { description: 'see again what is where you are', argument: null },
  inventory: { description: 'what you hold', argument: null },
}

/** As much as a name may be long; what is longer is no name. */
const MOST_CHARACTERS = 60

/** The tools of one episode in this room; the state is a plain value. */
export function householdKit(room: Room): Kit {
  const tool = ([name, { description, argument, aliases = [] }]: [ActionName, Row]): AgentTool<State> => {
    const run = (named: string, state: State): ReturnType<AgentTool<State>['run']> => {
      const { reached, ...happening } = ACTIONS[name](room, state, named)
      return { ...happening, ...(reached ? { ends: { answer: null } } : {}) }
    }
    const text = z.string().max(MOST_CHARACTERS)
    if (argument === null) return defineTool<State, object>({ name, description, aliases, arguments: z.strictObject({}), run: (_, { state }) => run('', state) })
    if (argument === 'place') return defineTool<State, { place: string }>({ name, description, aliases, arguments: z.strictObject({ place: text }), run: ({ place }, { state }) => run(place, state) })
    return defineTool<State, { thing: string }>({ name, description, aliases, arguments: z.strictObject({ thing: text }), run: ({ thing }, { state }) => run(thing, state) })
  }
  return openKit<State>({ tools: (Object.entries(ROWS) as [ActionName, Row][]).map(tool), start: startOf(room) })
}
