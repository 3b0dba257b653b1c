// Options of commands that have a teacher's episodes made: who it is, how it is asked, and what it may cost.
import { resolve } from 'node:path'
import type { BatchRequest, OpenedBy } from '../engine/teaching/index.ts'
import { prefillSchema } from '../shared/records/prefill.ts'
import type { Budget, BudgetChange, FirstThought, Prices, RolloutTeacher } from '../shared/records/rollout.ts'
import type { CommandContext, OptionTable, Values } from './command.ts'
import { namesOf } from './names.ts'
import { usageError } from './parse.ts'

export const TEACHER_OPTIONS = {
  teacher: { kind: 'text', value: 'T', help: "expert (the suite's own script), the base URL of an endpoint, or a GGUF file", default: 'expert' },
  model: { kind: 'text', value: 'NAME', help: "the endpoint's model" },
  protocol: { kind: 'text', value: 'NAME', help: 'what the endpoint speaks', choices: ['openai-compatible', 'anthropic'], default: 'openai-compatible' },
  'key-env': { kind: 'text', value: 'NAME', help: 'environment variable that holds its key (default: no key)' },
  prefill: { kind: 'text', value: 'HOW', help: 'how it continues a message: none, message (llama.cpp, Anthropic), flag (vLLM, SGLang), mark (Mistral, DeepSeek) (default: none; anthropic: message)', choices: prefillSchema.options },
  concurrency: { kind: 'int', value: 'N', help: 'episodes of the teacher at a time (default: 4)', min: 1, max: 64 },
  rpm: { kind: 'number', value: 'N', help: 'requests a minute at most (default: no limit)', min: 0.01 },
  tpm: { kind: 'number', value: 'N', help: 'tokens a minute at most (default: no limit)', min: 1 },
  tries: { kind: 'int', value: 'N', help: 'how often a request is made at most (default: 6)', min: 1, max: 20 },
  patience: { kind: 'number', value: 'X', help: 'seconds without a sign of an answer (default: 120)', min: 0.1 },
  'price-in': { kind: 'number', value: 'X', help: 'price of a million tokens that are read', min: 0 },
  'price-out': { kind: 'number', value: 'X', help: 'price of a million tokens that are written', min: 0 },
  budget: { kind: 'number', value: 'X', help: 'what it may cost at most; it stops before', min: 0 },
  'budget-tokens': { kind: 'int', value: 'N', help: 'tokens, read and written, at most; it stops before', min: 1 },
} as const satisfies OptionTable

/** Of what is gone on with: they decide no answer, or have to be named again. */
export const TEACHER_AGAIN = ['key-env', 'concurrency', 'rpm', 'tpm', 'tries', 'patience', 'budget', 'budget-tokens'] as const satisfies readonly (keyof typeof TEACHER_OPTIONS)[]

export type TeacherOptions = Values<typeof TEACHER_OPTIONS>

/** For a command whose requests follow one another and continue nothing. */
const { concurrency: _, prefill: __, ...rest } = TEACHER_OPTIONS
export const LONE_TEACHER_OPTIONS = rest

/** Of a command that may not have them all. */
type Whom = Pick<TeacherOptions, 'teacher' | 'protocol'> & { readonly [Name in (typeof OF_ENDPOINT)[number]]?: TeacherOptions[Name] }

const OF_ENDPOINT = ['model', 'key-env', 'prefill', 'price-in', 'price-out', 'rpm', 'tpm'] as const

/** The row of what begins with the teacher's own chain of thought. */
export const thoughtOf = (text: string): FirstThought => (text === 'off' || text === 'all' ? text : namesOf(text))

const isUrl = (teacher: string): boolean => /^https?:\/\//.test(teacher)

/** Throws the usage error for options of an endpoint where the teacher is none. */
export function refuseIdle(options: Whom, command: string): void {
  const { teacher } = options
  const idle = OF_ENDPOINT.filter((name) => options[name] !== undefined).map((name) => `--${name}`).join(', ')
  if (!isUrl(teacher) && idle !== '') throw unclear(command, `${idle} with --teacher ${teacher}`, '--teacher URL with it')
}

const unclear = (command: string, found: string, expected: string): Error =>
  usageError({ message: 'who the teacher is must be clear', where: `retort ${command}`, found, expected })

/** Who is named, with the key of the environment. Throws the usage error for options that do not belong together. */
export async function openedTeacher(options: Whom, { engine, cwd }: CommandContext, command: string): Promise<OpenedBy> {
  const { teacher, model, prefill } = options
  refuseIdle(options, command)
  if (teacher === 'expert') return { type: 'expert', settings: {} }
  if (!isUrl(teacher)) return { type: 'local', path: engine.findStudent(resolve(cwd, teacher)).path }
  if (model === undefined) throw unclear(command, '--teacher URL without --model', '--model NAME with it')
  return { type: 'endpoint', endpoint: await engine.namedEndpoint({ url: teacher, keyVariable: options['key-env'], kind: options.protocol, ...(prefill === undefined ? {} : { prefill }) }), model }
}

/** The teacher that a project keeps, with the key that the environment has now. */
export async function teacherAgain(kept: RolloutTeacher, options: Pick<TeacherOptions, 'key-env'>, { engine }: CommandContext): Promise<OpenedBy> {
  if (kept.type !== 'endpoint') return kept.type === 'expert' ? kept : { type: 'local', path: engine.findStudent(kept.path).path }
  const { baseUrl: url, kind, prefill, model } = kept
  const endpoint = await engine.namedEndpoint({ url, keyVariable: options['key-env'], kind, ...(prefill === undefined ? {} : { prefill }) })
  return { type: 'endpoint', endpoint: { ...endpoint, name: kept.name }, model }
}

/** Throws the usage error for half of them. */
export function pricesOf({ 'price-in': input, 'price-out': output }: Pick<TeacherOptions, 'price-in' | 'price-out'>, command: string): Prices | null {
  if (input === undefined && output === undefined) return null
  if (input !== undefined && output !== undefined) return { input, output }
  throw usageError({ message: 'prices are known whole or not at all', where: `retort ${command}`, found: `--price-${input === undefined ? 'out' : 'in'} alone`, expected: '--price-in and --price-out' })
}

export const budgetOf = (options: Pick<TeacherOptions, 'budget' | 'budget-tokens'>, command: string): Budget => ({ cost: costLimit(options.budget, command) ?? null, tokens: options['budget-tokens'] ?? null })

/** Of what is gone on with: what is not named stays; undefined: all of it. */
export function newBudget(options: Pick<TeacherOptions, 'budget' | 'budget-tokens'>, command: string): BudgetChange | undefined {
  const [cost, tokens] = [costLimit(options.budget, command), options['budget-tokens']]
  return cost === undefined && tokens === undefined ? undefined : { ...(cost === undefined ? {} : { cost }), ...(tokens === undefined ? {} : { tokens }) }
}

/** Nothing can be asked for nothing: throws the usage error for 0. */
function costLimit(budget: number | undefined, command: string): number | undefined {
  if (budget !== 0) return budget
  throw usageError({ message: 'a budget of 0 allows no request', where: `retort ${command} --budget`, found: '0', expected: 'more than 0; without --budget there is no limit' })
}

export const trafficOf = ({ concurrency, tries, patience, rpm, tpm }: { readonly [Name in 'concurrency' | 'tries' | 'patience' | 'rpm' | 'tpm']?: number | undefined }): BatchRequest['traffic'] =>
  ({ concurrency, tries, patience, requestsPerMinute: rpm, tokensPerMinute: tpm })
