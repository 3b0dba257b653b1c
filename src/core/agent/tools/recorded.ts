// Recorded tools: each call is answered with what was once answered to the same tool and arguments.
import type { Tool } from '../../../shared/records/trajectory.ts'
import { canonicalJson } from '../../pipeline/trajectory/index.ts'
import { foreignTool, type Observation } from '../tool.ts'
import { type Kit, openKit } from '../toolKit.ts'

/** `arguments`: canonical JSON. */
export type Recording = { readonly name: string; readonly arguments: string; readonly observation: Observation }

/** How often each call has been answered. */
type Answered = Readonly<Record<string, number>>

/**
 * Tools with the names and schemas of `tools`. A call that was made several times is answered in the order of the recordings, the
 * last answer staying; one that was never recorded fails, saying so.
 */
export function recordedKit(tools: readonly Tool[], recordings: readonly Recording[]): Kit {
  const known = new Map<string, Observation[]>()
  for (const { name, arguments: json, observation } of recordings) {
    const key = keyOf(name, json)
    known.set(key, [...(known.get(key) ?? []), observation])
  }
  const rows = tools.map((tool) =>
    foreignTool<Answered>({
      tool,
      run(given, { state }) {
        const key = keyOf(tool.name, canonicalJson(given))
        const answers = known.get(key)
        if (!answers) return { status: 'failed', text: `Nothing is recorded for ${tool.name} with ${canonicalJson(given)}.` }
        const count = state[key] ?? 0
        return { ...answers[Math.min(count, answers.length - 1)]!, state: { ...state, [key]: count + 1 } }
      },
    }),
  )
  return openKit<Answered>({ tools: rows, start: {} })
}

const keyOf = (name: string, json: string): string => `${name} ${json}`
