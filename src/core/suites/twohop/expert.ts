// The expert: searches, reads, looks further down where the beginning does not say it, and answers. It knows what it has read.
import { shuffled } from '../../random.ts'
import { expertRandom, pick, shownSettings } from '../seeds.ts'
import type { Expert, ExpertMove, ExpertOptions, PastStep } from '../suite.ts'
import type { Attribute } from './kinds.ts'
import { articleOn, type Knowledge, NOTHING_READ, read, valueIn } from './knowledge.ts'
import { answerOf, type Need, type Plan } from './question.ts'
import { call, drawSlip, type Slip } from './slips.ts'
import { back, ends, fact, first, furtherDown, next, otherThing, otherWord, phrase, readFact } from './thoughts.ts'

/** What has been read, in the order of the plan, and the first thing that has not. */
type Progress = { readonly values: readonly string[]; readonly forms: readonly string[]; readonly need: Need | null }

type Memory = {
  readonly known: Knowledge
  /** How often each name has been searched for. */
  readonly searches: ReadonlyMap<string, number>
  /** `mending`: it has just been made, for the thing of this name. */
  readonly slip: 'ahead' | 'over' | { readonly mending: string }
  /** Values that have been spoken of. */
  readonly told: number
}

type ExpertSeed = { readonly seed: number; readonly options?: ExpertOptions | undefined }

/** It goes through the steps as its own: what it has done before follows from what it saw. */
export function twohopExpert(task: string, plan: Plan, { seed, options = {} }: ExpertSeed): Expert {
  const shown = shownSettings(task, seed, options)
  const slip = shown.recovery ? drawSlip(plan, expertRandom(task, seed, 'slip')) : null
  const keysOf = ({ keys, kind, name }: Attribute): string[] => shuffled(keys, expertRandom(task, seed, `${kind} ${name}`))
  return {
    next(steps: readonly PastStep[]): ExpertMove {
      let memory: Memory = { known: NOTHING_READ, searches: new Map(), slip: slip ? 'ahead' : 'over', told: 0 }
      for (const step of steps) {
        const progress = progressOf(plan, memory.known)
        const slips = slipsNow(slip, memory, progress)
        const searched = !slips && progress.need && step.calls.some(({ name }) => name === 'search') ? progress.need.name : null
        memory = {
          known: read(memory.known, step),
          searches: searched === null ? memory.searches : new Map(memory.searches).set(searched, (memory.searches.get(searched) ?? 0) + 1),
          slip: slips ? { mending: progress.need!.name } : memory.slip === 'ahead' ? 'ahead' : 'over',
          told: progress.values.length,
        }
      }
      return decide(memory, steps.length)
    },
  }

  function decide(memory: Memory, step: number): ExpertMove {
    const random = expertRandom(task, seed, `step ${step}`)
    const { known, searches } = memory
    const progress = progressOf(plan, known)
    const { values, forms, need } = progress
    const news = values.slice(memory.told).map((value, late) => {
      const at = memory.told + late
      const { name, attribute } = needOf(plan, values, at)
      return readFact(fact(attribute, { name, value, form: forms[at]! }, random), random)
    })
    const spoken = (...rest: readonly string[]): string => [...news, ...rest].join(' ')
    if (need === null) {
      const answer = plan.type === 'bridge' ? values[1]! : answerOf(plan, [values[0]!, values[1]!])
      return { thought: spoken(ends(answer, random)), answer }
    }
    const { name, attribute } = need
    const part = phrase(attribute, name)
    if (slip && slipsNow(slip, memory, progress)) {
      const { thought, made } = slip.make(need, random)
      const opening = step === 0 ? first(plan, { restate: shown.restate, part, name, random }) : thought
      return { thought: spoken(opening), calls: [made], mistake: true }
    }
    const isMending = typeof memory.slip === 'object' && memory.slip.mending === name
    const mended = isMending ? [pick(slip!.mended(need), random)] : []
    const title = articleOn(name, attribute.kind, known)
    if (title === null) {
      const tries = searches.get(name) ?? 0
      const query = [name, `${name} (${attribute.kind})`, `${attribute.kind} ${name}`][tries]
      if (query === undefined) return givenUp(part)
      const why = mended.length > 0 ? mended
        : tries > 0 ? [otherThing(name, attribute.kind, random)]
        : [values.length === 0 ? first(plan, { restate: shown.restate, part, name, random }) : next(part, random)]
      return { thought: spoken(...why), calls: [search(query)] }
    }
    if (known.open !== title) return { thought: spoken(...mended, back(name, random)), calls: [search(title)] }
    const key = keysOf(attribute)[known.lookups]
    if (key === undefined) return givenUp(part)
    const why = mended.length > 0 ? mended : [known.lookups > 0 ? otherWord(key, random) : furtherDown(part, key, random)]
    return { thought: spoken(...why), calls: [lookup(key)] }
  }
}

/** Where the encyclopaedia, as far as it can be read, does not say it. */
const givenUp = (part: string): ExpertMove => ({ thought: `I cannot find ${part}.`, answer: 'unknown' })

const search = (query: string): ReturnType<typeof call> => call('search', { query })
const lookup = (keyword: string): ReturnType<typeof call> => call('lookup', { keyword })

const slipsNow = (slip: Slip | null, { slip: state, known, searches }: Memory, { values, need }: Progress): boolean =>
  slip !== null && state === 'ahead' && need !== null && values.length === slip.after && !searches.has(need.name) && articleOn(need.name, need.attribute.kind, known) === null

/** Number `at` of what the plan needs, given the values before it. */
function needOf(plan: Plan, values: readonly string[], at: number): Need {
  if (plan.type === 'compare') return { name: plan.names[at]!, attribute: plan.of }
  return at === 0 ? { name: plan.head, attribute: plan.hop } : { name: values[0]!, attribute: plan.ask }
}

function progressOf(plan: Plan, known: Knowledge): Progress {
  const values: string[] = []
  const forms: string[] = []
  while (values.length < 2) {
    const need = needOf(plan, values, values.length)
    const title = articleOn(need.name, need.attribute.kind, known)
    const found = title === null ? null : valueIn(title, need.attribute, known)
    if (found === null) return { values, forms, need }
    values.push(found.value)
    forms.push(found.form)
  }
  return { values, forms, need: null }
}
