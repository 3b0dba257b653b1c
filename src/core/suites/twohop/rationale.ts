// A question answered from what is known, in words without tools.
import type { Random } from '../../random.ts'
import { pick } from '../seeds.ts'
import { answerOf, type Plan, thingOf } from './question.ts'
import { ends, fact } from './thoughts.ts'
import { type Half, written } from './world.ts'

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1)
/** The first word of a sentence that is no name. */
const inner = (text: string): string => text.replace(/^(?:The|About|Through|From|At) /, (word) => word.toLowerCase())

const THEN: readonly ((text: string) => string)[] = [capital, (text) => `Next, ${inner(text)}`, (text) => `And ${inner(text)}`, (text) => `Further, ${inner(text)}`]

export function rationaleOf(plan: Plan, half: Half, random: Random): string {
  const value = (name: string, { kind, name: attribute }: { kind: Parameters<typeof thingOf>[1]; name: string }): string =>
    written(thingOf(half, kind, name).facts[attribute]!, attribute)
  const facts = (plan.type === 'compare' ? plan.names.map((name) => ({ name, of: plan.of })) : [
    { name: plan.head, of: plan.hop },
    { name: value(plan.head, plan.hop), of: plan.ask },
  ]).map(({ name, of }) => ({ value: value(name, of), text: fact(of, { name, value: value(name, of) }, random) }))
  const [first, second] = [facts[0]!, facts[1]!]
  const answer = plan.type === 'compare' ? answerOf(plan, [first.value, second.value]) : second.value
  return `${capital(first.text)}. ${pick(THEN, random)(second.text)}. ${ends(answer, random)}\nAnswer: ${answer}`
}
