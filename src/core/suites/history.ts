// A conversation so far as the steps of its agent: what an expert is asked with, here and behind an endpoint.
import type { AgentStyleName } from '../../shared/records/episode.ts'
import type { Turn } from '../../shared/records/trajectory.ts'
import { STYLES } from '../agent/index.ts'
import type { PastStep } from './suite.ts'

/**
 * Every turn of the agent that has been answered, with its calls as the style reads them and all that was said until its next
 * turn. That may be several turns of the environment, or one of the user: endpoints know no other role, and join what follows
 * each other.
 */
export function pastSteps(turns: readonly Turn[], styleName: AgentStyleName): PastStep[] {
  const style = STYLES[styleName]
  const steps: { text: string; calls: PastStep['calls']; observations: string[] }[] = []
  for (const turn of turns) {
    if (turn.role === 'agent') {
      const calls = style.read(turn).calls.map(({ name, argument }) => ({ name, argument }))
      steps.push({ text: turn.text, calls, observations: [] })
    } else steps.at(-1)?.observations.push(...observationsOf(turn))
  }
  return steps.filter(({ observations }) => observations.length > 0)
}

const MARKER = /^Observation(?:[ \t]*\d+)?:[ \t]?\n?/

/** Without the marker in front; a user's message that holds several observations is divided at their markers. */
const observationsOf = ({ role, text }: Turn): string[] =>
  (role === 'user' ? text.split(/\n+(?=Observation:)/) : [text]).map((part) => part.replace(MARKER, ''))
