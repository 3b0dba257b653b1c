// Abstract: the task's numbers in a draft become parameters, at most three of them; the draft becomes a function with a name.
import type { BoxParameter } from '../../shared/contract/box.ts'
import type { Draft } from './draft.ts'
import { firstComment, type Literal, numberLiterals } from './literals.ts'

/** A function of a task's own numbers. `code` declares `function name(parameters)`. */
export type Abstracted = {
  readonly task: string
  readonly name: string
  readonly description: string
  readonly parameters: readonly BoxParameter[]
  readonly code: string
  /** Equal for drafts that differ in their constants alone. */
  readonly shape: string
}

const MOST_PARAMETERS = 3
const MOST_DESCRIPTION = 300

/** `own`: the numbers of the draft's question that are not those of all tasks. */
export function abstractDraft({ task, code }: Draft, own: readonly number[]): { tool: Abstracted } | { reason: string } {
  if (own.length === 0) return { reason: 'the task has no numbers of its own' }
  const window = windowOf(numberLiterals(code), own)
  if (!window) return { reason: "the task's numbers are no constants of the code" }
  const name = nameOf(code)
  const slots = slotsOf(window, own)
  // Up to three numbers are parameters of their own; more are one list.
  const listed = own.length > MOST_PARAMETERS
  const names = listed ? ['numbers'] : ['first', 'second', 'third'].slice(0, own.length)
  const parameters = listed
    ? [parameterOf('numbers', 'number[]', own.map((_, slot) => slot))]
    : names.map((parameter, slot) => parameterOf(parameter, 'number', [slot]))
  const free = names.map((parameter) => unusedName(parameter, code))
  let body = code
  for (const [place, { start, end }] of [...window.entries()].reverse()) {
    const slot = slots[place]!
    body = `${body.slice(0, start)}${listed ? `${free[0]}[${slot}]` : free[slot]}${body.slice(end)}`
  }
  const description = firstComment(code).slice(0, MOST_DESCRIPTION) || `Works out the answer from the ${listed ? 'numbers' : names.join(', ')} of the task.`
  return { tool: { task, name, description, parameters, code: wrapped({ name, parameters: free, body }), shape: body.replace(/\s+/g, ' ').replace(/\[\d+\]/g, '[]') } }
}

const parameterOf = (name: string, type: BoxParameter['type'], slots: number[]): BoxParameter => ({
  name, type, slots, description: type === 'number[]' ? `the ${slots.length} numbers of the task, in any order` : `number ${slots[0]! + 1} of the task`,
})

/** The first literals one after the other that are the task's numbers, in whatever order. */
function windowOf(literals: readonly Literal[], own: readonly number[]): readonly Literal[] | null {
  const sorted = (numbers: readonly number[]): string => [...numbers].sort((a, b) => a - b).join(' ')
  const wanted = sorted(own)
  for (let at = 0; at + own.length <= literals.length; at++) {
    const window = literals.slice(at, at + own.length)
    if (sorted(window.map(({ value }) => value)) === wanted) return window
  }
  return null
}

/** For each literal the number of the question that it is; equal numbers in order. */
function slotsOf(window: readonly Literal[], own: readonly number[]): number[] {
  const taken = new Set<number>()
  return window.map(({ value }) => {
    const slot = own.findIndex((number, index) => number === value && !taken.has(index))
    taken.add(slot)
    return slot
  })
}

/** The draft's statements as the body of a function; its `final_answer` gives the function's value, wherever it is called. */
const wrapped = ({ name, parameters, body }: { name: string; parameters: readonly string[]; body: string }): string => `function ${name}(${parameters.join(', ')}) {
  const handedIn = { value: undefined }
  const final_answer = (value) => { handedIn.value = value; throw handedIn }
  try {
${body.split('\n').map((line) => `    ${line}`).join('\n')}
  } catch (error) {
    if (error !== handedIn) throw error
  }
  return handedIn.value
}`

/** Of the function whose value is handed in, else of the first that is declared; as models like names: small letters and underscores. */
function nameOf(code: string): string {
  const [, handed] = /final_answer\s*\(\s*([\p{L}_$][\p{L}\p{N}_$]*)\s*\(/u.exec(code) ?? []
  const [, declared] = /\bfunction\s+([\p{L}_$][\p{L}\p{N}_$]*)/u.exec(code) ?? []
  const name = (handed ?? declared ?? 'solve').replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^[^a-z]+|_+$/g, '')
  return name.slice(0, 40) || 'solve'
}

function unusedName(name: string, code: string): string {
  let free = name
  // A constant of the draft may have the parameter's name; `var numbers = [numbers[0]]` would read itself.
  while (new RegExp(`(?<![\\p{L}\\p{N}_$])${free}(?![\\p{L}\\p{N}_$])`, 'u').test(code)) free = `${free}_`
  return free
}
